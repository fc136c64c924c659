/**
 * From the raw strings of the command line to the settings of a run: every value checked, presets applied.
 * Nothing here knows how options are spelt on the command line beyond their names.
 */

import { ENGINE_IDS, type EngineId } from '@fashion-bench/engine';
import type { OptionValue } from '@fashion-bench/report';
import { z } from 'zod';

import { UsageError } from '../process/errors.ts';
import {
  type NetworkChoice,
  type OptimizerChoice,
  type Recipe,
  RECIPES,
  usualRate,
} from './recipes.ts';

export const PARTS = [
  'all',
  'knn',
  'cnn',
  'kernels',
  'peers',
  'engines',
  'predict',
  'report',
  'compare',
] as const;
export type Part = (typeof PARTS)[number];

/** Those that make a run with a record of its own, which can be resumed. */
export const MEASURED_PARTS = ['all', 'knn', 'cnn', 'kernels'] as const;
export type MeasuredPart = (typeof MEASURED_PARTS)[number];

export type Weights = 'uniform' | 'distance';
export type Protocol = 'study' | 'published';

/** The published benchmark's grid (zalandoresearch/fashion-mnist, benchmark/baselines.json). */
export const GRID = {
  k: [1, 5, 9],
  weights: ['uniform', 'distance'],
  metrics: ['manhattan', 'euclidean'],
} as const;

export interface Settings {
  readonly engine: EngineId | 'auto';
  readonly network: NetworkChoice;
  readonly optimizer: OptimizerChoice;
  readonly learningRate: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Trainings of the network: with `seed`, `seed + 1`, ... */
  readonly repeats: number;
  /** Batch of the trainings after the first; null for the same. */
  readonly repeatBatchSize: number | null;
  readonly k: number;
  readonly weights: readonly Weights[];
  /** Of k-NN: the study's (raw pixels) or the published benchmark's (its grid, standardised pixels). */
  readonly protocol: Protocol;
  /** Images to use, or null for all. */
  readonly trainLimit: number | null;
  readonly testLimit: number | null;
  readonly augment: 'once' | 'epoch' | 'none';
  /** Epochs between two checkpoints. */
  readonly checkpointEvery: number;
  /** Steps between two checkpoints besides, or null. */
  readonly checkpointSteps: number | null;
  readonly dataDir: string | null;
  readonly synthetic: boolean;
  readonly out: string | null;
  readonly quick: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Threads of the engine, or null for all cores. */
  readonly threads: number | null;
}

