/** Whatever a run was doing when it was interrupted: resumed, it is complete only when everything is there. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parsePredictions } from '@fashion-bench/report';
import { describe, expect, it, vi } from 'vitest';

import { nodeFiles } from '../src/output/files.ts';
import type { Services } from '../src/run/services.ts';
import { realServices } from '../src/services.ts';
import {
  bench,
  fakeIo,
  fakeServices,
  type Outcome,
  recordIn,
  systemError,
  temporaryFolder,
} from './fakes.ts';

// Most of the time of so many runs; what it writes is no part of what must be there.
vi.mock('../src/output/report-files.ts', () => ({
  writeReport: () => Promise.resolve('report.md'),
}));

// Several threads that wait for each other take more of the processor than so few images.
const TINY = ['--synthetic', '--train-limit', '40', '--test-limit', '20', '--threads', '1'];
const ONE_EPOCH = ['--batch-size', '20', '--epochs', '1', '--augment', 'none'];
const folder = (): string => join(temporaryFolder(), 'run');

/** What a run has, without times: the settings of every figure, every prediction, every file. */
function contentOf(out: string): unknown {
  const { run, knn, kernels, cnn } = recordIn(out);
  const path = join(out, 'predictions.json');
  const kept = existsSync(path) ? parsePredictions(readFileSync(path, 'utf8')) : null;
  return {
    status: run.status,
    knn: knn.map(({ k, weights, metric, standardised, correct }) => ({
      ...{ k, weights, metric, standardised, correct },
    })),
    kernels: kernels.map(({ kernel, engine, rows }) => ({ kernel, engine, rows })),
    cnn: cnn.map(({ seed, batchSize, epochs, weightsSha256, confusion }) => ({
      ...{ seed, batchSize, weightsSha256, confusion },
      epochs: epochs.map(({ epoch, loss, testAccuracy }) => ({ epoch, loss, testAccuracy })),
    })),
    predictions: kept && { ...kept, runId: '', images: kept.images.length },
    files: readdirSync(out).sort(),
  };
}

/** The real parts and images; engines need not be looked for. */
const fastServices: Services = {
  ...fakeServices(),
  parts: realServices.parts,
  loadImages: realServices.loadImages,
};

/** Calls `at` before the write of a file of the run with this number, from 1; counts them. */
function watched(at: (write: number) => void): Services & { readonly writes: () => number } {
  let writes = 0;
  const openFile: typeof nodeFiles.openFile = async (path, flags) => {
    if (!path.includes('.write-test')) at(++writes);
    return nodeFiles.openFile(path, flags);
  };
  return { ...fastServices, files: { openFile }, writes: () => writes };
}

type Interruption = 'a full disk' | 'a signal';

async function interrupted(
  kind: Interruption,
  write: number,
  argv: readonly string[],
): Promise<Outcome> {
  const io = fakeIo();
  const services = watched((n) => {
    if (kind === 'a full disk' && n >= write) throw systemError('ENOSPC');
    if (kind === 'a signal' && n === write) io.stop('SIGTERM');
  });
  return bench(argv, services, io);
}

