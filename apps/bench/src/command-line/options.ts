/**
 * Every option of the command line, one row each. The manual, the settings of a run, the check of what was given to which
 * part, and what a resumed run may change are made from this table.
 */

import { ENGINE_IDS } from '@fashion-bench/engine';
import { z } from 'zod';

import {
  atLeastOne,
  folder,
  given,
  oneOf,
  option,
  type OptionRow,
  positive,
  type Rule,
  whole,
} from './option.ts';
import { MEASURED_PARTS, PART_NAMES } from './parts.ts';
import { OPTIMIZER_CHOICES, QUICK, RECIPES, usualRate } from './recipes.ts';

export const MAX_SEED = 0xffff_ffff;
/** As many as the searches of the package knn take. */
export const MAX_THREADS = 64;

const RACES = ['peers cnn', 'peers knn'] as const;
const MEASURING = [...MEASURED_PARTS, ...RACES] as const;

/** The paragraph of the manual that --help and --version stand in, too. */
export const GENERAL = 'General options:';

const COMMON = { heading: GENERAL, resumed: 'same' } as const;
const DATA = { heading: 'Data:', parts: MEASURING, resumed: 'same' } as const;
const KNN = {
  heading: 'k nearest neighbours:',
  parts: ['all', 'knn'],
  resumed: 'same',
} as const;
const CNN = {
  heading: 'Convolutional network:',
  parts: ['all', 'cnn'],
  resumed: 'same',
} as const;
const PEERS = { heading: 'Other libraries:', parts: RACES, resumed: 'refused' } as const;
const PREDICT = { heading: 'Single images:', parts: ['predict'], resumed: 'refused' } as const;
const COMPARE = { heading: 'Two runs:', parts: ['compare'], resumed: 'refused' } as const;
const OUTPUT = { heading: 'Output:', resumed: 'now' } as const;

const voteRule: Rule<readonly ('uniform' | 'distance')[]> = {
  schema: z.enum(['uniform', 'distance']).transform((weights) => [weights]),
  mustBe: 'uniform or distance',
};

