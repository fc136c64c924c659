/** The record of a kill test: its shape, checked before it is written. */

import { z } from 'zod';

const count = z.int().nonnegative();
const text = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const kill = z.strictObject({
  /** After the process began; at work after its first new checkpoint; at the first unfinished one after that. */
  moment: z.enum(['start', 'training', 'writing']),
  delayMilliseconds: z.number().nonnegative(),
  /** Whether half a checkpoint was left behind: it was being written. */
  unfinished: z.boolean(),
  /** Number of the newest whole one, null before the first. */
  newest: count.nullable(),
});

export const killTestRecord = z
  .strictObject({
    schema: z.literal('fashion-bench/kill-test@1'),
    startedAt: z.iso.datetime(),
    machine: text,
    seed: count,
    /** Of every process, without --out and --resume. */
    command: text,
    engine: text,
    /** Libraries of the engines, with their versions. */
    packages: z.record(z.string(), text),
    steps: count,
    kills: z.array(kill).readonly(),
    killedWhileWriting: count,
    /** Each with its final weights; there are several where one was complete before its next kill. */
    runs: z.array(z.strictObject({ resumptions: count, weightsSha256: sha256 })).readonly(),
    uninterrupted: sha256,
    /** Runs whose weights and history are those of the uninterrupted one. */
    identical: count,
  })
  .refine(
    ({ kills, killedWhileWriting }) =>
      killedWhileWriting === kills.filter(({ unfinished }) => unfinished).length,
    { message: 'expected killedWhileWriting to count the kills that left half a checkpoint' },
  );

export type KillTestRecord = z.infer<typeof killTestRecord>;
export type Kill = KillTestRecord['kills'][number];
