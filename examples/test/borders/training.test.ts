import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CheckpointError,
  CheckpointFolder,
  TrainingError,
  UnsupportedModelError,
  adam,
  checkFitOptions,
  configurationOf,
  countCorrect,
  createTrainer,
  featureCount,
  fit,
  fitInWorker,
  keepCheckpoints,
  meanCrossEntropy,
  networkOf,
  resumable,
  setWeightsOf,
  sgd,
  stepRate,
  weightsOf,
} from '@fashion-bench/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, test } from 'vitest';
import { type Border, faultsOf, missing, optional } from './nonsense.ts';

const model = tf.sequential({
  layers: [
    tf.layers.flatten({ inputShape: [2, 2, 1] }),
    tf.layers.dense({ units: 2, activation: 'softmax' }),
  ],
});
const network = networkOf(model);
const train = { images: new Uint8Array(16), labels: Uint8Array.of(0, 1, 0, 1) };
const common = { network, weights: weightsOf(model), optimizer: adam(), batchSize: 2, seed: 1 };
const options = {
  ...common,
  ...{ train, test: train, epochs: 1, threads: 1, imagesOfEpoch: () => train.images },
  ...{ signal: new AbortController().signal, checkpoint: { everyEpochs: 1, everySteps: 2 } },
};
const trainerOptions = { ...common, images: 'uint8', threads: 1, scale: 1 };
const left = (at: number, ...names: string[]): Border['takes'] =>
  Object.fromEntries(names.map((name) => [`${at}.${name}`, missing] as const));
const whole7 = (value: unknown): boolean => value === 7.5;
const whole = (value: unknown): boolean => missing(value) || value === 7.5 || value === -1;
const trainer = await createTrainer('reference', { ...trainerOptions, images: 'uint8' });
const batch = { images: train.images.subarray(0, 8), labels: train.labels.subarray(0, 2), size: 2 };
const probabilities = Float32Array.of(0.5, 0.5, 1, 0);
const state = await trainer.state();
afterAll(() => trainer.dispose());

const path = mkdtempSync(join(tmpdir(), 'borders-'));
const folder = new CheckpointFolder(path);
const configuration = configurationOf({ ...options, engine: 'reference' });
const position = { epoch: 1, step: 0, lossSum: 0, correct: 0, seconds: 0 };
const checkpoint = {
  ...{ snapshot: { state, position }, configuration, environment: {}, streams: [] },
  ...{ order: null, history: [] },
};
const kept = {
  ...{ configuration, environment: {}, streams: () => [], history: [] },
  ...{ onSaved: () => undefined, onProblem: () => undefined },
};
async function* noEvents(): AsyncGenerator<never> {
  // Of a training that is over.
}
const lists = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const texts = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
afterAll(() => {
  rmSync(path, { recursive: true });
});

const checkpoints = (value: unknown): boolean =>
  missing(value) ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
