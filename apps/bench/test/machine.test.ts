import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { syntheticFashion } from '@fashion-bench/dataset';
import { describe, expect, it, vi } from 'vitest';

import { commandOf } from '../src/cli.ts';
import { readSettings } from '../src/command-line/settings.ts';
import { cutToLimits } from '../src/data/data.ts';
import { newRunId } from '../src/output/folders.ts';
import { repetitionsWithin, sampleSeconds, spreadOf } from '../src/parts/measure.ts';
import { machineInfo, parseCpuInfo, peakMemoryBytes } from '../src/process/machine.ts';
import { gitState, portablePath, repositoryRoot } from '../src/process/repository.ts';
import { temporaryFolder } from './fakes.ts';

const block = (processor: number, core: number): string =>
  `processor\t: ${processor}\nphysical id\t: 0\ncore id\t\t: ${core}\nflags\t\t: fpu sse4_2 avx2 avx512_vnni\n`;

describe('machine', () => {
  it('counts physical cores and picks the instruction sets that matter', () => {
    const text = [block(0, 0), block(1, 1), block(2, 0), block(3, 1)].join('\n');
    expect(parseCpuInfo(text)).toEqual({
      physicalCores: 2,
      features: ['sse4_2', 'avx2', 'avx512_vnni'],
    });
    expect(parseCpuInfo('processor : 0\nFeatures : fp asimd asimddp\n')).toEqual({
      physicalCores: null,
      features: ['asimd', 'asimddp'],
    });
    expect(parseCpuInfo('')).toEqual({ physicalCores: null, features: [] });
  });

  it('describes this one within its bounds', () => {
    const info = machineInfo();
    expect(info.availableCores).toBeLessThanOrEqual(info.logicalCores);
    expect(info.memoryBytes).toBeGreaterThan(peakMemoryBytes());
    expect(info.cpuModel).not.toBe('');
    expect(info.gpu).toBeNull();
  });

  it('has the GPU that an engine computes on, with its driver; one that a driver imitates is none', () => {
    const engine = {
      id: 'onnx-webgpu',
      library: 'onnxruntime-node',
      version: '1.30.0',
      device: 'NVIDIA H100',
      driver: 'libGLX_nvidia.so.0, NVIDIA 550.54',
      caveats: [],
    } as const;
    const on = (gpu: boolean): ReturnType<typeof machineInfo>['gpu'] =>
      machineInfo([{ state: 'available', engine: { ...engine, gpu } }]).gpu;
    expect(on(true)).toEqual({ name: engine.device, driver: engine.driver, memoryBytes: null });
    expect(on(false)).toBeNull();
  });
});

