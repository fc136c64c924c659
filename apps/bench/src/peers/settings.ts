/** The settings of `bench peers`: those of a run, and who races how often. */

import type { RaceKind } from '@fashion-bench/report';

import {
  optionsForRecord,
  type RawOptions,
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

/** The study's, and one that suits a processor better. */
const BATCH_SIZES = [128, 32];

/** @throws UsageError naming the option, what it takes and what it got */
export function readPeersSettings(kind: RaceKind, raw: RawOptions): PeersSettings {
  const sizes = typeof raw.batchSize === 'string' ? raw.batchSize.split(',') : [];
  const asGiven = sizes.map((batchSize) => readSettings({ ...raw, batchSize }));
  const run = asGiven[0] ?? readSettings(raw);
  const known = peerIds(kind);
  const asked = run.peers ?? known;
  const stranger = asked.find((id) => !known.includes(id));
  if (stranger !== undefined) {
    throw new UsageError(
      `--peers must be some of ${known.join(', ')} with commas between, not '${stranger}'.`,
    );
  }
  return {
    kind,
    run,
    batchSizes: asGiven.length > 0 ? asGiven.map(({ batchSize }) => batchSize) : BATCH_SIZES,
    pairs: run.pairs,
    peers: known.filter((id) => asked.includes(id)),
    python: run.python,
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