const fitTakes = {
  ...left(0, 'test', 'threads', 'imagesOfEpoch', 'signal', 'engine'),
  '0.checkpoint': checkpoints,
};
const borders: Border[] = [
  { name: 'checkFitOptions', call: checkFitOptions, good: [options], takes: fitTakes },
  {
    name: 'fit',
    call: fit,
    good: [{ ...options, engine: 'reference' }],
    takes: { ...fitTakes, '0.engine': () => false },
  },
  {
    name: 'createTrainer',
    call: createTrainer,
    good: ['reference', trainerOptions],
    takes: { ...left(1, 'threads', 'scale'), '1.scale': whole },
  },
  { name: 'step', call: (value: never) => trainer.step(value), good: [batch] },
  { name: 'steps', call: (value: never) => trainer.steps([value]), good: [batch] },
  { name: 'gradients', call: (value: never) => trainer.gradients(value), good: [batch] },
  {
    name: 'predict',
    call: (images: never, count: never) => trainer.predict(images, count),
    good: [train.images, 4],
  },
  {
    name: 'restore',
    call: (value: never) => {
      trainer.restore(value);
    },
    good: [state],
  },
  {
    name: 'adam',
    call: adam,
    good: [{ learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 }],
    takes: { '0': optional(0, {})['0'] ?? missing, '0.learningRate': whole, '0.epsilon': whole },
  },
  {
    name: 'sgd',
    call: sgd,
    good: [{ learningRate: 0.1 }],
    takes: { '0': optional(0, {})['0'] ?? missing, '0.learningRate': (value) => value === 7.5 },
  },
  {
    name: 'stepRate',
    call: stepRate,
    good: [adam(), 1],
    takes: { '0.learningRate': whole7, '0.epsilon': whole7 },
  },
  {
    name: 'configurationOf',
    call: configurationOf,
    good: [{ ...options, engine: 'reference' }, { images: 'once' }],
    takes: {
      ...fitTakes,
      ...optional(1, {}),
      '0.engine': () => true,
      '1.images': (v) => v === null || ['string', 'number', 'boolean'].includes(typeof v),
    },
  },
  {
    name: 'CheckpointFolder',
    call: (given: never) => new CheckpointFolder(given),
    good: [path],
    takes: { '0': (v) => v === 'nonsense' },
  },
  {
    name: 'save',
    call: folder.save.bind(folder),
    good: [checkpoint],
    takes: {
      '0.environment': texts,
      '0.streams': lists,
      '0.order': (v) => v === null,
      '0.history': Array.isArray,
    },
  },
  {
    name: 'resumable',
    call: resumable,
    good: [checkpoint, configuration],
    takes: {
      '1.other images every epoch': (v) => v === true,
      '0.environment': texts,
      '0.streams': lists,
      '0.order': (v) => v === null,
      '0.history': Array.isArray,
    },
  },
  {
    name: 'keepCheckpoints',
    call: (events: never, given: object) => keepCheckpoints(events, given as never),
    good: [noEvents(), { folder, ...kept }],
    takes: {
      ...left(1, 'environment', 'streams', 'history', 'onSaved', 'onProblem'),
      '1.environment': (v) => missing(v) || texts(v),
      '1.history': (v) => missing(v) || lists(v),
    },
  },
  { name: 'networkOf', call: networkOf, good: [model] },
  { name: 'weightsOf', call: weightsOf, good: [model] },
  { name: 'setWeightsOf', call: setWeightsOf, good: [model, weightsOf(model)] },
  { name: 'countCorrect', call: countCorrect, good: [probabilities, Uint8Array.of(0, 1), 2] },
  {
    name: 'meanCrossEntropy',
    call: meanCrossEntropy,
    good: [probabilities, Uint8Array.of(0, 1), 2],
  },
  { name: 'featureCount', call: featureCount, good: [{ rows: 1, columns: 2, channels: 3 }] },
];

test.each(borders)('training: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [TrainingError, UnsupportedModelError, CheckpointError])).toEqual(
    [],
  );
});

describe('says what to do', () => {
  const floats = { images: new Float32Array(16).fill(0.5), labels: train.labels };
  test.each([
    [
      { optimizer: 'adam' },
      "optimizer is 'adam', but must be what adam(), sgd() and the like give",
    ],
    [{ optimizer: { ...adam(), beta1: 2 } }, 'must be what adam(), sgd() and the like give'],
    [{ network: model }, 'network is a model of TensorFlow.js, but must be what networkOf(model)'],
    [
      { engine: 'auto' },
      "engine is 'auto', but must be one of tensorflow-gpu, tensorflow, onnx-cpu",
    ],
    [{ threads: 1e6 }, 'threads is 1000000, but must be a whole number from 1 to 256'],
    [{ batch_size: 2 }, 'There is no option "batch_size"'],
    [
      {
        train: {
          images: train.images,
          labels: [
            [1, 0],
            [0, 1],
            [1, 0],
            [0, 1],
          ],
        },
      },
      'must be a Uint8Array of the class of each image',
    ],
    [
      { train: { images: train.images, labels: Int8Array.of(0, -1, 0, 1) } },
      'must be a Uint8Array of the class of each image',
    ],
    [
      { train: { images: train.images, labels: Uint8Array.of(1, 0, 0, 1, 1, 0, 0, 1) } },
      'one-hot labels?',
    ],
    [
      { train: { ...floats, images: floats.images.with(5, NaN) }, test: undefined },
      'Value 5 of the training images is NaN',
    ],
    [
      { train: floats, test: undefined, imagesOfEpoch: () => floats.images.with(3, NaN) },
      'Value 3 of the images of epoch 1 is NaN',
    ],
    [{ weights: common.weights.with(1, Infinity) }, 'Value 1 of the weights is Infinity'],
  ])('%j', async (wrong: object, words) => {
    const given: object = { ...options, engine: 'reference', ...wrong };
    for (const start of [fit, fitInWorker]) {
      const first = async (): Promise<void> => {
        for await (const event of start(given as never)) if (event.type === 'epoch') break;
      };
      await expect(first()).rejects.toThrow(words);
    }
  });
});
