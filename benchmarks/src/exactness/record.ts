/** The record of the full exactness check: its shape, checked before it is written. */

import { z } from 'zod';

const count = z.int().positive();
const text = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const way = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('compared'),
    /** Engine or algorithm, by name. */
    name: text,
    /** What did the work, in its own words. */
    path: text,
    /** Neighbours whose row or squared distance differs from the plain loop's. */
    different: z.int().nonnegative(),
  }),
  z.strictObject({ state: z.literal('skipped'), name: text, reason: text }),
]);

export const exactnessRecord = z.strictObject({
  schema: z.literal('fashion-bench/exactness-knn@1'),
  startedAt: z.iso.datetime(),
  machine: text,
  nodeVersion: text,
  data: z.strictObject({ name: z.literal('fashion-mnist'), rows: count, queries: count }),
  k: count,
  plain: z.strictObject({
    what: text,
    /** Of the indices (int32) and then the squared distances (int32), little-endian. */
    sha256,
  }),
  ways: z.array(way).min(1).readonly(),
});

export type Way = z.infer<typeof way>;
