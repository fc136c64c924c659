/** Reads and checks the record of the scaling curve; types and schema are compared by the compiler. */

import { z } from 'zod';
import { RecordError } from './errors.ts';
import { describeIssue } from './issues.ts';
import { parseJson } from './json.ts';
import {
  SCALING_SCHEMA,
  type ScalingMeasurement,
  type ScalingRecord,
  searchSeconds,
} from './scaling.ts';
import { exactly, list, positive, seconds, seed, text } from './schema-parts.ts';
import { quantile } from './statistics/proportions.ts';

const mebibytes = z.number().positive();

const measurement: z.ZodType<ScalingMeasurement, ScalingMeasurement> = z.strictObject({
  seconds: seconds.positive(),
  drawingSeconds: seconds,
  peakBefore: mebibytes,
  peak: mebibytes,
});

const point = z
  .strictObject({
    rows: positive,
    queries: positive,
    runs: z.array(measurement).min(1).readonly(),
    medianSeconds: seconds,
    peak: mebibytes,
  })
  .refine((one) => one.medianSeconds === quantile(searchSeconds(one), 0.5), {
    message: 'expected the median of the runs',
  })
  .refine(({ runs, peak }) => peak === Math.max(...runs.map((run) => run.peak)), {
    message: 'expected the largest peak of the runs',
  });

const scalingSchema: z.ZodType<ScalingRecord, ScalingRecord> = exactly<ScalingRecord>()(
  z.strictObject({
    schema: z.literal(SCALING_SCHEMA),
    startedAt: z.iso.datetime(),
    machine: text,
    nodeVersion: text,
    path: text,
    seed,
    columns: positive,
    k: positive,
    blockRows: positive,
    threads: positive,
    points: list(point),
  }),
);

/** @throws RecordError with the path of the first wrong value */
export function parseScaling(source: unknown, where = 'the scaling record'): ScalingRecord {
  const value =
    typeof source === 'string'
      ? parseJson(source, (detail, cause) => {
          return new RecordError('not-json', `${where} is not JSON (${detail}).`, { cause });
        })
      : source;
  const result = scalingSchema.safeParse(value);
  if (result.success) return result.data;
  throw new RecordError(
    'invalid',
    `${where} is not a valid scaling record: ${describeIssue(result.error)}.`,
    { cause: result.error },
  );
}

/** One measurement, as its process prints it. @throws RecordError */
export function parseScalingMeasurement(source: unknown): ScalingMeasurement {
  const result = measurement.safeParse(source);
  if (result.success) return result.data;
  throw new RecordError('invalid', `No valid measurement: ${describeIssue(result.error)}.`, {
    cause: result.error,
  });
}
