import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { newRunId } from '../src/folders.ts';
import { machineInfo, parseCpuInfo, peakMemoryBytes } from '../src/machine.ts';
import { sampleSeconds, spreadOf } from '../src/measure.ts';
import { gitState, portablePath, repositoryRoot } from '../src/repository.ts';
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

  it('paths do not tell how a disk is laid out', () => {
    const cases: [string, string][] = [
      ['/a/repo/data', 'data'],
      ['/a/shared/data', '../shared/data'],
      ['/home/me/.cache/x', '~/.cache/x'],
      ['https://host/ (kept in /home/me/.cache/x)', 'https://host/ (kept in ~/.cache/x)'],
      ['/mnt/disk/x', '/mnt/disk/x'],
      ['/a/repo', '.'],
      ['generated, seed 42', 'generated, seed 42'],
    ];
    for (const [path, words] of cases)
      expect(portablePath(path, '/a/repo', '/home/me')).toBe(words);
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
      { iterations: 4, warmups: 2 },
    );
    expect(calls).toBe(6);
    expect(seconds).toHaveLength(4);
    expect(seconds[0]).toBe(Math.max(...seconds));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
  });

  it('hands on errors and stops', async () => {
    const fail = (): never => {
      throw new Error('kernel broke');
    };
    const sampling = { iterations: 2, warmups: 0 };
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
