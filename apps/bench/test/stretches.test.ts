/** Runs that are resumed elsewhere: each figure with its own machine, and what must not differ. */

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type RunRecord } from '@fashion-bench/report';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { removeLeftovers } from '../src/output/leftovers.ts';
import type { Services } from '../src/run/services.ts';
import { realServices } from '../src/services.ts';
import {
  bench,
  fakeIo,
  fakeServices,
  type Outcome,
  recordIn,
  SMALL,
  systemError,
  temporaryFolder,
} from './fakes.ts';

const cores = vi.hoisted(() => ({ available: undefined as number | undefined }));
vi.mock('node:os', async (original) => {
  const os = await original<typeof import('node:os')>();
  return { ...os, availableParallelism: () => cores.available ?? os.availableParallelism() };
});
beforeEach(() => {
  cores.available = undefined;
});

const TINY = ['--synthetic', '--train-limit', '40', '--test-limit', '20'];
const folder = (): string => join(temporaryFolder(), 'run');

/** A run that was interrupted on another machine, as far as its record tells. */
async function movedRun(argv: readonly string[]): Promise<{ out: string; there: RunRecord }> {
  const out = folder();
  const io = fakeIo();
  const stop = {
    write: (text: string) => {
      io.stderr.write(text);
      if (text.includes('Epoch 1 of')) io.stop('SIGTERM');
    },
  };
  expect((await bench([...argv, '--out', out], realServices, { ...io, stderr: stop })).code).toBe(
    143,
  );
  const record = recordIn(out);
  const there: RunRecord = {
    ...record,
    machine: { ...record.machine, cpuModel: 'Another CPU' },
    run: {
      ...record.run,
      ...{ nodeVersion: '20.0.0', gitCommit: 'a'.repeat(40), gitDirty: false },
      ...{ peakMemoryBytes: 2 ** 40, wallSeconds: 1000 },
    },
  };
  writeFileSync(join(out, 'record.json'), JSON.stringify(there));
  return { out, there };
}

