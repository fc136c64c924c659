/** What a program of ours does besides its laps; python/protocol.py is the same in Python. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { RaceKind } from '@fashion-bench/report';

import { peakMemoryBytes } from '../process/machine.ts';
import { type Answer, type Job, jobSchema, type LapAnswer, type ReadyAnswer } from './messages.ts';

/** The conversation from a contestant's side. */
export interface Track {
  readonly array: (name: string) => Promise<Uint8Array>;
  /** Warm. */
  readonly ready: (answer: Omit<ReadyAnswer, 'type'>) => void;
  /** Cannot take part. */
  readonly missing: (reason: string) => void;
  /** Whether another lap is wanted; waits for the answer. */
  readonly go: () => Promise<boolean>;
  readonly lap: (figures: Omit<LapAnswer, 'type' | 'peakMemoryBytes'>) => void;
}

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/**
 * Reads the job and runs its laps.
 *
 * @throws RangeError for the job of another race; ZodError for none
 */
export async function runProgram<K extends RaceKind>(
  kind: K,
  laps: (job: Extract<Job, { kind: K }>, track: Track) => Promise<void>,
): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) return;
  const job = jobSchema.parse(JSON.parse(first.value));
  if (!isOf(job, kind)) throw new RangeError(`This program races ${kind}, not ${job.kind}.`);
  await laps(job, {
    array: (name) => readFile(join(job.folder, name)),
    ready: (answer) => {
      say({ type: 'ready', ...answer });
    },
    missing: (reason) => {
      say({ type: 'missing', reason });
    },
    go: async () => {
      const next = await lines.next();
      return next.done !== true && next.value === 'go';
    },
    lap: (figures) => {
      say({ type: 'lap', ...figures, peakMemoryBytes: peakMemoryBytes() });
    },
  });
}

function isOf<K extends RaceKind>(job: Job, kind: K): job is Extract<Job, { kind: K }> {
  return job.kind === kind;
}
