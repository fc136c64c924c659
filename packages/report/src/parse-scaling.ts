/** Reads and checks the record of the scaling curve; types and schema are compared by the compiler. */

import { z } from 'zod';
import { RecordError } from './errors.ts';
import { parseAs } from './record-file.ts';
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

const format = {
  schema: scalingSchema,
  invalid: 'is not a valid scaling record',
  Refusal: RecordError,
};

const measurementFormat = {
  schema: measurement,
  invalid: 'is not a valid measurement',
  Refusal: RecordError,
};

/** @throws RecordError with the path of the first wrong value */
export function parseScaling(source: unknown, where = 'the scaling record'): ScalingRecord {
  return parseAs(format, source, where);
}

/** One measurement, as its process prints it. @throws RecordError */
export function parseScalingMeasurement(source: unknown): ScalingMeasurement {
  return parseAs(measurementFormat, source, 'What the process printed');
}