const TABLE = {
  engine: option({
    ...COMMON,
    ...oneOf('<id>', ['auto', ...ENGINE_IDS], `auto, ${ENGINE_IDS.join(', ')}`),
    help: "where the arithmetic happens: auto, onnx-cpu, onnx-webgpu, tensorflow, tensorflow-gpu or reference; the part 'engines' lists all five (default: auto)",
    byDefault: () => 'auto',
    parts: MEASURING,
  }),
  threads: option({
    ...COMMON,
    ...whole(1, MAX_THREADS, `a whole number from 1 to ${MAX_THREADS}`),
    help: 'threads of the engine (default: all cores)',
    byDefault: () => null,
    parts: [...MEASURING, 'engines'],
  }),
  seed: option({
    ...COMMON,
    ...whole(0, MAX_SEED, `a whole number from 0 to ${MAX_SEED}`),
    help: 'seed of everything random (default: 42)',
    byDefault: () => 42,
    parts: [...MEASURING, 'predict'],
  }),
  quick: option({
    ...COMMON,
    ...given,
    help: `a subset (${QUICK.trainLimit} training and ${QUICK.testLimit} test images), ${QUICK.epochs} epochs, small kernel blocks; explicit options still win`,
    byDefault: () => false,
    parts: MEASURING,
  }),
  resume: option({
    ...COMMON,
    ...folder,
    takes: '<run>',
    help: 'continue an interrupted run, named by its folder, to all that it was asked for; a training to the same weights as if it had never stopped',
    byDefault: () => null,
    parts: MEASURED_PARTS,
    resumed: 'now',
  }),
  dataDir: option({
    ...DATA,
    ...folder,
    help: 'folder with the four Fashion-MNIST files',
    byDefault: () => null,
    parts: [...MEASURING, 'predict'],
    resumed: 'last',
  }),
  synthetic: option({
    ...DATA,
    ...given,
    help: 'drawn images instead of Fashion-MNIST, for tests',
    byDefault: () => false,
    parts: [...MEASURING, 'predict'],
  }),
  trainLimit: option({
    ...DATA,
    ...atLeastOne,
    help: 'use only n training images, stratified',
    // The synthetic set is small already: a quick run of it needs no limits.
    byDefault: ({ quick, synthetic }) => (quick && !synthetic ? QUICK.trainLimit : null),
  }),
  testLimit: option({
    ...DATA,
    ...atLeastOne,
    help: 'use only n test images, stratified',
    byDefault: ({ quick, synthetic }) => (quick && !synthetic ? QUICK.testLimit : null),
  }),
  k: option({
    ...KNN,
    ...atLeastOne,
    help: 'number of neighbours (default: 5)',
    byDefault: () => 5,
    parts: ['all', 'knn', 'peers knn'],
  }),
  weights: option({
    ...KNN,
    ...voteRule,
    takes: '<rule>',
    help: 'uniform or distance (default: both)',
    byDefault: () => ['uniform', 'distance'],
  }),
  protocol: option({
    ...KNN,
    ...oneOf('<which>', ['study', 'published']),
    help: "study: raw pixels, --k and --weights; published: the published benchmark's grid, k 1, 5, 9, both weights, Manhattan and Euclidean, on standardised pixels (default: study)",
    byDefault: () => 'study',
  }),
  network: option({
    ...CNN,
    ...oneOf('<which>', ['study', 'published']),
    help: 'study: 438,122 parameters; published: "2 Conv+pooling" of the published benchmark, 3,274,634 parameters (default: study)',
    byDefault: () => 'study',
  }),
  optimizer: option({
    ...CNN,
    ...oneOf('<name>', OPTIMIZER_CHOICES),
    help: "adam, sgd, rmsprop, adamax or lion (default: the network's own, adam for study, sgd for published)",
    byDefault: ({ network }) => RECIPES[network].optimizer.name,
  }),
  learningRate: option({
    ...CNN,
    ...positive,
    help: "of the optimizer (default: 0.001, and 0.01 for sgd with the study's network)",
    byDefault: ({ network, optimizer }) => usualRate(network, optimizer),
  }),
  epochs: option({
    ...CNN,
    ...atLeastOne,
    help: `passes over the training set (default: ${RECIPES.study.epochs})`,
    byDefault: ({ quick, network }) => (quick ? QUICK.epochs : RECIPES[network].epochs),
  }),
  batchSize: option({
    ...CNN,
    ...atLeastOne,
    help: `images per training step (default: ${RECIPES.study.batchSize}, and ${RECIPES.published.batchSize} for published); with peers several, as in 32,128: one race for each`,
    byDefault: ({ network }) => RECIPES[network].batchSize,
    parts: ['all', 'cnn', 'peers cnn'],
  }),
  augment: option({
    ...CNN,
    ...oneOf('<when>', ['once', 'epoch', 'none']),
    help: "Random Erasing of 15 % of the training images: once before training (the study's way), anew every epoch, or none (default: once, and none for published)",
    byDefault: ({ network }) => RECIPES[network].erasing.when,
    parts: ['all', 'cnn', 'peers cnn'],
  }),
  repeats: option({
    ...CNN,
    ...atLeastOne,
    help: 'trainings, with the seeds --seed, --seed + 1, ...; the report gives mean and sd over them (default: 1)',
    byDefault: () => 1,
  }),
  repeatBatchSize: option({
    ...CNN,
    ...atLeastOne,
    help: 'images per step in the trainings after the first (default: --batch-size)',
    byDefault: () => null,
  }),
  checkpointEvery: option({
    ...CNN,
    ...atLeastOne,
    help: 'epochs between two checkpoints of the training (default: 1)',
    byDefault: () => 1,
    resumed: 'last',
  }),
  checkpointSteps: option({
    ...CNN,
    ...atLeastOne,
    help: 'a checkpoint after every n steps as well (default: none)',
    byDefault: () => null,
    resumed: 'last',
  }),
  pairs: option({
    ...PEERS,
    ...atLeastOne,
    help: 'rounds of a race, one lap of each (default: 5)',
    byDefault: () => 5,
  }),
  peers: option({
    ...PEERS,
    schema: z.string().transform((ids) => ids.split(',').map((id) => id.trim())),
    mustBe: 'ids with commas between',
    takes: '<ids>',
    help: 'who races, with commas between: keras, torch, tfjs-node after cnn, faiss, sklearn after knn (default: all; whoever is missing is named)',
    byDefault: () => null,
  }),
  python: option({
    ...PEERS,
    ...folder,
    mustBe: 'the path of a Python',
    takes: '<path>',
    help: 'the Python that has their libraries, see docs/races.md (default: python3)',
    byDefault: () => (process.platform === 'win32' ? 'python' : 'python3'),
  }),
  image: option({
    ...PREDICT,
    schema: z.array(z.string().min(1)).readonly(),
    mustBe: 'the path of an image',
    takes: '<file>',
    repeated: true,
    help: "with predict: a PNG or JPEG file of any size; it is brought to 28 x 28 grey pixels on black as the data set's authors did; may be given several times",
    byDefault: () => [],
  }),
  index: option({
    ...PREDICT,
    ...whole(0, Number.MAX_SAFE_INTEGER, 'a whole number of at least 0'),
    help: 'with predict: an image of the test set, counted from 0 (default: 0)',
    byDefault: () => 0,
  }),
  failOn: option({
    ...COMPARE,
    schema: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(['slower', 'worse'])).min(1))
      .readonly(),
    mustBe: 'slower, worse or slower,worse',
    takes: '<verdicts>',
    help: 'with compare: exit code 3 where the second run is slower or worse, and not by chance: slower, worse or slower,worse',
    byDefault: () => [],
  }),
  out: option({
    ...OUTPUT,
    ...folder,
    help: "the run's own folder (default: see Files)",
    byDefault: () => null,
    parts: [...MEASURING, 'report'],
    resumed: 'refused',
  }),
  json: option({
    ...OUTPUT,
    ...given,
    help: 'print the record (or the comparison) to standard output, nothing else there',
    byDefault: () => false,
    parts: [...MEASURING, 'engines', 'predict', 'report', 'compare'],
  }),
  quiet: option({
    ...OUTPUT,
    ...given,
    help: 'no progress and no notes',
    byDefault: () => false,
    parts: PART_NAMES,
  }),
};

export type OptionName = keyof typeof TABLE;

/** Every option by its name, with the value that was given or its default. */
export type Settings = {
  readonly [Name in OptionName]: (typeof TABLE)[Name] extends OptionRow<infer Value>
    ? Value
    : never;
};

export const OPTIONS: { readonly [Name in OptionName]: OptionRow<Settings[Name]> } = TABLE;

export const OPTION_NAMES: readonly OptionName[] = Object.keys(TABLE).filter((name) =>
  isOption(name),
);

function isOption(name: string): name is OptionName {
  return Object.hasOwn(TABLE, name);
}

/** `batchSize` as it stands on the command line and in a record: `batch-size`. */
export function longName(name: OptionName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
