/**
 * `--resume RUN`: the options, results and predictions of an interrupted run, and what must not have changed since. The
 * checkpoints themselves say more when they are read (checkpointing.ts); this refuses before any data is loaded.
 */

import { ENGINE_IDS, type EngineId } from '@fashion-bench/engine';
import {
  type DataInfo,
  type OptionValue,
  type RunPredictions,
  type RunRecord,
} from '@fashion-bench/report';

import { longName, OPTION_NAMES, type OptionName, OPTIONS } from '../command-line/options.ts';
import { MEASURED_PARTS, type MeasuredPart, type Part } from '../command-line/parts.ts';
import { defaultThreads, type RawOptions } from '../command-line/settings.ts';
import { shellWord } from '../command-line/shell.ts';
import { partOfRun, readRecord } from '../output/folders.ts';
import { UsageError } from '../process/errors.ts';
import { shownPath } from '../process/repository.ts';

export interface EarlierRun {
  readonly folder: string;
  readonly record: RunRecord;
  readonly predictions: RunPredictions | null;
  /** What the run was asked to measure. */
  readonly part: MeasuredPart;
  /** What `--engine auto` came to for its training; undefined where none was begun, or the engine was named. */
  readonly engine: EngineId | undefined;
  /** As they were given then, with those that may change as they are given now. */
  readonly options: RawOptions;
}

/**
 * @param path the run's folder, or the record in it
 * @param word the part as it is given now: that of the run, `cnn` for one that trains, or `all`
 * @param given options beside `--resume`
 * @throws UsageError for a run that is complete, or an option that would make it another run; OutputError, RecordError,
 *   PredictionsError
 */
export async function readEarlierRun(
  path: string,
  word: Part,
  given: RawOptions,
): Promise<EarlierRun> {
  const { folder, record, predictions } = await readRecord(path);
  const where = shownPath(folder) || '.';
  if (record.run.status === 'completed') {
    throw new UsageError(`${where} is complete: there is nothing to resume.`);
  }
  const part = MEASURED_PARTS.find((name) => name === partOfRun(record.run.id));
  if (part === undefined) {
    throw new UsageError(
      `${where} cannot be resumed: its id, ${record.run.id}, does not say which part it is of.`,
    );
  }
  if (word !== 'all' && word !== part && !(word === 'cnn' && part === 'all')) {
    throw new UsageError(
      `${where} is a run of ${part === 'all' ? 'all parts' : part}, not of ${word}: write pnpm bench --resume ${where}.`,
    );
  }
  const then = storedOptions(record.run.options, record);
  const last = storedOptions(record.stretches?.at(-1)?.options ?? record.run.options, record);
  const used = record.cnn[0]?.engine;
  const engine = then.engine === 'auto' ? ENGINE_IDS.find((known) => known === used) : undefined;
  const optionOf = (name: OptionName): RawOptions[OptionName] => {
    const now = given[name];
    switch (OPTIONS[name].resumed) {
      case 'same':
        if (now !== undefined && now !== then[name] && !(name === 'engine' && now === engine)) {
          throw new UsageError(
            `${otherwise(name, then[name], String(now), where)}: leave it out to resume that run, or start a new one.`,
          );
        }
        return then[name];
      case 'last':
        return now ?? last[name];
      case 'now':
        return now;
      case 'refused':
        if (now === undefined) return then[name];
        throw new UsageError(
          `--resume goes on in the folder of the run: leave --${longName(name)} out.`,
        );
    }
  };
  const options: RawOptions = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, optionOf(name)]),
  );
  return { folder, record, predictions, part, engine, options };
}

function otherwise(
  name: OptionName,
  then: RawOptions[OptionName],
  now: string,
  where: string,
): string {
  return OPTIONS[name].takes === undefined
    ? `${where} was begun without --${longName(name)}`
    : `--${longName(name)} is ${then === undefined ? 'not given' : String(then)} in ${where}, not ${now}`;
}

/** The command that resumes the run in this folder; null where --resume would refuse it. */
export async function resumeCommand(folder: string): Promise<string | null> {
  try {
    await readEarlierRun(folder, 'all', {});
    return `pnpm bench --resume ${shellWord(shownPath(folder) || '.')}`;
  } catch {
    return null; // complete, or nothing was written yet
  }
}

/** What a record says of its options, as they could have been given. */
function storedOptions(
  options: RunRecord['run']['options'],
  { machine }: Pick<RunRecord, 'machine'>,
): RawOptions {
  const stored: RawOptions = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, givenAs(options[longName(name)])]),
  );
  return {
    ...stored,
    // The published protocol has its own, and takes none.
    ...(stored.protocol === 'published' && { k: undefined, weights: undefined }),
    // Without the option it was one for each core. The last bits of weights depend on it: docs/checkpoints.md.
    threads: stored.threads ?? String(defaultThreads(machine.availableCores)),
  };
}

/** @throws UsageError naming the first difference */
export function checkSameData({ record, folder }: EarlierRun, here: DataInfo): void {
  const there = record.data;
  // How the same images are packed does not matter; older records know only the files.
  const [before, now] =
    there.contentSha256 && here.contentSha256
      ? [there.contentSha256, here.contentSha256]
      : [there.sha256, here.sha256];
  for (const [name, then, today] of [
    ['name', there.name, here.name],
    ['number of training images', there.trainCount, here.trainCount],
    ['number of test images', there.testCount, here.testCount],
    ['SHA-256', sorted(before), sorted(now)],
  ] as const) {
    if (then === today) continue;
    throw new UsageError(
      `The data set is not that of ${shownPath(folder)}: its ${name} was ${then} there and is ${today} here; name the same data with --data-dir, or start a new run.`,
    );
  }
}

function sorted(hashes: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(hashes).sort()));
}

/** A list of one, as of `--weights`, is what was given; a longer one is the default, as is `false`. */
function givenAs(value: OptionValue | undefined): string | true | undefined {
  const [one] = typeof value === 'object' && value?.length === 1 ? value : [value];
  if (one === true) return true;
  return typeof one === 'string' || typeof one === 'number' ? String(one) : undefined;
}
