/**
 * `--resume RUN`: the options, results and predictions of an interrupted run, and what must not have changed since. The
 * checkpoints themselves say more when they are read (checkpointing.ts); this refuses before any data is loaded.
 */

import {
  type DataInfo,
  type OptionValue,
  type RunPredictions,
  type RunRecord,
} from '@fashion-bench/report';

import { UsageError } from './errors.ts';
import { readRecord } from './folders.ts';
import { shownPath } from './repository.ts';
import type { RawOptions } from './settings.ts';

export interface EarlierRun {
  readonly folder: string;
  readonly record: RunRecord;
  readonly predictions: RunPredictions | null;
  /** As they were given then, with those that may change as they are given now. */
  readonly options: RawOptions;
}

/** Options with a value that must stay, or the run would be another one. */
const FIXED = [
  ...(['network', 'optimizer', 'learningRate'] as const),
  ...(['engine', 'epochs', 'batchSize', 'seed', 'repeats', 'repeatBatchSize'] as const),
  ...(['trainLimit', 'testLimit', 'augment', 'threads'] as const),
];
const FREE = ['dataDir', 'checkpointEvery', 'checkpointSteps'] as const;

/**
 * @param path the run's folder, or the record in it
 * @param given options beside `--resume`
 * @throws UsageError for a run that is complete, or an option that would make it another run; OutputError, RecordError,
 *   PredictionsError
 */
export async function readEarlierRun(path: string, given: RawOptions): Promise<EarlierRun> {
  const { folder, record, predictions } = await readRecord(path);
  const where = shownPath(folder) || '.';
  if (record.run.status === 'completed') {
    throw new UsageError(`${where} is complete: there is nothing to resume.`);
  }
  if (given.out !== undefined) {
    throw new UsageError('--resume goes on in the folder of the run: leave --out out.');
  }
  const stored = (name: string): string | undefined => textOf(record.run.options[dashed(name)]);
  for (const name of FIXED) {
    const then = stored(name) ?? 'not given';
    const now = given[name];
    if (now !== undefined && now !== then) {
      throw new UsageError(
        `--${dashed(name)} is ${then} in ${where}, not ${now}: leave it out to resume that run, or start a new one.`,
      );
    }
  }
  for (const name of ['quick', 'synthetic'] as const) {
    if (given[name] && !record.run[name]) {
      throw new UsageError(
        `${where} was begun without --${name}: leave it out to resume that run, or start a new one.`,
      );
    }
  }
  const options: RawOptions = {
    ...Object.fromEntries(FIXED.map((name) => [name, stored(name)])),
    ...Object.fromEntries(FREE.map((name) => [name, given[name] ?? stored(name)])),
    ...(record.run.quick && { quick: true }),
    ...(record.run.synthetic && { synthetic: true }),
    out: stored('out'),
    json: given.json,
    quiet: given.quiet,
  };
  return { folder, record, predictions, options };
}

/** @throws UsageError naming the first difference */
export function checkSameData({ record, folder }: EarlierRun, here: DataInfo): void {
  const there = record.data;
  for (const [name, then, now] of [
    ['name', there.name, here.name],
    ['number of training images', there.trainCount, here.trainCount],
    ['number of test images', there.testCount, here.testCount],
    ['SHA-256', JSON.stringify(there.sha256), JSON.stringify(here.sha256)],
  ] as const) {
    if (then === now) continue;
    throw new UsageError(
      `The data set is not that of ${shownPath(folder)}: its ${name} was ${then} there and is ${now} here; name the same data with --data-dir, or start a new run.`,
    );
  }
}

function textOf(value: OptionValue | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}
