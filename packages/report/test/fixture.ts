/** The stored record and the published figures, and small changes to the first for one test each. */

import { readFileSync } from 'node:fs';
import { parsePublished, parseRecord, type Published, type RunRecord } from '../src/index.ts';

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
