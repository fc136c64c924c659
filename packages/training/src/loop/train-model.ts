/**
 * `model.fit` of TensorFlow.js, on any engine: what changes for a program is one line. The loop of `fitInWorker` trains; this is what stands
 * between it and a compiled model.
 */
import * as tf from '@tensorflow/tfjs';
import { types } from 'node:util';
import { z } from 'zod';
import { check, count, isObject, mustBe } from '../checks.ts';
import { TrainingError, UnsupportedModelError } from '../errors.ts';
import { compiledLoss, compiledOptimizer, LOSSES, measuresAccuracy } from './compiled-model.ts';
import { networkOf } from '../network/model.ts';
import { setWeightsOf, weightsOf } from '../network/model-weights.ts';
import { featureCount, type NetworkSpec } from '../network/network.ts';
import type { TrainerEngine } from '../trainer/create-trainer.ts';
import type { ImageArray, Labels } from '../trainer/trainer.ts';
import { fitInWorker } from '../worker/fit-in-worker.ts';
import type { EpochEvent } from './events.ts';
import { imageCount, type TrainingSet } from './options.ts';

/** A tensor, or its values in the same order. A Uint8Array of inputs are pixels, and divided by 255. */
export type ModelData = tf.Tensor | Float32Array | Uint8Array;

