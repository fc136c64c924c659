/**
 * This project's own programs in a race: the same lines in and out as the others', see messages.ts. With the word
 * `tfjs-node` it is the program of that contestant.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { TensorflowError } from '@fashion-bench/tensorflow';

import { peakMemoryBytes } from '../process/machine.ts';
import { cnnLaps } from './contestant-cnn.ts';
import { knnLaps } from './contestant-knn.ts';
import {
  type Answer,
  type CnnJob,
  type Job,
  jobSchema,
  type LapAnswer,
  type ReadyAnswer,
} from './messages.ts';

export type Readiness = Omit<ReadyAnswer, 'type'>;
export type LapFigures = Omit<LapAnswer, 'type' | 'peakMemoryBytes'>;

/** The conversation from a contestant's side. */
export interface Track {
  readonly array: (name: string) => Promise<Uint8Array>;
  readonly ready: (words: Readiness) => void;
  /** Whether another lap is wanted; waits for the answer. */
  readonly go: () => Promise<boolean>;
  readonly lap: (figures: LapFigures) => void;
}

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function trackOf(job: Job, lines: AsyncIterator<string>): Track {
  return {
    array: (name) => readFile(join(job.folder, name)),
    ready: (words) => {
      say({ type: 'ready', ...words });
    },
    go: async () => {
      const next = await lines.next();
      return next.done !== true && next.value === 'go';
    },
    lap: (figures) => {
      say({ type: 'lap', ...figures, peakMemoryBytes: peakMemoryBytes() });
    },
  };
}

/** Loaded only for its own race, and missing like any other library where it is not installed. */
async function tfjsNode(job: CnnJob, track: Track): Promise<void> {
  if (job.gpu) {
    say({ type: 'missing', reason: 'it races on the processor only' });
    return;
  }
  try {
    await (await import('./contestant-tfjs-node.ts')).tfjsNodeLaps(job, track);
  } catch (error) {
    if (!(error instanceof TensorflowError)) throw error;
    say({ type: 'missing', reason: error.message });
  }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
if (first.done !== true) {
  const job = jobSchema.parse(JSON.parse(first.value));
  const track = trackOf(job, lines);
  if (job.kind === 'knn') await knnLaps(job, track);
  else if (process.argv[2] === 'tfjs-node') await tfjsNode(job, track);
  else await cnnLaps(job, track);
}
