/** The stored record and the published figures, and small changes to the first for one test each. */

import { readFileSync } from 'node:fs';
import {
  encodeClasses,
  encodePixels,
  encodeProbabilities,
  parsePublished,
  parseRecord,
  PREDICTIONS_SCHEMA,
  type Published,
  type RunPredictions,
  type RunRecord,
  type StoredRun,
  type Stretch,
} from '../src/index.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** A made-up but realistic full run: figures like those of the real machine, not measured ones. */
export const fullRecordText: string = read('./fixtures/full.record.json');

export const publishedText: string = read('../../../benchmarks/published.json');

export function fullRecord(): RunRecord {
  return parseRecord(fullRecordText, 'full.record.json');
}

export function published(): Published {
  return parsePublished(publishedText, 'published.json');
}

/** The full record with other keys inside `run`. */
export function withRun(change: Partial<RunRecord['run']>, record = fullRecord()): RunRecord {
  return { ...record, run: { ...record.run, ...change } };
}

/** The run as one that was resumed, on a machine that differs in this. */
export function twoStretches(
  { run, machine, engines }: RunRecord,
  change: Partial<RunRecord['machine']>,
): readonly Stretch[] {
  const { startedAt, command, options, wallSeconds, peakMemoryBytes } = run;
  const { gitCommit, gitDirty, version, nodeVersion, packages } = run;
  const first: Stretch = {
    ...{ startedAt, command, options, gitCommit, gitDirty, version, nodeVersion, packages },
    ...{ wallSeconds, peakMemoryBytes, machine, engines },
  };
  return [first, { ...first, machine: { ...machine, ...change } }];
}

/** The full record as a run on generated images. */
export function syntheticRecord(): RunRecord {
  const record = withRun({ id: 'synthetic', synthetic: true, expectations: [] });
  return {
    ...record,
    data: {
      ...record.data,
      name: 'synthetic-fashion',
      synthetic: true,
      source: 'generated, seed 42',
      trainCount: 600,
      testCount: 200,
    },
    knn: record.knn.map((result) => ({
      ...result,
      trainCount: 600,
      correct: 150,
      total: 200,
      accuracy: 0.75,
    })),
    cnn: [],
  };
}

/** The full record stopped in the third epoch of the CNN. */
export function interruptedRecord(): RunRecord {
  const record = withRun({ id: 'interrupted', status: 'interrupted', expectations: [] });
  return {
    ...record,
    cnn: record.cnn.map((run) => ({
      ...run,
      status: 'interrupted' as const,
      epochs: run.epochs.slice(0, 2),
      trainSeconds: 61.7,
      finalTestAccuracy: 0.8978,
      correct: 8978,
      predictSeconds: null,
      reached: [],
    })),
    kernels: [],
  };
}

/** The full record with 2,000 training and 1,000 test images. */
export function subsetRecord(): RunRecord {
  const record = withRun({ id: 'subset', expectations: [] });
  return {
    ...record,
    data: {
      ...record.data,
      trainCount: 2000,
      testCount: 1000,
      trainLimit: 2000,
      testLimit: 1000,
      subsetRule: 'stratified by label, seed 42',
    },
    knn: record.knn.map((result) => ({
      ...result,
      trainCount: 2000,
      correct: 801,
      total: 1000,
      accuracy: 0.801,
    })),
    cnn: [],
  };
}

/** Made-up predictions of twelve test images, with an image for everything that figures show. */
function storedPredictions(): RunPredictions {
  const labels = [9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5];
  // The second image is wrong.
  const predicted = labels.map((label, i) => (i === 1 ? 1 : label));
  const confidence = (i: number): number => (i === 1 ? 0.6 : 0.9);
  const probabilities = predicted.flatMap((label, i) =>
    Array.from({ length: 10 }, (_, c) => (c === label ? confidence(i) : (1 - confidence(i)) / 9)),
  );
  const pixels = (shade: number): string =>
    encodePixels(
      Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 8 && i % 28 < 20 ? shade : 0)),
    );
  const knn = { k: 5, metric: 'euclidean', standardised: false };
  return {
    schema: PREDICTIONS_SCHEMA,
    runId: fullRecord().run.id,
    labels: encodeClasses(labels),
    knn: (['uniform', 'distance'] as const).map((weights) => ({
      ...knn,
      weights,
      predicted: encodeClasses(predicted.map((label, i) => (i < 3 ? 0 : label))),
    })),
    kCurve: (['uniform', 'distance'] as const).flatMap((weights) =>
      [8, 9, 10].map((correct, i) => ({ k: i + 1, weights, correct })),
    ),
    neighbors: [
      {
        ...{ index: 0, weights: 'distance' as const, predicted: 0 },
        neighbors: [{ index: 0, label: 0, distance: 812.4 }],
      },
    ],
    cnn: [
      {
        ...{ seed: 42, batchSize: 32, engine: 'onnx-cpu' },
        predicted: encodeClasses(predicted),
        probabilities: encodeProbabilities(probabilities),
      },
    ],
    erased: [{ index: 3, pixels: pixels(77) }],
    images: [
      ...labels.map((label, index) => ({
        ...{ set: 'test' as const, index, label, pixels: pixels(20 * index + 30) },
      })),
      ...Array.from({ length: 10 }, (_, label) => ({
        ...{ set: 'train' as const, index: label, label, pixels: pixels(25 * label + 20) },
      })),
    ],
  };
}

export function storedRun(): StoredRun & { readonly predictions: RunPredictions } {
  const record = fullRecord();
  // Every class is found 900 times and taken for the next one 100 times.
  const confusion = Array.from({ length: 10 }, (_, i) =>
    Array.from({ length: 10 }, (_unused, j) => (i === j ? 900 : j === (i + 1) % 10 ? 100 : 0)),
  );
  const withMatrix = <Result extends object>(result: Result) => ({ ...result, confusion });
  return {
    record: { ...record, knn: record.knn.map(withMatrix), cnn: record.cnn.map(withMatrix) },
    predictions: storedPredictions(),
  };
}
