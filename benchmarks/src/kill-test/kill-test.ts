/**
 * A training is killed at seeded moments and resumed each time; its final weights and its history are compared with those
 * of one that was left alone.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { randomStream } from '@fashion-bench/random';
import { type CnnRun, parseRecord } from '@fashion-bench/report';

import type { Kill, KillTestRecord } from './record.ts';
import { finished, killedAt, type Moment, type Program } from './session.ts';

export interface KillTestOptions {
  readonly program: Program;
  /** An empty folder that the runs are put in. */
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly epochs: number;
  readonly onKill?: (kill: Kill) => void;
}

/** A process needs about a second or two until its first step. */
const START_MS = 2500;
const TRAINING_MS = 300;
const MOMENTS = ['writing', 'training', 'writing', 'start'] as const;
const IMAGES = 200;
const BATCH = 8;

export type KillTestResult = Omit<KillTestRecord, 'schema' | 'startedAt' | 'machine'>;

/** @throws Error where a process fails by itself */
export async function killTest(options: KillTestOptions): Promise<KillTestResult> {
  const { program, folder, seed, epochs } = options;
  const words = [
    ...['--synthetic', '--train-limit', `${IMAGES}`, '--test-limit', '20'],
    ...['--batch-size', `${BATCH}`, '--epochs', `${epochs}`, '--augment', 'epoch'],
    ...['--checkpoint-steps', '1', '--threads', '2'],
  ];
  const alone = join(folder, 'uninterrupted');
  await finished(program, words, alone);
  const { training: expected, packages } = await recordIn(alone);
  const kills: Kill[] = [];
  const runs: CnnRun[] = [];
  let run = join(folder, 'killed-1');
  while (kills.length < options.kills) {
    const kill = await killedAt(program, words, run, momentOf(seed, kills.length));
    if (kill === null) {
      runs.push((await recordIn(run)).training);
      run = join(folder, `killed-${runs.length + 1}`);
    } else {
      kills.push(kill);
      options.onKill?.(kill);
    }
  }
  await finished(program, words, run);
  runs.push((await recordIn(run)).training);
  return {
    ...{ seed, kills, command: `pnpm bench cnn ${words.join(' ')}` },
    ...{ engine: expected.engine, packages, steps: epochs * Math.ceil(IMAGES / BATCH) },
    killedWhileWriting: kills.filter(({ unfinished }) => unfinished).length,
    runs: runs.map(({ resumptions = [], ...training }) => ({
      resumptions: resumptions.length,
      weightsSha256: weightsOf(training),
    })),
    uninterrupted: weightsOf(expected),
    identical: runs.filter((training) => figuresOf(training) === figuresOf(expected)).length,
  };
}

function momentOf(seed: number, index: number): Moment {
  const moment = MOMENTS[index % MOMENTS.length] ?? 'training';
  const longest = moment === 'start' ? START_MS : TRAINING_MS;
  const delay = randomStream(seed, 'kill', index).nextUint32() / 2 ** 32;
  return { moment, delayMilliseconds: Math.round(delay * longest) };
}

interface Recorded {
  readonly training: CnnRun;
  readonly packages: Readonly<Record<string, string>>;
}

async function recordIn(run: string): Promise<Recorded> {
  const path = join(run, 'record.json');
  const record = parseRecord(await readFile(path, 'utf8'), path);
  const [training] = record.cnn;
  if (record.run.status !== 'completed' || training === undefined) {
    throw new Error(`${path} holds no complete training.`);
  }
  return { training, packages: record.run.packages };
}

function weightsOf({ weightsSha256 }: Pick<CnnRun, 'weightsSha256'>): string {
  if (weightsSha256 === undefined) throw new Error('The record has no hash of the weights.');
  return weightsSha256;
}

/** Weights and history; JSON writes every number in full. */
function figuresOf(training: CnnRun): string {
  const history = training.epochs.map(({ loss, accuracy, testLoss, testAccuracy }) => [
    ...[loss, accuracy, testLoss, testAccuracy],
  ]);
  return JSON.stringify([weightsOf(training), history, training.confusion, training.augment]);
}
