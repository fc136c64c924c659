/**
 * The run-time check of `record.json`, in zod: the same shape as the types in `record.ts` (the compiler
 * proves it, see `exactly`), plus what types cannot say. `parse.ts` turns its complaints into sentences.
 */

import { z } from 'zod';
import {
  type DataInfo,
  type MachineInfo,
  RECORD_SCHEMA,
  type RunInfo,
  type RunRecord,
} from './record.ts';
import { cnnRun, kernelTiming, knnResult } from './results-schema.ts';
import { bytes, exactly, list, positive, seconds, seed, status, text } from './schema-parts.ts';

const expectation = z.strictObject({
  name: text,
  expected: text,
  measured: z.number(),
  ok: z.boolean(),
});

export const options: z.ZodType<RunInfo['options'], RunInfo['options']> = z
  .record(
    z.string(),
    z.union([
      z.string(),
      z.number(),
      z.boolean(),
      z.null(),
      list(z.union([z.string(), z.number()])),
    ]),
  )
  .readonly();

/** What each process of a run has of its own. */
const own = {
  startedAt: z.iso.datetime(),
  command: text,
  options,
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/, 'expected a full commit hash')
    .nullable(),
  gitDirty: z.boolean().nullable(),
  version: text,
  nodeVersion: text,
  packages: z.record(z.string(), text),
  wallSeconds: seconds,
  peakMemoryBytes: bytes,
};

export const run: z.ZodType<RunInfo, RunInfo> = z.strictObject({
  id: text,
  ...own,
  seed,
  quick: z.boolean(),
  synthetic: z.boolean(),
  status,
  expectations: list(expectation),
});

export const machine: z.ZodType<MachineInfo, MachineInfo> = z.strictObject({
  cpuModel: text,
  physicalCores: positive.nullable(),
  logicalCores: positive,
  availableCores: positive,
  architecture: text,
  cpuFeatures: list(text),
  memoryBytes: bytes,
  os: text,
  loadAverage: z.tuple([z.number(), z.number(), z.number()]).readonly().nullable(),
  gpu: z
    .strictObject({ name: text, driver: text.nullable(), memoryBytes: bytes.nullable() })
    .nullable(),
});

const hashes = z.record(
  z.string(),
  z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal'),
);

export const data: z.ZodType<DataInfo, DataInfo> = z.strictObject({
  name: z.enum(['fashion-mnist', 'synthetic-fashion']),
  synthetic: z.boolean(),
  classNames: list(text),
  source: text,
  sha256: hashes,
  contentSha256: hashes.exactOptional(),
  trainCount: positive,
  testCount: positive,
  trainLimit: positive.nullable(),
  testLimit: positive.nullable(),
  subsetRule: text.nullable(),
});

const engine = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('available'),
    engine: z.strictObject({
      id: text,
      library: text,
      version: text,
      device: text,
      driver: text.optional(),
      gpu: z.boolean(),
      caveats: list(text),
    }),
  }),
  z.strictObject({ state: z.literal('missing'), id: text, reason: text }),
]);

export const recordSchema: z.ZodType<RunRecord, RunRecord> = exactly<RunRecord>()(
  z
    .strictObject({
      schema: z.literal(RECORD_SCHEMA),
      run,
      machine,
      data,
      engines: list(engine),
      knn: list(knnResult),
      cnn: list(cnnRun),
      kernels: list(kernelTiming),
      stretches: list(z.strictObject({ ...own, machine, engines: list(engine) })).exactOptional(),
    })
    .refine(({ stretches }) => stretches?.length !== 1, {
      path: ['stretches'],
      message: 'expected two or more, or none',
    })
    .refine((all) => stretchesNamed(all).every((place) => place <= (all.stretches?.length ?? 0)), {
      path: ['stretches'],
      message: 'expected every stretch that a result names',
    })
    .refine((all) => all.run.synthetic === all.data.synthetic, {
      path: ['run', 'synthetic'],
      message: 'expected the same as data.synthetic',
    })
    .refine((all) => all.data.synthetic === (all.data.name === 'synthetic-fashion'), {
      path: ['data', 'synthetic'],
      message: 'expected true for synthetic-fashion and false for fashion-mnist',
    }),
);

/** Every stretch that a result says it was measured in. */
function stretchesNamed({ knn, cnn, kernels }: RunRecord): readonly number[] {
  const results = [...knn, ...kernels, ...cnn.flatMap(({ epochs }) => epochs)];
  return results.flatMap(({ stretch }) => stretch ?? []);
}
