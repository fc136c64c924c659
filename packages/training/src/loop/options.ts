/** What `fit` takes, and the checks of it. */
import { types } from 'node:util';
import { z } from 'zod';
import { check, checkFinite, count, isFunction, isImages, isObject, kindOf } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import { checkNetwork, checkWeights } from '../network/checks.ts';
import { featureCount, type NetworkSpec } from '../network/network.ts';
import { trainerOptions } from '../trainer/checks.ts';
import type { TrainerEngine } from '../trainer/create-trainer.ts';
import type { OptimizerConfig } from '../trainer/optimizer.ts';
import type { ImageArray, Labels } from '../trainer/trainer.ts';
import { isCallback, type CallbackConfig } from './callbacks.ts';
import {
  checkSnapshot,
  isSnapshot,
  type CheckpointSchedule,
  type TrainingSnapshot,
} from './position.ts';

/** Images with what the network is to give for them. */
export interface TrainingSet {
  /** Row-major [n, rows, columns, channels]. */
  readonly images: ImageArray;
  /** Classes [n], each 0 .. classes - 1; or a Float32Array of targets [n, classes], which every loss but softmax cross-entropy wants. */
  readonly labels: Labels;
}

/** Images in a set. */
export function imageCount({ images }: TrainingSet, { input }: NetworkSpec): number {
  return images.length / featureCount(input);
}

/** Images with their classes. */
export interface LabelledSet extends TrainingSet {
  /** Row-major [n, rows, columns, channels]. */
  readonly images: ImageArray;
  /** [n], each 0 .. classes - 1. */
  readonly labels: Uint8Array;
}

export interface FitOptions {
  readonly engine: TrainerEngine;
  readonly network: NetworkSpec;
  /** Flat initial weights, Keras' order (`weightsOf`). */
  readonly weights: Float32Array;
  readonly optimizer: OptimizerConfig;
  readonly train: TrainingSet;
  /** Evaluated after every epoch; never trained on. */
  readonly test?: TrainingSet | undefined;
  readonly epochs: number;
  readonly batchSize: number;
  /** Of shuffling and dropout, integer 0 .. 2^32 - 1. */
  readonly seed: number;
  /** Of the engine, 1 to 256; its own choice when left out. */
  readonly threads?: number | undefined;
  /** Other training images for an epoch (augmented anew, say), of the same size. `train.images` when left out. */
  readonly imagesOfEpoch?: ((epoch: number) => ImageArray | Promise<ImageArray>) | undefined;
  /** Ends the training after the current run of steps (`Trainer.stepsPerRun`): a fraction of a second. */
  readonly signal?: AbortSignal | undefined;
  /** Asks for `checkpoint` events; there are none when left out. */
  readonly checkpoint?: CheckpointSchedule | undefined;
  /** What ends the training early, lowers its rate or hands weights out, by its figures: `earlyStopping()` and the like. */
  readonly callbacks?: readonly CallbackConfig[] | undefined;
  /** Goes on from the snapshot of a `checkpoint` event of the same training, to the same end to the bit. */
  readonly resume?: TrainingSnapshot | undefined;
}

const imageArray = z.custom(isImages, 'a Uint8Array or a Float32Array');
const labelArray = z.custom(
  (labels) => types.isUint8Array(labels) || types.isFloat32Array(labels),
  'a Uint8Array of the class of each image, from 0 to the number of classes - 1, or a Float32Array of targets',
);
const labelledSet = z.looseObject(
  { images: imageArray, labels: labelArray },
  '{ images, labels }, two typed arrays',
);
const fitSchema = z.strictObject({
  ...trainerOptions,
  engine: z.unknown().optional(),
  train: labelledSet,
  test: labelledSet.optional(),
  epochs: count(1),
  imagesOfEpoch: z.custom(isFunction, 'a function').optional(),
  signal: z
    .custom((value) => isObject(value) && isFunction(value['addEventListener']), 'an AbortSignal')
    .optional(),
  checkpoint: z
    .strictObject(
      { everyEpochs: count(1).optional(), everySteps: count(1).optional() },
      'an object of everyEpochs and everySteps',
    )
    .optional(),
  callbacks: z
    .array(
      z.custom(isCallback, 'what earlyStopping(), reduceLROnPlateau() and modelCheckpoint() give'),
      'a list of callbacks',
    )
    .optional(),
  resume: z.custom(isSnapshot, 'the snapshot of a checkpoint event').optional(),
});
/** @throws TrainingError for an option of `fit` that is unknown or has a value it may not have. */
export function checkFitShape(options: unknown): void {
  check(fitSchema, options);
  checkNetwork(isObject(options) ? options['network'] : undefined);
}

