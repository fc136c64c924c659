/**
 * What the bench and a contestant say to each other, one JSON object a line: the job first, then `go` for every lap,
 * then the end of the input. python/protocol.py is the same in Python.
 */

import { z } from 'zod';

const shared = {
  /** Where the raw arrays lie: train-images, train-labels, test-images (uint8, row-major). */
  folder: z.string(),
  /** Laps at most. */
  rounds: z.int().positive(),
  threads: z.int().positive(),
  seed: z.int().nonnegative(),
  /** Of this project, for its own program; others have only themselves. */
  engine: z.string(),
};

export const jobSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...shared,
    kind: z.literal('cnn'),
    batchSize: z.int().positive(),
    /** Everyone computes on a GPU, and who cannot is missing. */
    gpu: z.boolean(),
  }),
  z.strictObject({
    ...shared,
    kind: z.literal('knn'),
    k: z.int().positive(),
    columns: z.int().positive(),
  }),
]);
export type Job = z.infer<typeof jobSchema>;
export type CnnJob = Extract<Job, { kind: 'cnn' }>;
export type KnnJob = Extract<Job, { kind: 'knn' }>;

const ready = z.object({
  type: z.literal('ready'),
  versions: z.record(z.string(), z.string()),
  details: z.string(),
  blas: z.string().nullable(),
});

const lap = z.object({
  type: z.literal('lap'),
  seconds: z.record(z.string(), z.number().nonnegative()),
  loss: z.number().nullable(),
  accuracy: z.number().nullable(),
  peakMemoryBytes: z.int().nonnegative(),
});

export const answerSchema = z.discriminatedUnion('type', [
  ready,
  lap,
  z.object({ type: z.literal('missing'), reason: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;
export type ReadyAnswer = z.infer<typeof ready>;
export type LapAnswer = z.infer<typeof lap>;

/** The names of the files in a job's folder. */
export const TRAIN_IMAGES = 'train-images';
export const TRAIN_LABELS = 'train-labels';
export const TEST_IMAGES = 'test-images';

/** Where a search leaves the row numbers that it found: int32 [queries, k], nearest first. */
export function indicesFile(id: string): string {
  return `${id}-indices`;
}
