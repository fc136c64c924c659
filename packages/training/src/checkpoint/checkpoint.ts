/** What one checkpoint holds, and the schema of the part of it that is written as JSON. */
import { endianness } from 'node:os';
import { z } from 'zod';
import type { EpochEvent } from '../loop/events.ts';
import { figuresSchema, positionSchema, type TrainingSnapshot } from '../loop/position.ts';
import type { Configuration } from './configuration.ts';
import type { StreamState } from './streams.ts';

export interface Checkpoint {
  readonly snapshot: TrainingSnapshot;
  readonly configuration: Configuration;
  /** What may change without making it another training, but can change its last bits: processor, versions. */
  readonly environment: Readonly<Record<string, string>>;
  readonly streams: readonly StreamState[];
  /** Order in which the current epoch visits its images, [trainCount]; null between two epochs. */
  readonly order: Uint32Array | null;
  /** The finished epochs. */
  readonly history: readonly EpochEvent[];
}

const count = z.int().nonnegative();
const uint32 = count.max(0xffff_ffff);
const seconds = z.number().nonnegative();
const optional = <T extends z.ZodType>(schema: T): z.ZodExactOptional<T> => z.exactOptional(schema);

const epochEvent = z.strictObject({
  type: z.literal('epoch'),
  epoch: z.int().positive(),
  seconds,
  loss: z.number(),
  accuracy: z.number(),
  testAccuracy: optional(z.number()),
  testCorrect: optional(count),
  testLoss: optional(z.number()),
  testTotal: optional(count),
  evaluationSeconds: optional(seconds),
} satisfies Record<keyof EpochEvent, z.ZodType>);

const stream = z.strictObject({
  seed: uint32,
  name: z.string(),
  counters: z.array(count),
  first: uint32,
} satisfies Record<keyof StreamState, z.ZodType>);

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const headerSchema = z.strictObject({
  /** Of the numbers below the header. */
  byteOrder: z.literal(endianness(), `expected the byte order of this machine, ${endianness()}`),
  position: positionSchema,
  configuration: z.object({ seed: uint32, trainCount: count }).catchall(scalar),
  environment: z.record(z.string(), z.string()),
  streams: z.array(stream),
  history: z.array(epochEvent),
  step: count,
  /** Figures that the callbacks have seen; there are none without callbacks. */
  figures: optional(figuresSchema),
  /** Lengths of the vectors that follow the header; every one is float32 but `order`, which is uint32. */
  vectors: z.strictObject({
    ...{ weights: count, slots: z.array(count), order: count.nullable() },
    best: optional(count),
  }),
});

export type Header = z.infer<typeof headerSchema>;