describe('repository', () => {
  it('is found upwards, or not at all', () => {
    expect(repositoryRoot()).toBe(join(import.meta.dirname, '..', '..', '..'));
    expect(() => repositoryRoot(temporaryFolder())).toThrow(
      /^No pnpm-workspace\.yaml was found above/,
    );
  });

  it('outside a checkout has no commit', async () => {
    expect(await gitState(temporaryFolder())).toEqual({ commit: null, dirty: null });
    const packed = temporaryFolder();
    writeFileSync(join(packed, 'commit.json'), '{"commit":"abc","dirty":false}');
    expect(await gitState(packed)).toEqual({ commit: 'abc', dirty: false });
  });

  it("has its own commit, and not that of a repository around it or in git's environment", async () => {
    const around = temporaryFolder();
    const git = (cwd: string, ...words: string[]): string => {
      const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
      return execFileSync('git', [...who, ...words], { cwd, encoding: 'utf8' }).trim();
    };
    const commitIn = (folder: string, text: string): string => {
      mkdirSync(folder, { recursive: true });
      git(folder, 'init', '--quiet');
      writeFileSync(join(folder, 'file'), text);
      git(folder, 'add', 'file');
      git(folder, 'commit', '--quiet', '--message', text);
      return git(folder, 'rev-parse', 'HEAD');
    };
    const other = commitIn(around, 'other');
    const unpacked = join(around, 'unpacked');
    mkdirSync(unpacked);
    expect(await gitState(unpacked)).toEqual({ commit: null, dirty: null });
    expect(await gitState(around)).toEqual({ commit: other, dirty: false });
    const own = commitIn(unpacked, 'own');
    for (const [name, value] of [
      ['GIT_DIR', join(around, '.git')],
      ['GIT_WORK_TREE', around],
      ['GIT_INDEX_FILE', join(around, '.git', 'index')],
      ['GIT_OBJECT_DIRECTORY', join(around, '.git', 'objects')],
      ['GIT_CONFIG_PARAMETERS', `'core.worktree=${around}'`],
    ] as const) {
      vi.stubEnv(name, value);
      expect(await gitState(unpacked), name).toEqual({ commit: own, dirty: false });
      vi.unstubAllEnvs();
    }
    const link = join(temporaryFolder(), 'link');
    symlinkSync(unpacked, link);
    writeFileSync(join(unpacked, 'file'), 'changed');
    expect(await gitState(link)).toEqual({ commit: own, dirty: true });
  });

  it('paths do not tell how a disk is laid out', () => {
    const root = '/a/repo';
    for (const [path, words] of [
      ['/a/repo/data', 'data'],
      ['/a/repo/..data', '..data'],
      ['/a/shared/data', '../shared/data'],
      ['/home/me/.cache/x', '~/.cache/x'],
      ['/home/me', '~'],
      ['/home/medium/x', '/home/medium/x'],
      ['/mnt/home/me/x', '/mnt/home/me/x'],
      ['/mnt/disk/x', '/mnt/disk/x'],
      ['/a/repo', '.'],
      ['https://host/home/me/x', 'https://host/home/me/x'],
      ['generated, seed 42', 'generated, seed 42'],
    ] as const) {
      expect(portablePath(path, root, '/home/me')).toBe(words);
    }
    for (const home of ['', '/', 'me']) {
      expect(portablePath('/mnt/disk/x', root, home)).toBe('/mnt/disk/x');
    }
    expect(portablePath('/home/me/x', '/home/repo', '/home/me')).toBe('~/x');
    expect(portablePath('/home/me/x', '/home/me/code/repo', '/home/me')).toBe('~/x');
    expect(portablePath('/home/me/code/x', '/home/me/code/repo', '/home/me')).toBe('../x');
    expect(portablePath('/home/me/x', '/repo', '')).toBe('/home/me/x');
  });

  it('nor does where downloads are kept, or a Python', () => {
    const settings = readSettings({});
    vi.stubEnv('HOME', '/home/me');
    const sourceOf = (source: string): string =>
      cutToLimits(
        { ...syntheticFashion({ seed: 1, train: 10, test: 10 }), source },
        settings,
        '/a/b',
      ).info.source;
    expect(sourceOf('https://host/home/me/x/, http://b/ (kept in /home/me/.cache/x)')).toBe(
      'https://host/home/me/x/, http://b/ (kept in ~/.cache/x)',
    );
    expect(sourceOf('/mnt/home/me/x (kept in /home/me/y)')).toBe(
      '/mnt/home/me/x (kept in /home/me/y)',
    );
    vi.unstubAllEnvs();
    const python = '/usr/bin/python3';
    expect(commandOf(['peers', 'knn', '--python', python, '--out', `${python}-laps`])).toBe(
      `pnpm bench peers knn --python <python> --out ${python}-laps`,
    );
    expect(commandOf(['peers', 'knn', "--python=/it's/python"])).toBe(
      'pnpm bench peers knn --python=<python>',
    );
    expect(commandOf(['peers', 'knn', '--python', 'python3'])).toBe(
      'pnpm bench peers knn --python python3',
    );
  });

  it('run ids sort by time and differ within one second', () => {
    const at = new Date('2026-01-31T09:30:05.123Z');
    expect(newRunId('knn', at)).toMatch(/^20260131-093005-knn-[0-9a-f]{6}$/);
    expect(newRunId('knn', at)).not.toBe(newRunId('knn', at));
  });
});

describe('measuring', () => {
  it('calls as often as asked, and keeps the timed calls in their order', async () => {
    let calls = 0;
    const seconds = await sampleSeconds(
      async () => {
        // The third call, the first timed one, is by far the slowest: sorted samples would end with it.
        if (++calls === 3) await new Promise((resolve) => setTimeout(resolve, 100));
      },
      { repetitions: { least: 4, most: 4, seconds: 0 }, warmups: 2 },
    );
    expect(calls).toBe(6);
    expect(seconds).toHaveLength(4);
    expect(seconds[0]).toBe(Math.max(...seconds));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
  });

  it('repeats short work more often, as long as the time allows', () => {
    const plan = { least: 5, most: 20, seconds: 10 };
    expect(
      [0.01, 0.55, 1.3, 60, 0, Number.NaN].map((once) => repetitionsWithin(plan, once)),
    ).toEqual([20, 18, 7, 5, 5, 5]);
  });

  it('hands on errors and stops', async () => {
    const fail = (): never => {
      throw new Error('kernel broke');
    };
    const sampling = { repetitions: { least: 2, most: 2, seconds: 0 }, warmups: 0 };
    await expect(sampleSeconds(fail, sampling)).rejects.toThrow('kernel broke');
    const stop = new AbortController();
    const run = sampleSeconds(
      () => {
        stop.abort(new Error('stopped'));
      },
      { ...sampling, signal: stop.signal },
    );
    await expect(run).rejects.toThrow('stopped');
  });

  it('has the statistics of hand-computed samples', () => {
    // Mean 3, squared deviations 4 + 1 + 0 + 1 + 4 = 10, over n - 1 = 4: sd = sqrt(2.5).
    const spread = spreadOf([5, 1, 3, 2, 4]);
    expect(spread).toEqual({
      ...{ n: 5, medianSeconds: 3, meanSeconds: 3, sdSeconds: Math.sqrt(2.5) },
      ...{ p25Seconds: 2, p75Seconds: 4, minSeconds: 1, maxSeconds: 5 },
    });
    expect(spreadOf([2])).toMatchObject({ n: 1, medianSeconds: 2, sdSeconds: 0 });
  });
});