describe('a run that is resumed elsewhere', () => {
  // An epoch begins when this thread has made its images: the thread that trains is not ahead when it hears of the signal.
  const argv = ['cnn', ...TINY, '--batch-size', '20', '--epochs', '3', '--augment', 'epoch'];

  it('keeps machine, program and memory of every stretch, and says which figures are whose', async () => {
    const { out, there } = await movedRun(argv);
    expect((await bench(['cnn', '--resume', out, '--checkpoint-every', '2'])).code).toBe(0);
    const here = recordIn(out);
    expect(here.machine).toEqual(there.machine);
    expect(here.run).toMatchObject({
      ...{ nodeVersion: '20.0.0', gitCommit: there.run.gitCommit, gitDirty: false },
      ...{ startedAt: there.run.startedAt, command: there.run.command, options: there.run.options },
      peakMemoryBytes: 2 ** 40,
    });
    const [first, second] = here.stretches ?? [];
    expect(here.stretches).toHaveLength(2);
    expect(first).toMatchObject({
      machine: there.machine,
      nodeVersion: '20.0.0',
      wallSeconds: 1000,
    });
    expect(second).toMatchObject({
      ...{ nodeVersion: process.versions.node, options: { 'checkpoint-every': 2 } },
      command: `pnpm bench cnn --resume ${out} --checkpoint-every 2`,
    });
    expect(second?.machine.cpuModel).not.toBe('Another CPU');
    expect(second?.peakMemoryBytes).toBeLessThan(2 ** 40);
    expect(here.run.wallSeconds).toBeCloseTo(1000 + (second?.wallSeconds ?? NaN), 9);
    const stretches = here.cnn[0]?.epochs.map(({ stretch = 1 }) => stretch) ?? [];
    expect(stretches[0]).toBe(1);
    expect(stretches.at(-1)).toBe(2);
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    expect(report).toContain('PARTS DIFFER');
    expect(report).toMatch(/Node \(20\.0\.0, then /);
    expect(report).toMatch(/\| *2 \|.*\| epochs? .*3 of CNN/);
  });

  it('goes on with as many threads as it was begun with, whatever the cores here', async () => {
    const whole = folder();
    expect((await bench([...argv, '--out', whole])).code).toBe(0);
    const { out } = await movedRun(argv);
    const { availableCores } = recordIn(out).machine;
    cores.available = availableCores + 1;
    const wrong = await bench(['cnn', '--resume', out, '--threads', String(availableCores + 1)]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain(`--threads is ${availableCores} in `);
    const right = await bench(['cnn', '--resume', out, '--threads', String(availableCores)]);
    expect(right.code).toBe(0);
    expect(right.err).toContain(`Going on with ${availableCores} threads`);
    expect(recordIn(out).cnn[0]?.weightsSha256).toBe(recordIn(whole).cnn[0]?.weightsSha256);
    expect(recordIn(out).cnn[0]?.threads).toBe(availableCores);
  });

  it('`--engine auto` stays the engine that it came to', async () => {
    const { out } = await movedRun(argv);
    const asked: string[] = [];
    const services: Services = {
      ...realServices,
      resolveEngine: (id, options) => {
        asked.push(id);
        return realServices.resolveEngine(id, options);
      },
    };
    const other = await bench(['cnn', '--resume', out, '--engine', 'reference']);
    expect(other.err).toContain('--engine is auto in ');
    const { code } = await bench(['cnn', '--resume', out, '--engine', 'onnx-cpu'], services);
    expect({ code, asked }).toEqual({ code: 0, asked: ['onnx-cpu'] });
  });
});

describe('--resume', () => {
  const stopped: Services = fakeServices({
    parts: { ...fakeServices().parts, knn: () => Promise.reject(new Error('broken')) },
  });

  /** Interrupted before its first figure; the record is that of a part before. */
  async function interruptedRun(services = stopped): Promise<string> {
    const out = folder();
    const io = fakeIo();
    const cnn: Services['parts']['cnn'] = async () => {
      io.stop('SIGTERM');
      await Promise.resolve();
      throw new Error('stopped');
    };
    const parts = { ...fakeServices().parts, cnn };
    expect((await bench([...SMALL, '--out', out], { ...services, parts }, io)).code).toBe(143);
    return out;
  }

  it('takes the same images however they are packed, and no others', async () => {
    const packed = fakeServices();
    const out = await interruptedRun(packed);
    const loading = (change: Partial<Awaited<ReturnType<Services['loadImages']>>>): Services => ({
      ...packed,
      loadImages: async (...given) => ({ ...(await packed.loadImages(...given)), ...change }),
    });
    const other = { train: 'a'.repeat(64), test: 'b'.repeat(64) };
    const refused = await bench(['--resume', out], loading({ contentSha256: other }));
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('The data set is not that of ');
    expect((await bench(['--resume', out], loading({ sha256: other }))).code).toBe(0);
  });

  it('belongs to the part that was begun', async () => {
    const out = await interruptedRun(fakeServices());
    const wrong = await bench(['knn', '--resume', out], fakeServices());
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain(
      `a run of all parts, not of knn: write pnpm bench --resume ${out}.`,
    );
    expect((await bench(['report', '--resume', out], fakeServices())).err).toBe(
      '--resume belongs to knn, cnn, kernels and a run of all parts, not to report: leave it out.\n',
    );
  });

  it.each(['ENOSPC', 'EACCES', 'EIO'])(
    'a folder that fails by %s: no advice of --out',
    async (code) => {
      const out = await interruptedRun(fakeServices());
      const files = { openFile: () => Promise.reject(systemError(code)) };
      const outcome = await bench(['--resume', out], { ...fakeServices(), files });
      expect(outcome).toMatchObject({ code: 1, out: '' });
      expect(outcome.err).toContain("copy the run's folder to another place and resume it there.");
      expect(outcome.err).not.toContain('--out');
    },
  );

  it('a folder in which another run is at work: no advice of --out', async () => {
    const out = await interruptedRun(fakeServices());
    let second: Outcome | undefined;
    const knn: Services['parts']['knn'] = async () => {
      second = await bench(['--resume', out], fakeServices());
    };
    const services = fakeServices({ parts: { ...fakeServices().parts, knn } });
    expect((await bench(['--resume', out], services)).code).toBe(0);
    expect(second?.err).toMatch(
      /^Another run is at work in .*, or resume a copy of the folder\.\n$/,
    );
  });
});

describe('what a killed process left half-written', () => {
  const OWN = [
    ...['record.json', 'predictions.json', 'report.md', 'report.html', 'model.h5', 'model.onnx'],
    'model-seed43.h5',
  ].map((name) => `${name}.4711.0a1b2c3d.tmp`);
  const OTHERS = [
    ...['thesis.tex.4711.0a1b2c3d.tmp', 'record.json.tmp', 'record.json.backup.4711.0a1b2c3d.tmp'],
    ...['my-record.json.4711.0a1b2c3d.tmp', 'record.json.4711.xyz.tmp', 'model.h5'],
  ];

  it('goes when the run is resumed, and nothing else does', async () => {
    const out = temporaryFolder();
    for (const name of [...OWN, ...OTHERS]) writeFileSync(join(out, name), '');
    mkdirSync(join(out, 'figures'));
    for (const name of ['k-curve.svg.4711.0a1b2c3d.tmp', 'k-curve.svg', 'a.4711.0a1b2c3d.tmp'])
      writeFileSync(join(out, 'figures', name), '');
    mkdirSync(join(out, 'record.json.1.0a1b2c3d.tmp'));
    symlinkSync(join(out, 'model.h5'), join(out, 'record.json.2.0a1b2c3d.tmp'));
    await removeLeftovers(out);
    const kept = ['record.json.1.0a1b2c3d.tmp', 'record.json.2.0a1b2c3d.tmp'];
    expect(readdirSync(out).sort()).toEqual([...OTHERS, ...kept, 'figures'].sort());
    expect(readdirSync(join(out, 'figures')).sort()).toEqual([
      'a.4711.0a1b2c3d.tmp',
      'k-curve.svg',
    ]);
  });

  it('in a run: removed by --resume, left in a complete one', async () => {
    const out = folder();
    const io = fakeIo();
    const cnn: Services['parts']['cnn'] = () => {
      io.stop('SIGTERM');
      return Promise.reject(new Error('stopped'));
    };
    const services = fakeServices({ parts: { ...fakeServices().parts, cnn } });
    await bench([...SMALL, '--out', out], services, io);
    const [leftover = ''] = OWN;
    writeFileSync(join(out, leftover), 'half');
    expect((await bench(['--resume', out], fakeServices())).code).toBe(0);
    expect(readdirSync(out)).not.toContain(leftover);
    writeFileSync(join(out, leftover), 'half');
    expect((await bench(['--resume', out], fakeServices())).err).toContain('is complete');
    expect(readdirSync(out)).toContain(leftover);
  });
});
