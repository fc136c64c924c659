/** A made-up world for the command line: streams that remember, engines and parts that cost nothing. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { syntheticFashion } from '@fashion-bench/dataset';
import type { EngineInfo } from '@fashion-bench/engine';
import {
  type CnnRun,
  type KernelTiming,
  type KnnResult,
  parseRecord,
  type RunRecord,
} from '@fashion-bench/report';
import { onTestFinished } from 'vitest';

import { main } from '../src/cli.ts';
import { nodeFiles } from '../src/output/files.ts';
import type { StopSignal } from '../src/process/errors.ts';
import type { Io } from '../src/process/io.ts';
import type { Services } from '../src/run/services.ts';
import { realServices } from '../src/services.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

export interface FakeIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  readonly stop: (signal: StopSignal) => void;
}

export function fakeIo(env: Record<string, string> = {}): FakeIo {
  let out = '';
  let err = '';
  let listener: ((signal: StopSignal) => void) | undefined;
  return {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    terminal: null,
    env,
    onStop: (given) => {
      listener = given;
      return () => (listener = undefined);
    },
    out: () => out,
    err: () => err,
    stop: (signal) => listener?.(signal),
  };
}

export function knnResult(changes: Partial<KnnResult> = {}): KnnResult {
  return {
    k: 5,
    weights: 'uniform',
    metric: 'euclidean',
    kernel: 'exact',
    engine: 'onnx-cpu',
    precision: 'exact',
    tieRule: 'smallest label',
    standardised: false,
    trainCount: 60,
    correct: 15,
    total: 20,
    accuracy: 0.75,
    fitSeconds: 0.1,
    searchSeconds: 1.5,
    repetitions: [1.5],
    warmup: 'none',
    threads: 2,
    queryBlock: 100,
    confusion: null,
    ...changes,
  };
}

function kernelTiming(changes: Partial<KernelTiming> = {}): KernelTiming {
  return {
    kernel: 'exact',
    engine: 'onnx-cpu',
    precision: 'exact',
    threads: 2,
    queries: 10,
    rows: 20,
    columns: 784,
    operations: 313_600,
    n: 1,
    medianSeconds: 0.1,
    meanSeconds: 0.1,
    sdSeconds: 0,
    p25Seconds: 0.1,
    p75Seconds: 0.1,
    minSeconds: 0.1,
    maxSeconds: 0.1,
    gops: 0.003136,
    warmup: 'none',
    sampleSeconds: [0.1],
    ...changes,
  };
}

export function cnnRun(changes: Partial<CnnRun> = {}): CnnRun {
  return {
    engine: 'onnx-cpu',
    precision: 'float32',
    threads: 2,
    network: { name: 'fashionCnn', parameters: 438_122 },
    optimizer: { name: 'adam', settings: { learningRate: 0.001 } },
    loss: 'categorical cross-entropy',
    batchSize: 32,
    epochsRequested: 1,
    seed: 42,
    trainCount: 60,
    augment: { mode: 'none', p: null, erased: 0, fraction: 0, areaPixels: null },
    warmup: 'none',
    epochs: [
      {
        ...{ epoch: 1, seconds: 2, loss: 0.5, accuracy: 0.8 },
        ...{ testAccuracy: 0.9, evaluationSeconds: 0.1 },
      },
    ],
    status: 'completed',
    finalTestAccuracy: 0.9,
    correct: 18,
    total: 20,
    trainSeconds: 2,
    predictSeconds: 0.1,
    peakMemoryBytes: 1000,
    reached: [],
    confusion: null,
    ...changes,
  };
}

const engine: EngineInfo = {
  ...{ id: 'onnx-cpu', library: 'onnxruntime-node', version: '1.30.0' },
  ...{ device: 'Test CPU, 2 threads', gpu: false, caveats: [] },
};

/** Sixty training and twenty test images, and parts that write one result each. */
export function fakeServices(changes: Partial<Services> = {}): Services {
  return {
    files: nodeFiles,
    listEngines: () =>
      Promise.resolve([
        { state: 'available', engine },
        { state: 'missing', id: 'tensorflow', reason: 'not installed.' },
      ]),
    resolveEngine: () => Promise.resolve(engine),
    loadImages: ({ synthetic }) =>
      Promise.resolve({
        ...syntheticFashion({ seed: 1, train: 60, test: 20 }),
        name: synthetic ? 'synthetic-fashion' : 'fashion-mnist',
        synthetic,
      }),
    ...changes,
    parts: {
      knn: ({ journal }) => journal.addKnn(knnResult()),
      cnn: ({ journal }) => journal.setCnn(cnnRun()),
      kernels: ({ journal }) => journal.addKernel(kernelTiming()),
      ...changes.parts,
    },
  };
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Calls the program in this process. */
export async function bench(
  argv: readonly string[],
  services: Services = realServices,
  io: FakeIo = fakeIo(),
): Promise<Outcome> {
  const code = await main(argv, io, services);
  return { code, out: io.out(), err: io.err() };
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** The record of a run's folder, checked. */
export function recordIn(folder: string): RunRecord {
  return parseRecord(readFileSync(join(folder, 'record.json'), 'utf8'));
}

/** Parts that promise nothing: a set of this size is a subset of the real one. */
export const SMALL = ['--train-limit', '60', '--test-limit', '20'];