export interface TrainModelOptions {
  /** Default 1, as in TensorFlow.js. */
  readonly epochs?: number;
  /** Default 32. */
  readonly batchSize?: number;
  /** Part of the data, its end, that is not trained on but evaluated after every epoch. */
  readonly validationSplit?: number;
  readonly validationData?: readonly [ModelData, ModelData];
  /** Objects of functions, or instances like `tf.callbacks.earlyStopping()`; a callback that sets `model.stopTraining` ends the training. */
  readonly callbacks?: ModelCallback | readonly ModelCallback[];
  /** What epochs are counted from, for callbacks and history. Default 0. */
  readonly initialEpoch?: number;
  /** Default 'onnx-cpu'. */
  readonly engine?: TrainerEngine;
  /** Of shuffling and dropout, integer 0 .. 2^32 - 1. Default 0. */
  readonly seed?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

type Logs = Record<string, number>;

/** The part of TensorFlow.js' callbacks that is called. */
export interface ModelCallback {
  setModel?(model: tf.LayersModel): void;
  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  onEpochEnd?(epoch: number, logs?: Logs): void | Promise<void>;
  onBatchEnd?(batch: number, logs?: Logs): void | Promise<void>;
}

/** As TensorFlow.js' `History`: loss, acc, val_loss and val_acc of every epoch. */
export interface History {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
}

const data = z.custom(
  (value) => value instanceof tf.Tensor || types.isFloat32Array(value) || types.isUint8Array(value),
  'a tensor, a Float32Array or a Uint8Array',
);
const schema = z.strictObject({
  ...{ epochs: count(1).optional(), batchSize: count(1).optional() },
  validationSplit: z
    .custom((value) => typeof value === 'number' && value >= 0 && value < 1, 'from 0 to below 1')
    .optional(),
  validationData: z.tuple([data, data]).optional(),
  callbacks: z.custom(isObject, 'a callback or a list of them').optional(),
  ...{ initialEpoch: count(0).optional(), threads: count(1).optional() },
  ...{ engine: z.unknown().optional(), seed: z.unknown().optional() },
  signal: z.unknown().optional(),
});

/**
 * Trains a compiled model in a thread of its own, with its loss and optimizer, and writes the weights back at the end. The optimizer begins
 * anew, without memory of trainings before. `metrics` may have the accuracy; batches are always shuffled, by the seed.
 *
 * @param x inputs, [n, ...input] @param y for categoricalCrossentropy and the others targets [n, outputs], for sparseCategoricalCrossentropy classes [n]
 * @returns TensorFlow.js' history
 * @throws UnsupportedModelError for a layer, loss, optimizer or metric that cannot be trained with; TrainingError for options or data that do not fit
 */
export async function trainModel(
  model: tf.LayersModel,
  x: ModelData,
  y: ModelData,
  options: TrainModelOptions = {},
): Promise<History> {
  check(schema, options);
  for (const [name, value] of Object.entries({ x, y })) {
    mustBe(`The data ${name}`, value, 'a tensor or a typed array', data.safeParse(value).success);
  }
  const { epochs = 1, batchSize = 32, initialEpoch = 0, validationData } = options;
  const name = compiledLoss(model);
  const network = networkOf(model, { loss: LOSSES[name] ?? 'softmaxCrossEntropy' });
  const withAccuracy = measuresAccuracy(model);
  const whole = await setOf(x, y, name, network);
  const { train, test } = validationData
    ? { train: whole, test: await setOf(...validationData, name, network) }
    : split(whole, options.validationSplit ?? 0, network);
  const callbacks = [options.callbacks ?? []].flat() as readonly ModelCallback[];
  const stop = new AbortController();
  const { engine = 'onnx-cpu', seed = 0, threads, signal } = options;
  const logsOf = (event: { readonly loss: number; readonly accuracy: number }): Logs => ({
    loss: event.loss,
    ...(withAccuracy && { acc: event.accuracy }),
  });
  const epoch: number[] = [];
  const history: Record<string, number[]> = {};
  for (const callback of callbacks) callback.setModel?.(model);
  const wasStopped = watchStopTraining(model);
  for (const callback of callbacks) await callback.onTrainBegin?.();
  for (const callback of callbacks) await callback.onEpochBegin?.(initialEpoch);
  const events = fitInWorker({
    ...{ engine, network, weights: weightsOf(model), optimizer: compiledOptimizer(model), train },
    ...{ epochs: epochs - initialEpoch, seed },
    batchSize: Math.min(batchSize, imageCount(train, network)),
    ...(test && { test }),
    ...(threads !== undefined && { threads }),
    // Asked for the images of an epoch, the thread waits for what the callbacks said to the one before.
    ...(callbacks.length > 0 && { imagesOfEpoch: () => train.images }),
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  });
  for await (const event of events) {
    if (event.type === 'step') {
      const logs = { batch: event.step - 1, ...logsOf(event) };
      for (const callback of callbacks) await callback.onBatchEnd?.(event.step - 1, logs);
    }
    if (event.type === 'epoch') {
      const at = initialEpoch + event.epoch - 1;
      const logs = { ...logsOf(event), ...validationLogs(event, withAccuracy) };
      epoch.push(at);
      for (const [key, value] of Object.entries(logs)) (history[key] ??= []).push(value);
      for (const callback of callbacks) await callback.onEpochEnd?.(at, logs);
      if (wasStopped()) stop.abort();
      else if (at + 1 < epochs) {
        for (const callback of callbacks) await callback.onEpochBegin?.(at + 1);
      }
    }
    if (event.type === 'end') setWeightsOf(model, event.state.weights);
  }
  for (const callback of callbacks) await callback.onTrainEnd?.();
  return { epoch, history };
}

/** Where TensorFlow.js keeps it; a Sequential keeps a model inside for that. */
const stopped = z.object({ stopTraining_: z.literal(true) });
const stopSchema = z.union([stopped, z.object({ model: stopped })]);

/** Whether a callback has set `model.stopTraining`, which can only be written. */
function watchStopTraining(model: tf.LayersModel): () => boolean {
  model.stopTraining = false;
  return () => stopSchema.safeParse(model).success;
}

function validationLogs({ testLoss, testAccuracy }: EpochEvent, withAccuracy: boolean): Logs {
  return {
    ...(testLoss !== undefined && { val_loss: testLoss }),
    ...(testAccuracy !== undefined && withAccuracy && { val_acc: testAccuracy }),
  };
}

/** Inputs and labels as `fit` takes them. */
async function setOf(
  x: ModelData,
  y: ModelData,
  loss: string,
  network: NetworkSpec,
): Promise<TrainingSet> {
  const images = await valuesOf(x);
  const labels = await valuesOf(y);
  return {
    images,
    labels: loss.startsWith('sparse') ? classesOf(labels, network) : floats(labels),
  };
}

async function valuesOf(values: ModelData): Promise<ImageArray> {
  if (!(values instanceof tf.Tensor)) return values;
  return Float32Array.from(await values.data());
}

/** @throws UnsupportedModelError for more classes than a byte counts; TrainingError for what is no class */
function classesOf(labels: Labels, { classes }: NetworkSpec): Uint8Array {
  if (classes > 256) {
    throw new UnsupportedModelError(
      `The network has ${classes} classes; sparse labels are known for up to 256: compile it with categoricalCrossentropy and give one-hot targets.`,
    );
  }
  const wrong = labels.findIndex(
    (value) => !Number.isInteger(value) || value < 0 || value >= classes,
  );
  if (wrong < 0) return Uint8Array.from(labels);
  throw new TrainingError(
    `Label ${wrong} is ${labels[wrong]!}; the network has classes 0 to ${classes - 1}.`,
  );
}

function floats(labels: Labels): Float32Array {
  return types.isFloat32Array(labels) ? labels : Float32Array.from(labels);
}

/** The end of the data is kept for validation, as in Keras. @throws TrainingError where one part would be empty */
function split(
  whole: TrainingSet,
  part: number,
  { input }: NetworkSpec,
): { readonly train: TrainingSet; readonly test?: TrainingSet } {
  if (part === 0) return { train: whole };
  const size = featureCount(input);
  const all = whole.images.length / size;
  const kept = Math.floor(all * (1 - part));
  if (kept < 1 || kept >= all) {
    throw new TrainingError(
      `The option validationSplit is ${part}, which leaves ${kept} of ${all} images to train on.`,
    );
  }
  const width = whole.labels.length / all;
  const cut = (from: number, to: number): TrainingSet => ({
    images: whole.images.slice(from * size, to * size),
    labels: whole.labels.slice(from * width, to * width),
  });
  return { train: cut(0, kept), test: cut(kept, all) };
}
