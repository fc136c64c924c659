/** The settings of `bench peers`: those of a run, and who races how often. */

import type { RaceKind } from '@fashion-bench/report';

import {
  optionsForRecord,
  type RawOptions,
  readCount,
  readSettings,
  type Settings,
} from '../command-line/settings.ts';
import { UsageError } from '../process/errors.ts';
import { peerIds } from './contestants.ts';

export interface PeersSettings {
  readonly kind: RaceKind;
  readonly run: Settings;
  /** One race for each. */
  readonly batchSizes: readonly number[];
  /** Rounds of each race. */
  readonly pairs: number;
  /** Ids of the others, in the order in which they run. */
  readonly peers: readonly string[];
  readonly python: string;
}

const PAIRS = 5;
/** The study's, and one that suits a processor better. */
const BATCH_SIZES = [128, 32];

/** The words after `peers`. @throws UsageError for anything but one of the three */
export function peersWord(words: readonly string[]): RaceKind | 'readme' {
  const [word, ...more] = words;
  if (more.length === 0 && (word === 'cnn' || word === 'knn' || word === 'readme')) return word;
  throw new UsageError(
    `'peers' takes one of the words cnn, knn or readme${words.length === 0 ? '' : `, not '${words.join(' ')}'`}.`,
  );
}

/** @throws UsageError naming the option, what it takes and what it got */
export function readPeersSettings(kind: RaceKind, raw: RawOptions): PeersSettings {
  const known = peerIds(kind);
  const asked = raw.peers?.split(',').map((id) => id.trim()) ?? known;
  const stranger = asked.find((id) => !known.includes(id));
  if (stranger !== undefined) {
    throw new UsageError(
      `--peers must be some of ${known.join(', ')} with commas between, not '${stranger}'.`,
    );
  }
  if (raw.python === '') throw new UsageError("--python must be the path of a Python, not ''.");
  const asGiven = raw.batchSize?.split(',').map((one) => readSettings({ ...raw, batchSize: one }));
  const batchSizes = asGiven?.map(({ batchSize }) => batchSize) ?? BATCH_SIZES;
  const run = asGiven?.[0] ?? readSettings(raw);
  return {
    kind,
    run,
    batchSizes,
    pairs: readCount('pairs', raw.pairs) ?? PAIRS,
    peers: known.filter((id) => asked.includes(id)),
    python: raw.python ?? (process.platform === 'win32' ? 'python' : 'python3'),
  };
}

/** Every option that the race looks at, for the record. */
export function peersOptions({
  run,
  pairs,
  peers,
  batchSizes,
  kind,
}: PeersSettings): ReturnType<typeof optionsForRecord> {
  const all = optionsForRecord(run);
  const kept = ['engine', 'threads', 'seed', 'train-limit', 'test-limit', 'synthetic'];
  const own = kind === 'cnn' ? { 'batch-size': batchSizes, augment: run.augment } : { k: run.k };
  const general = Object.fromEntries(Object.entries(all).filter(([name]) => kept.includes(name)));
  return { ...general, ...own, pairs, peers };
}
