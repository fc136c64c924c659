/** From what was given on the command line to the settings of a run: every value checked, defaults filled in. */

import type { OptionValue } from '@fashion-bench/report';

import { UsageError } from '../process/errors.ts';
import type { Basis } from './option.ts';
import {
  longName,
  MAX_SEED,
  MAX_THREADS,
  OPTION_NAMES,
  type OptionName,
  OPTIONS,
  type Settings,
} from './options.ts';
import { RECIPES } from './recipes.ts';

export type { Settings } from './options.ts';

/** What was given, as it was given; see `Rule`. */
export type RawOptions = Readonly<
  Partial<Record<OptionName, string | true | readonly string[] | undefined>>
>;

export type Weights = Settings['weights'][number];

/** The published benchmark's grid (zalandoresearch/fashion-mnist, benchmark/baselines.json). */
export const GRID = {
  k: [1, 5, 9],
  weights: ['uniform', 'distance'],
  metrics: ['manhattan', 'euclidean'],
} as const;

/** Threads where the option is not given. @param cores available to the process */
export function defaultThreads(cores: number): number {
  return Math.min(MAX_THREADS, cores);
}

/** @throws UsageError naming the option, what it takes and what it got. */
export function readSettings(raw: RawOptions): Settings {
  const basis: Basis = {
    quick: raw.quick === true,
    synthetic: raw.synthetic === true,
    network: 'study',
    optimizer: 'adam',
  };
  basis.network = valueOf('network', raw, basis);
  basis.optimizer = valueOf('optimizer', raw, basis);
  const values: Partial<Settings> = {};
  for (const name of OPTION_NAMES) setValue(values, name, raw, basis);
  if (!isWhole(values)) throw new Error('an option has no value');
  checkTogether(raw, values);
  return values;
}

function valueOf<Name extends OptionName>(
  name: Name,
  raw: RawOptions,
  basis: Basis,
): Settings[Name] {
  const { schema, mustBe, byDefault } = OPTIONS[name];
  const text = raw[name];
  if (text === undefined) return byDefault(basis);
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new UsageError(`--${longName(name)} must be ${mustBe}, not '${String(text)}'.`);
}

function setValue<Name extends OptionName>(
  into: { -readonly [Key in Name]?: Settings[Key] },
  name: Name,
  raw: RawOptions,
  basis: Basis,
): void {
  into[name] = valueOf(name, raw, basis);
}

function isWhole(values: Partial<Settings>): values is Settings {
  return OPTION_NAMES.every((name) => name in values);
}

/** What no option can tell by itself. @throws UsageError */
function checkTogether(raw: RawOptions, { seed, repeats }: Settings): void {
  const exclude = (one: OptionName, other: OptionName): void => {
    if (raw[one] === undefined || raw[other] === undefined) return;
    throw new UsageError(
      `--${longName(one)} and --${longName(other)} exclude each other: choose one.`,
    );
  };
  exclude('synthetic', 'dataDir');
  exclude('image', 'index');
  if (raw.protocol === 'published' && (raw.k !== undefined || raw.weights !== undefined)) {
    throw new UsageError('--protocol published runs its whole grid: leave --k and --weights out.');
  }
  if (seed + repeats - 1 > MAX_SEED) {
    throw new UsageError(
      `--repeats ${repeats} counts up from --seed ${seed}, beyond the largest seed, ${MAX_SEED}: choose a smaller seed.`,
    );
  }
  if (raw.repeatBatchSize !== undefined && repeats === 1) {
    throw new UsageError('--repeat-batch-size needs --repeats of 2 or more.');
  }
}

/** Every option of a run after defaults, by its long name, for the record. */
export function optionsForRecord(settings: Settings): Record<string, OptionValue> {
  const names = OPTION_NAMES.filter(
    (name) => OPTIONS[name].parts.includes('all') && name !== 'resume',
  );
  return Object.fromEntries(names.map((name) => [longName(name), settings[name]]));
}

/** Seed and batch of every training that was asked for, in order. */
export function trainingsOf({
  seed,
  repeats,
  batchSize,
  repeatBatchSize,
}: Settings): readonly Pick<Settings, 'seed' | 'batchSize'>[] {
  return Array.from({ length: repeats }, (_, i) => ({
    seed: seed + i,
    batchSize: i === 0 ? batchSize : (repeatBatchSize ?? batchSize),
  }));
}

/** The study's training recipe on the whole of the real data: only this promises an accuracy. */
export function isFullTraining(settings: Settings): boolean {
  const { epochs, batchSize, optimizer, erasing } = RECIPES.study;
  return (
    isFullData(settings) &&
    settings.network === 'study' &&
    settings.optimizer === optimizer.name &&
    settings.learningRate === optimizer.learningRate &&
    settings.epochs === epochs &&
    settings.batchSize === batchSize &&
    settings.augment === erasing.when
  );
}

/** All 60,000 and 10,000 images of the real data set. */
export function isFullData(settings: Settings): boolean {
  return !settings.synthetic && settings.trainLimit === null && settings.testLimit === null;
}
