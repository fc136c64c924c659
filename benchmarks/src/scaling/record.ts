/** The record of the scaling curve: its shape, checked before it is written. */

import { z } from 'zod';

const count = z.int().positive();
const seconds = z.number().positive();
const text = z.string().min(1);

/** What one process measured, which did nothing else. */
export const measurement = z.strictObject({
  seconds,
  /** Of them, for drawing the rows. */
  drawingSeconds: z.number().nonnegative(),
  /** The process's largest resident set before the search and at its end, in MiB. */
  peakBefore: z.number().positive(),
  peak: z.number().positive(),
});

const point = z
  .strictObject({
    rows: count,
    queries: count,
    runs: z.array(measurement).min(1).readonly(),
    /** Of `seconds` less `drawingSeconds`. */
    medianSeconds: seconds,
    /** The largest of the runs. */
    peak: z.number().positive(),
  })
  .refine(({ runs, medianSeconds }) => medianSeconds === medianOf(runs), {
    message: 'expected the median of the runs',
  })
  .refine(({ runs, peak }) => peak === Math.max(...runs.map((run) => run.peak)), {
    message: 'expected the largest peak of the runs',
  });

export const scalingRecord = z.strictObject({
  schema: z.literal('fashion-bench/scaling-knn@1'),
  startedAt: z.iso.datetime(),
  machine: text,
  nodeVersion: text,
  /** What searched each block, in the search's own words. */
  path: text,
  seed: z.int().nonnegative(),
  columns: count,
  k: count,
  blockRows: count,
  threads: count,
  /** Growing rows at the same queries, then growing queries at the same rows. */
  points: z.array(point).readonly(),
});

export type Measurement = z.infer<typeof measurement>;

export function medianOf(runs: readonly Measurement[]): number {
  const sorted = runs.map((run) => run.seconds - run.drawingSeconds).sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? 0)) / 2;
}
