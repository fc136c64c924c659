/**
 * Training of a `tf.Sequential` in place: its weights go to the trainer of an engine, and come back when it is done.
 * The loop, the optimizers and the engines are \@fashion-bench/training's.
 */
import {
  fit,
  fitInWorker,
  networkOf,
  setWeightsOf,
  weightsOf,
  type CheckpointSchedule,
  type FitOptions,
  type ImageArray,
  type LabelledSet,
  type OptimizerConfig,
  type TrainerEngine,
  type TrainingEvent,
  type TrainingSnapshot,
} from '@fashion-bench/training';
import type * as tf from '@tensorflow/tfjs';
import { checkFlag, checkObject, isObject } from './checks.ts';
import { studyRecipe } from './recipes.ts';

export interface TrainCnnOptions {
  readonly engine: TrainerEngine;
  /** Images [n, rows, columns, channels]: uint8 0..255, which the engine divides by 255, or float32, used as they are. */
  readonly train: LabelledSet;
  /** Evaluated after every epoch, never trained on; of the same kind (uint8 or float32) as `train`. */
  readonly test?: LabelledSet | undefined;
  /** Default 50, as the study. */
  readonly epochs?: number | undefined;
  /** Default 32, as the study. */
  readonly batchSize?: number | undefined;
  /** Of shuffling and dropout: an integer in 0..2^32-1. Default 42. */
  readonly seed?: number | undefined;
  /** Default `adam()`, as the study. */
  readonly optimizer?: OptimizerConfig | undefined;
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
  /** Other training images for an epoch (from 1), of the same kind and number as `train`: augmented anew, say. */
  readonly imagesOfEpoch?: ((epoch: number) => ImageArray | Promise<ImageArray>) | undefined;
  /** Ends the training after the current step; the model keeps what it has learnt. */
  readonly signal?: AbortSignal | undefined;
  /** Asks for `checkpoint` events, as `fit` does. */
  readonly checkpoint?: CheckpointSchedule | undefined;
  /** Goes on from the snapshot of a `checkpoint` event; its weights go before the model's. */
  readonly resume?: TrainingSnapshot | undefined;
  /** Whether in a thread of its own, so that the caller's stays alive. Default true. */
  readonly inWorker?: boolean | undefined;
}

/**
 * Trains the model and reports every step and every epoch. Before the event `end` arrives, the model has its new
 * weights, also where a signal ended the training. Whoever leaves the loop earlier, or gets an error, has the model as
 * it was before. The model must not be changed meanwhile.
 *
 * @param model any model of the layers that \@fashion-bench/training knows, with a softmax at its end.
 * @throws (when the first event is asked for) UnsupportedModelError for another model, TrainingError for options that
 * do not fit, also where a pixel is NaN or infinite, CnnError 'options' for options that are none; later what the engine
 * fails with.
 */
export async function* trainCnn(
  model: tf.LayersModel,
  options: TrainCnnOptions,
): AsyncGenerator<TrainingEvent, void, undefined> {
  const fitOptions = fitOptionsOf(model, options);
  const { inWorker = true } = options;
  checkFlag('The option inWorker', inWorker);
  const events = inWorker ? fitInWorker(fitOptions) : fit(fitOptions);
  for await (const event of events) {
    if (event.type === 'end') setWeightsOf(model, event.state.weights);
    yield event;
  }
}

/**
 * What `trainCnn` hands to `fit`: defaults filled in, and left out what was not given. Sets lose what a thread could
 * not take over.
 */
export function fitOptionsOf(model: tf.LayersModel, options: TrainCnnOptions): FitOptions {
  checkObject('The options of a training', options);
  const { train, test, seed = 42, optimizer = studyRecipe.optimizer } = options;
  const { epochs = studyRecipe.epochs, batchSize = studyRecipe.batchSize } = options;
  // An option that does not exist goes along, so that `fit` refuses it by name.
  const rest = { ...options };
  delete rest.inWorker;
  return {
    ...rest,
    ...{ network: networkOf(model), weights: weightsOf(model), train: plain(train) },
    ...{ epochs, batchSize, seed, optimizer },
    ...(test !== undefined && { test: plain(test) }),
  };
}

/** What is no set is left to `fit`, which says so. */
function plain(set: LabelledSet): LabelledSet {
  if (!isObject(set)) return set;
  const { images, labels } = set;
  return { images, labels };
}