/** The strings as the user gave them; undefined where an option was not given. */
export interface RawOptions {
  readonly engine?: string | undefined;
  readonly network?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly learningRate?: string | undefined;
  readonly epochs?: string | undefined;
  readonly batchSize?: string | undefined;
  readonly seed?: string | undefined;
  readonly repeats?: string | undefined;
  readonly repeatBatchSize?: string | undefined;
  readonly k?: string | undefined;
  readonly weights?: string | undefined;
  readonly protocol?: string | undefined;
  readonly trainLimit?: string | undefined;
  readonly testLimit?: string | undefined;
  readonly augment?: string | undefined;
  readonly checkpointEvery?: string | undefined;
  readonly checkpointSteps?: string | undefined;
  readonly resume?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly out?: string | undefined;
  readonly threads?: string | undefined;
  readonly pairs?: string | undefined;
  readonly peers?: string | undefined;
  readonly image?: readonly string[] | undefined;
  readonly index?: string | undefined;
  readonly python?: string | undefined;
  readonly synthetic?: true | undefined;
  readonly quick?: true | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** What `pnpm bench` does without options: the study's recipe. */
const FULL = { ...RECIPES.study, seed: 42, k: 5 } as const;

/** What `--quick` puts in the place of the defaults; options given explicitly still win. */
export const QUICK = { epochs: 2, trainLimit: 6000, testLimit: 2000 } as const;

const MAX_SEED = 0xffff_ffff;
/** As many as the searches of the package knn take. */
const MAX_THREADS = 64;

/** Threads where the option is not given. @param cores available to the process */
export function defaultThreads(cores: number): number {
  return Math.min(MAX_THREADS, cores);
}

interface Rule<T> {
  readonly schema: z.ZodType<T, string>;
  /** Completes the sentence "--k must be ...". */
  readonly words: string;
}

function whole(min: number, max: number, words: string): Rule<number> {
  const digits = z.string().regex(/^\d+$/).transform(Number);
  return { schema: digits.pipe(z.int().min(min).max(max)), words };
}

const atLeastOne = whole(1, Number.MAX_SAFE_INTEGER, 'a whole number of at least 1');

const positive = z
  .string()
  .regex(/^\d*\.?\d+(e[+-]?\d+)?$/i)
  .transform(Number);

const rules = {
  network: { schema: z.enum(['study', 'published']), words: 'study or published' },
  optimizer: { schema: z.enum(['adam', 'sgd']), words: 'adam or sgd' },
  rate: { schema: positive.pipe(z.number().positive()), words: 'a number above 0' },
  engine: { schema: z.enum(['auto', ...ENGINE_IDS]), words: `auto, ${ENGINE_IDS.join(', ')}` },
  seed: whole(0, MAX_SEED, `a whole number from 0 to ${MAX_SEED}`),
  threads: whole(1, MAX_THREADS, `a whole number from 1 to ${MAX_THREADS}`),
  weights: { schema: z.enum(['uniform', 'distance']), words: 'uniform or distance' },
  protocol: { schema: z.enum(['study', 'published']), words: 'study or published' },
  augment: { schema: z.enum(['once', 'epoch', 'none']), words: 'once, epoch or none' },
  index: whole(0, Number.MAX_SAFE_INTEGER, 'a whole number of at least 0'),
  folder: { schema: z.string().min(1), words: 'the path of a folder' },
} satisfies Record<string, Rule<unknown>>;

function read<T>(name: string, text: string | undefined, rule: Rule<T>): T | undefined {
  if (text === undefined) return undefined;
  const result = rule.schema.safeParse(text);
  if (result.success) return result.data;
  throw new UsageError(`--${name} must be ${rule.words}, not '${text}'.`);
}

/** A whole number of at least 1, where given. @throws UsageError naming the option and what it got. */
export function readCount(name: string, text: string | undefined): number | undefined {
  return read(name, text, atLeastOne);
}

/** The number of an image, where given. @throws UsageError naming what it got. */
export function readIndex(text: string | undefined): number | undefined {
  return read('index', text, rules.index);
}

/** @throws UsageError naming the option, what it takes and what it got. */
export function readSettings(raw: RawOptions): Settings {
  const quick = raw.quick ?? false;
  const weights = read<Weights>('weights', raw.weights, rules.weights);
  const network = read<NetworkChoice>('network', raw.network, rules.network) ?? 'study';
  const recipe: Recipe = RECIPES[network];
  const optimizer =
    read<OptimizerChoice>('optimizer', raw.optimizer, rules.optimizer) ?? recipe.optimizer;
  const preset = quick ? QUICK : { epochs: recipe.epochs, trainLimit: null, testLimit: null };
  if (raw.synthetic && raw.dataDir !== undefined) {
    throw new UsageError('--synthetic and --data-dir exclude each other: choose one.');
  }
  const protocol = read<Protocol>('protocol', raw.protocol, rules.protocol) ?? 'study';
  if (protocol === 'published' && (raw.k !== undefined || raw.weights !== undefined)) {
    throw new UsageError('--protocol published runs its whole grid: leave --k and --weights out.');
  }
  const seed = read('seed', raw.seed, rules.seed) ?? FULL.seed;
  const repeats = read('repeats', raw.repeats, atLeastOne) ?? 1;
  if (seed + repeats - 1 > MAX_SEED) {
    throw new UsageError(
      `--repeats ${repeats} counts up from --seed ${seed}, beyond the largest seed, ${MAX_SEED}: choose a smaller seed.`,
    );
  }
  const repeatBatchSize = read('repeat-batch-size', raw.repeatBatchSize, atLeastOne) ?? null;
  if (repeatBatchSize !== null && repeats === 1) {
    throw new UsageError('--repeat-batch-size needs --repeats of 2 or more.');
  }
  return {
    engine: read('engine', raw.engine, rules.engine) ?? 'auto',
    network,
    optimizer,
    learningRate:
      read('learning-rate', raw.learningRate, rules.rate) ?? usualRate(network, optimizer),
    epochs: read('epochs', raw.epochs, atLeastOne) ?? preset.epochs,
    batchSize: read('batch-size', raw.batchSize, atLeastOne) ?? recipe.batchSize,
    seed,
    repeats,
    repeatBatchSize,
    k: read('k', raw.k, atLeastOne) ?? FULL.k,
    protocol,
    weights: weights === undefined ? ['uniform', 'distance'] : [weights],
    // The synthetic set is small already: a quick run of it needs no limits.
    trainLimit:
      read('train-limit', raw.trainLimit, atLeastOne) ?? (raw.synthetic ? null : preset.trainLimit),
    testLimit:
      read('test-limit', raw.testLimit, atLeastOne) ?? (raw.synthetic ? null : preset.testLimit),
    augment: read('augment', raw.augment, rules.augment) ?? recipe.augment,
    checkpointEvery: read('checkpoint-every', raw.checkpointEvery, atLeastOne) ?? 1,
    checkpointSteps: read('checkpoint-steps', raw.checkpointSteps, atLeastOne) ?? null,
    dataDir: read('data-dir', raw.dataDir, rules.folder) ?? null,
    synthetic: raw.synthetic ?? false,
    out: read('out', raw.out, rules.folder) ?? null,
    quick,
    json: raw.json ?? false,
    quiet: raw.quiet ?? false,
    threads: read('threads', raw.threads, rules.threads) ?? null,
  };
}

/** Every option after defaults and presets, by its long name, for the record. */
export function optionsForRecord(settings: Settings): Record<string, OptionValue> {
  const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  return Object.fromEntries(Object.entries(settings).map(([name, v]) => [dashed(name), v]));
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
  return (
    isFullData(settings) &&
    settings.network === 'study' &&
    settings.optimizer === FULL.optimizer &&
    settings.learningRate === FULL.learningRate &&
    settings.epochs === FULL.epochs &&
    settings.batchSize === FULL.batchSize &&
    settings.augment === FULL.augment
  );
}

/** All 60,000 and 10,000 images of the real data set. */
export function isFullData(settings: Settings): boolean {
  return !settings.synthetic && settings.trainLimit === null && settings.testLimit === null;
}