describe('interrupted at any write and resumed, a run has all that it was asked for', () => {
  const parts: [string, readonly string[]][] = [
    ['knn', []],
    ['knn --protocol published', []],
    ['kernels', []],
    ['cnn', ONE_EPOCH],
    ['cnn --repeats 2', ONE_EPOCH],
  ];
  it.each(parts)('%s', async (part, options) => {
    const argv = [...part.split(' '), ...TINY, ...options];
    const whole = folder();
    const services = watched(() => undefined);
    expect((await bench([...argv, '--out', whole], services)).code).toBe(0);
    const expected = contentOf(whole);
    // Both trainings of two are the same code: the ends of the first and of the second are enough.
    const writes = Array.from({ length: services.writes() }, (_, i) => i + 1).filter(
      (n) => !part.includes('repeats') || n === 5 || n === services.writes() - 8,
    );
    // Which part comes to an end on which way is the same for all: a signal at every point of one of each kind is enough.
    const kinds = part.includes(' ')
      ? (['a full disk'] as const)
      : (['a full disk', 'a signal'] as const);
    for (const kind of kinds) {
      for (const write of writes) {
        const out = folder();
        const first = await interrupted(kind, write, [...argv, '--out', out]);
        if (!existsSync(join(out, 'record.json'))) continue;
        const where = `${kind} at write ${write}`;
        if (recordIn(out).run.status === 'completed') {
          expect({ ...(contentOf(out) as object), files: 0 }, where).toEqual({
            ...(expected as object),
            files: 0,
          });
          continue;
        }
        expect(first.code, where).not.toBe(0);
        const second = await bench(['--resume', out], fastServices);
        expect(second.code, `${where}: ${second.err}`).toBe(0);
        expect(contentOf(out), where).toEqual(expected);
      }
    }
  });

  it('all parts, stopped in the kernels, resumed by `cnn` as the manual says', async () => {
    const argv = [...TINY, ...ONE_EPOCH];
    const [whole, out] = [folder(), folder()];
    expect((await bench([...argv, '--out', whole], fastServices)).code).toBe(0);
    const io = fakeIo();
    const stopInKernels = {
      ...realServices,
      parts: {
        ...realServices.parts,
        kernels: (context: Parameters<Services['parts']['kernels']>[0]) => {
          const { journal } = context;
          const addKernel = journal.addKernel.bind(journal);
          journal.addKernel = async (timing) => {
            await addKernel(timing);
            io.stop('SIGINT');
          };
          return realServices.parts.kernels(context);
        },
      },
    };
    expect((await bench([...argv, '--out', out], stopInKernels, io)).code).toBe(130);
    expect(recordIn(out)).toMatchObject({ knn: [{}, {}], kernels: [{}], cnn: [] });
    expect((await bench(['cnn', '--resume', out], fastServices)).code).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(whole));
    expect(recordIn(out).kernels.map(({ stretch }) => stretch)).toEqual([undefined, 2, 2]);
  });

  it('a training whose end found a full disk is trained again, with its model', async () => {
    const argv = ['cnn', ...TINY, ...ONE_EPOCH];
    const [whole, out] = [folder(), folder()];
    expect((await bench([...argv, '--out', whole], fastServices)).code).toBe(0);
    // Neither a checkpoint nor a model can be written.
    const taken: Services['parts']['cnn'] = async (context) => {
      mkdirSync(join(out, 'model.h5'));
      writeFileSync(join(out, 'checkpoints'), '');
      await realServices.parts.cnn(context);
    };
    const parts = { ...realServices.parts, cnn: taken };
    expect((await bench([...argv, '--out', out], { ...fastServices, parts })).code).toBe(1);
    expect(recordIn(out).cnn[0]?.weightsSha256).toBeDefined();
    rmSync(join(out, 'model.h5'), { recursive: true });
    rmSync(join(out, 'checkpoints'));
    expect((await bench(['--resume', out], fastServices)).code).toBe(0);
    expect(contentOf(out)).toEqual(contentOf(whole));
    expect(recordIn(out).cnn[0]?.epochs[0]?.stretch).toBe(2);
  });

  it('each file that an ended training left must be there', async () => {
    const argv = ['cnn', ...TINY, ...ONE_EPOCH];
    for (const missing of ['model.h5', 'model.onnx', 'predictions.json', null]) {
      const out = folder();
      expect((await bench([...argv, '--out', out], fastServices)).code).toBe(0);
      const expected = contentOf(out);
      const record = recordIn(out);
      const text = JSON.stringify({ ...record, run: { ...record.run, status: 'interrupted' } });
      writeFileSync(join(out, 'record.json'), text);
      if (missing !== null) rmSync(join(out, missing));
      const resumed = await bench(['--resume', out], fastServices);
      expect(resumed.code).toBe(0);
      // Nothing is trained where nothing is missing.
      expect(resumed.err.includes('Epoch 1'), String(missing)).toBe(missing !== null);
      expect(contentOf(out), String(missing)).toEqual(expected);
    }
  });
});
