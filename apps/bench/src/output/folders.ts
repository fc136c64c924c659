/** Where runs lie: the name of a new run's folder, and how a record is found again. */

import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { fileError, readRegularFile } from '@fashion-bench/files';
import {
  parsePeers,
  parsePredictions,
  type PeersRecord,
  type Published,
  parsePublished,
  parseRecord,
  parseScaling,
  type RunPredictions,
  type RunRecord,
  type ScalingRecord,
} from '@fashion-bench/report';

import { OTHER_FOLDER, OutputError } from '../process/errors.ts';

export const RECORD_FILE = 'record.json';
export const PREDICTIONS_FILE = 'predictions.json';
export const REPORT_FILE = 'report.md';

export function resultsFolder(root: string): string {
  return join(root, 'benchmarks', 'results');
}

/** Sorts by time as text; the random end keeps two runs of one second apart. */
export function newRunId(part: string, startedAt: Date): string {
  const time = startedAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${time}-${part}-${randomBytes(3).toString('hex')}`;
}

/** The part that a run is of, by the id that it was given; undefined for the id of something else. */
export function partOfRun(id: string): string | undefined {
  return /^\d{8}-\d{6}-([a-z]+)-[0-9a-f]+$/.exec(id)?.[1];
}

/** @throws OutputError when the folder holds a record already: records are never written over */
export async function refuseOldRecord(folder: string): Promise<void> {
  try {
    await stat(join(folder, RECORD_FILE));
  } catch {
    return; // no folder, no record, or no permission: the test of writing says more
  }
  throw new OutputError(
    'exists',
    `${folder} holds a record already, and records are never written over: ${OTHER_FOLDER}.`,
  );
}

/** The bytes of a record or of predictions, by far. */
const MAX_BYTES = 2 ** 26;

/** UTF-8, with or without a byte order mark. */
async function readText(path: string, what: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readRegularFile(path, { maximumBytes: MAX_BYTES }));
  } catch (cause) {
    const { code, reason } = fileError(cause, 'read', path);
    const sentences = {
      'not-found': `There is no ${what} at ${path}.`,
      permission: `No permission to read ${path}.`,
      unreadable: `${path} could not be read: ${reason}.`,
    };
    const known = code === 'not-found' || code === 'permission' ? code : 'unreadable';
    throw new OutputError(known, sentences[known], { cause });
  }
}

/** The file's content, or null where there is none. */
async function readIfThere<Content>(
  path: string,
  what: string,
  parse: (text: string, where: string) => Content,
): Promise<Content | null> {
  try {
    return parse(await readText(path, what), path);
  } catch (error) {
    if (error instanceof OutputError && error.code === 'not-found') return null;
    throw error;
  }
}

export interface FoundRecord {
  readonly folder: string;
  readonly record: RunRecord;
  /** `null` where the run kept none. */
  readonly predictions: RunPredictions | null;
}

/**
 * @param path a record, or a folder that holds one; predictions beside it are read, too
 * @throws OutputError, RecordError, PredictionsError
 */
export async function readRecord(path: string): Promise<FoundRecord> {
  const given = resolve(path);
  const isFolder = await stat(given).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(given, RECORD_FILE) : given;
  const record = parseRecord(await readText(file, 'record'), file);
  const folder = isFolder ? given : resolve(given, '..');
  const predictions = await readIfThere(
    join(folder, PREDICTIONS_FILE),
    'predictions',
    parsePredictions,
  );
  // A record that was moved to another run's folder does not get that run's predictions.
  const own = predictions?.runId === record.run.id ? predictions : null;
  return { folder, record, predictions: own };
}

/** The folder of the latest run: run folders begin with their time, so the last by name. Races are no runs. */
export async function latestRun(root: string): Promise<string> {
  const results = resultsFolder(root);
  const names = await readdir(results).catch(() => []);
  const runs = names.filter((name) => /^\d{8}-\d{6}-(?!peers-)/.test(name)).sort();
  const folder = runs.at(-1) ?? names.find((name) => name === 'reference');
  if (folder !== undefined) return join(results, folder);
  throw new OutputError(
    'not-found',
    `There is no run in ${results} yet: run the bench, or name a record.`,
  );
}

/** What was measured apart from runs, as far as it is committed. */
export interface Committed {
  /** How k-NN scales. */
  readonly scaling: ScalingRecord | null;
  readonly races: readonly PeersRecord[];
}

/** @throws OutputError, RecordError */
export async function readCommitted(root: string): Promise<Committed> {
  const results = resultsFolder(root);
  const names = await readdir(results).catch(() => []);
  const read = <T>(name: string, parse: (text: string, where: string) => T): Promise<T | null> =>
    readIfThere(join(results, name, RECORD_FILE), 'record', parse);
  const races = await Promise.all(
    names
      .filter((name) => name.startsWith('peers-'))
      .sort()
      .map((name) => read(name, parsePeers)),
  );
  return {
    scaling: await read('scaling-knn', parseScaling),
    races: races.filter((race) => race !== null),
  };
}

/** @throws OutputError, PublishedError */
export async function readPublished(root: string): Promise<Published> {
  const path = join(root, 'benchmarks', 'published.json');
  return parsePublished(await readText(path, 'list of published figures'), path);
}
