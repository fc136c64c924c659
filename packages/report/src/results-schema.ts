/** The run-time check of the measurements in a record: the same shape as the types in `results.ts`. */

import { z } from 'zod';
import type { CnnRun, KernelTiming, KnnResult } from './results.ts';
import {
  bytes,
  confusion,
  count,
  exactly,
  fraction,
  isRatio,
  list,
  positive,
  seconds,
  seed,
  status,
  text,
} from './schema-parts.ts';

export const knnResult: z.ZodType<KnnResult, KnnResult> = exactly<KnnResult>()(
  z
    .strictObject({
      k: positive,
      weights: z.enum(['uniform', 'distance']),
      metric: text,
      kernel: text,
      engine: text,
      precision: text,
      tieRule: text,
      standardised: z.boolean(),
      trainCount: positive,
      correct: count,
      total: positive,
      accuracy: fraction,
      fitSeconds: seconds,
      searchSeconds: seconds,
      repetitions: z.array(seconds).min(1).readonly(),
      warmup: text,
      threads: positive,
      queryBlock: positive,
      confusion,
      stretch: positive.exactOptional(),
    })
    .refine((result) => isRatio(result.accuracy, result.correct, result.total), {
      path: ['accuracy'],
      message: 'expected accuracy to be correct / total',
    }),
);

const epoch = z.strictObject({
  epoch: positive,
  seconds,
  loss: z.number().nullable(),
  accuracy: fraction,
  testAccuracy: fraction.nullable(),
  testLoss: z.number().nonnegative().nullable().exactOptional(),
  evaluationSeconds: seconds.nullable(),
  stretch: positive.exactOptional(),
});

const augment = z.strictObject({
  mode: z.enum(['once', 'epoch', 'none']),
  p: fraction.nullable(),
  erased: count,
  fraction,
  areaPixels: z
    .strictObject({
      mean: z.number(),
      min: z.number(),
      p25: z.number(),
      median: z.number(),
      p75: z.number(),
      max: z.number(),
    })
    .nullable(),
});

export const cnnRun: z.ZodType<CnnRun, CnnRun> = exactly<CnnRun>()(
  z
    .strictObject({
      engine: text,
      precision: text,
      threads: positive,
      network: z.strictObject({ name: text, parameters: positive }),
      optimizer: z.strictObject({ name: text, settings: z.record(z.string(), z.number()) }),
      loss: text,
      batchSize: positive,
      epochsRequested: positive,
      seed,
      trainCount: positive,
      augment,
      warmup: text,
      epochs: list(epoch),
      status,
      finalTestAccuracy: fraction.nullable(),
      correct: count.nullable(),
      total: positive.nullable(),
      trainSeconds: seconds,
      predictSeconds: seconds.nullable(),
      peakMemoryBytes: bytes,
      reached: list(
        z.strictObject({
          testAccuracy: fraction,
          epoch: positive.nullable(),
          trainSeconds: seconds.nullable(),
        }),
      ),
      confusion,
      weightsSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256')
        .exactOptional(),
      resumptions: list(
        z.strictObject({ at: z.iso.datetime(), epoch: positive, step: count }),
      ).exactOptional(),
    })
    .refine(
      ({ finalTestAccuracy, correct, total }) =>
        finalTestAccuracy === null || correct === null || total === null
          ? finalTestAccuracy === null && correct === null && total === null
          : isRatio(finalTestAccuracy, correct, total),
      { path: ['finalTestAccuracy'], message: 'expected correct / total, or null in all three' },
    )
    .refine(({ epochs }) => epochs.every((entry, index) => entry.epoch === index + 1), {
      path: ['epochs'],
      message: 'expected the epochs 1, 2, 3, ... in order',
    }),
);

export const kernelTiming: z.ZodType<KernelTiming, KernelTiming> = exactly<KernelTiming>()(
  z
    .strictObject({
      kernel: text,
      engine: text,
      precision: text,
      threads: positive,
      queries: positive,
      rows: positive,
      columns: positive,
      operations: positive,
      n: positive,
      medianSeconds: seconds,
      meanSeconds: seconds,
      sdSeconds: seconds,
      p25Seconds: seconds,
      p75Seconds: seconds,
      minSeconds: seconds,
      maxSeconds: seconds,
      gops: z.number().nonnegative(),
      peak: z
        .strictObject({ gops: z.number().positive(), product: text, n: positive })
        .exactOptional(),
      warmup: text,
      sampleSeconds: z.array(seconds).min(1).readonly(),
      stretch: positive.exactOptional(),
    })
    .refine((timing) => timing.n === timing.sampleSeconds.length, {
      path: ['n'],
      message: 'expected n to be the number of sampleSeconds',
    }),
);