/** @throws TrainingError in one sentence for options that do not fit the data or each other. */
export function checkFitOptions(options: Omit<FitOptions, 'engine'>): void {
  checkFitShape(options);
  const { network, weights, train, test, epochs, batchSize } = options;
  checkWeights(weights, network);
  for (const [what, set] of [
    ['training', train],
    ['test', test],
  ] as const) {
    if (!set) continue;
    const size = featureCount(network.input);
    if (checkTargets(set, what, network)) continue;
    if (set.labels.length === 0 || set.images.length !== set.labels.length * size) {
      throw new TrainingError(
        `The ${what} set has ${set.labels.length} labels and ${set.images.length} pixel values; it needs ${size} values for each label, and at least one${oneHotAdvice(set, size, network.classes)}.`,
      );
    }
    const wrong = set.labels.findIndex((label) => label >= network.classes);
    if (wrong >= 0) {
      throw new TrainingError(
        `Label ${wrong} of the ${what} set is ${set.labels[wrong]!}; the network has classes 0 to ${network.classes - 1}.`,
      );
    }
    checkFinite(set.images, `the ${what} images`);
  }
  if (test && kindOf(test.images) !== kindOf(train.images)) {
    throw new TrainingError(
      'The training and the test images must both be Uint8Array or both Float32Array.',
    );
  }
  const count = imageCount(train, network);
  if (batchSize > count) {
    throw new TrainingError(
      `The batch size must be a whole number from 1 to the ${count} training images, not ${batchSize}.`,
    );
  }
  checkCallbacks(options);
  if (options.resume) {
    checkSnapshot(options.resume, epochs, Math.ceil(count / batchSize));
  }
}

/** @throws TrainingError for callbacks that watch what there is not, or do what cannot be done. */
function checkCallbacks({ callbacks = [], test, optimizer }: Omit<FitOptions, 'engine'>): void {
  for (const { name, monitor } of callbacks) {
    if (!test && monitor.startsWith('test')) {
      throw new TrainingError(
        `The callback ${name} monitors ${monitor}, but there is no test set; give one, or monitor loss or accuracy.`,
      );
    }
    if (name === 'reduceLROnPlateau' && optimizer.schedule) {
      throw new TrainingError(
        'The callback reduceLROnPlateau sets the learning rate, and so does the schedule of the optimizer; take one of the two.',
      );
    }
  }
  const restoring = callbacks.filter(
    (one) => 'restoreBestWeights' in one && one.restoreBestWeights,
  );
  if (restoring.length > 1) {
    throw new TrainingError('Only one callback can have restoreBestWeights.');
  }
}

/** @returns whether the set has targets. @throws TrainingError where they do not fit the images, or are wanted and not there. */
function checkTargets(
  { images, labels }: TrainingSet,
  what: string,
  { input, classes, loss }: NetworkSpec,
): boolean {
  if (types.isUint8Array(labels)) {
    if (loss === 'softmaxCrossEntropy') return false;
    throw new TrainingError(
      `The labels of the ${what} set are a Uint8Array of classes; the loss ${loss} takes a Float32Array of targets, ${classes} for each image.`,
    );
  }
  const count = images.length / featureCount(input);
  if (count === 0 || labels.length !== count * classes) {
    throw new TrainingError(
      `The ${what} set has ${labels.length} targets and ${images.length} pixel values; it needs ${classes} targets for each ${featureCount(input)} values, and at least one image.`,
    );
  }
  checkFinite(images, `the ${what} images`);
  checkFinite(labels, `the ${what} targets`);
  return true;
}

/** Labels as Keras' `categorical_crossentropy` wants them are a usual mistake. */
function oneHotAdvice({ images, labels }: TrainingSet, size: number, classes: number): string {
  const isOneHot = classes > 1 && labels.length * size === images.length * classes;
  return isOneHot ? " (one-hot labels? give the number of each image's class)" : '';
}
