/** The record of a comparison with scikit-learn: its shape, checked before it is written. */

import { z } from 'zod';

const count = z.int().nonnegative();
const text = z.string().min(1);

const difference = z.strictObject({
  /** Position of the query among those compared. */
  query: count,
  ours: count,
  theirs: count,
  reason: z.enum(['distance tie', 'float rounding', 'vote tie', 'unexplained']),
});

const setting = z
  .strictObject({
    pixels: z.enum(['raw', 'standardised']),
    metric: z.enum(['euclidean', 'manhattan']),
    weights: z.enum(['uniform', 'distance']),
    k: z.int().positive(),
    compared: count,
    equal: count,
    differences: z.array(difference).readonly(),
  })
  .refine(({ compared, equal, differences }) => compared === equal + differences.length, {
    message: 'expected compared to be equal and differences together',
  });

export const agreementRecord = z
  .strictObject({
    schema: z.literal('fashion-bench/agreement-knn@1'),
    startedAt: z.iso.datetime(),
    machine: text,
    nodeVersion: text,
    versions: z.record(z.string(), text),
    seed: count,
    rows: count,
    queries: count,
    subsetRule: text,
    tieRules: z.array(text).readonly(),
    settings: z.array(setting).readonly(),
    compared: count,
    equal: count,
    unexplained: count,
  })
  .refine(({ settings, compared }) => compared === settings.reduce((n, s) => n + s.compared, 0), {
    message: 'expected compared to be the sum over the settings',
  });

export type AgreementRecord = z.infer<typeof agreementRecord>;
export type Setting = AgreementRecord['settings'][number];

/** What the program in Python prints. */
export const peerOutput = z.union([
  z.strictObject({ missing: text }),
  z.strictObject({
    versions: z.record(z.string(), text),
    results: z.array(
      z.strictObject({
        pixels: z.enum(['raw', 'standardised']),
        p: z.union([z.literal(1), z.literal(2)]),
        weights: z.enum(['uniform', 'distance']),
        k: z.int().positive(),
        predicted: z.string().regex(/^\d+$/),
      }),
    ),
  }),
]);
