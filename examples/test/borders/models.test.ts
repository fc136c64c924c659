/** The packages of models and engines: cnn, model-files and engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CnnError,
  evaluate,
  fashionCnn,
  fitOptionsOf,
  glorotUniform,
  predict,
  publishedCnn,
  trainCnn,
} from '@fashion-bench/cnn';
import {
  EngineOptionsError,
  EngineUnavailableError,
  UnknownEngineError,
  listEngines,
  resolveEngine,
} from '@fashion-bench/engine';
import {
  ModelFileError,
  exportOnnx,
  loadKerasH5,
  loadModel,
  loadOnnx,
  openClassifier,
  saveKerasH5,
  saveModel,
  toOnnx,
} from '@fashion-bench/model-files';
import { RandomError } from '@fashion-bench/random';
import { TensorflowError, loadTensorflow } from '@fashion-bench/tensorflow';
import {
  TrainingError,
  UnsupportedModelError,
  adam,
  checkFitOptions,
  networkOf,
} from '@fashion-bench/training';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { type Border, faultsOf, missing, optional, texts } from './nonsense.ts';

const folder = mkdtempSync(join(tmpdir(), 'borders-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);
const model = tf.sequential({
  layers: [
    tf.layers.flatten({ inputShape: [2, 2, 1] }),
    tf.layers.dense({ units: 2, activation: 'softmax' }),
  ],
});
const set = { images: new Uint8Array(16), labels: Uint8Array.of(0, 1, 0, 1) };
const options = { engine: 'reference', threads: 1 };
const left = (of: object): Border['takes'] =>
  Object.fromEntries(Object.keys(of).map((name) => [`1.${name}`, missing]));
const fitting = {
  ...{ test: set, epochs: 1, batchSize: 2, seed: 1, optimizer: adam(), threads: 1 },
  ...{ imagesOfEpoch: () => set.images, signal: new AbortController().signal },
  ...{ checkpoint: { everyEpochs: 1 }, inWorker: false },
};

const cnn: Border[] = [
  { name: 'fashionCnn', call: fashionCnn, good: [{ seed: 1 }], takes: optional(0, { seed: 0 }) },
  {
    name: 'publishedCnn',
    call: publishedCnn,
    good: [{ seed: 1 }],
    takes: optional(0, { seed: 0 }),
  },
  {
    name: 'glorotUniform',
    call: glorotUniform,
    good: [networkOf(model), 1],
    takes: {
      '0.layers': Array.isArray,
      '0.weights': Array.isArray,
      '0.parameters': (v) => v === 1,
    },
  },
  {
    name: 'predict',
    call: predict,
    good: [model, set.images, options],
    takes: { '2.threads': missing },
  },
  {
    name: 'evaluate',
    call: evaluate,
    good: [model, set, options],
    takes: { '2.threads': missing },
  },
  {
    name: 'trainCnn',
    call: trainCnn,
    good: [model, { engine: 'reference', train: set, ...fitting }],
    takes: {
      ...left(fitting),
      '1.inWorker': (v) => missing(v) || v === true,
      '1.checkpoint': (v) =>
        missing(v) || (typeof v === 'object' && v !== null && Object.keys(v).length === 0),
    },
  },
  {
    name: 'fitOptionsOf',
    // It hands on what it is given; `fit` looks at it.
    call: (of: never, given: never) => {
      checkFitOptions(fitOptionsOf(of, given));
    },
    good: [model, { engine: 'reference', train: set, batchSize: 2 }],
    takes: { '1.engine': () => true, '1.batchSize': missing },
  },
];

test.each(cnn)('cnn: $name refuses nonsense in words of its own', async (border) => {
  expect(
    await faultsOf(border, [
      CnnError,
      ModelFileError,
      TrainingError,
      UnsupportedModelError,
      RandomError,
    ]),
  ).toEqual([]);
});

await saveModel(model, at('tfjs'));
await saveKerasH5(model, at('model.h5'));
await exportOnnx(model, at('model.onnx'));
const opened = await openClassifier(at('model.onnx'));
afterAll(() => opened.dispose());
const loaded = (load: (path: never) => Promise<{ model: tf.LayersModel }>) => (path: never) =>
  load(path).then((found) => {
    found.model.dispose();
  });
const names = { classNames: ['a', 'b'] };
const training = { loss: 'categorical_crossentropy', optimizer: adam(), metrics: ['accuracy'] };
const files: Border[] = [
  { name: 'loadKerasH5', call: loaded(loadKerasH5), good: [at('model.h5')] },
  { name: 'loadOnnx', call: loadOnnx, good: [at('model.onnx')] },
  { name: 'loadModel', call: loadModel, good: [at('tfjs')] },
  { name: 'openClassifier', call: openClassifier, good: [at('tfjs')] },
  {
    name: 'predict',
    call: (images: never, n: never) => opened.predict(images, n),
    good: [new Float32Array(4), 1],
  },
  { name: 'saveModel', call: saveModel, good: [model, at('tfjs')], takes: { '1': texts } },
  {
    name: 'saveKerasH5',
    call: saveKerasH5,
    good: [model, at('model.h5'), { training }],
    takes: { ...optional(2, { training: 0 }), '1': texts },
  },
  {
    name: 'exportOnnx',
    call: exportOnnx,
    good: [model, at('model.onnx'), names],
    takes: { ...optional(2, names), '1': texts },
  },
  { name: 'toOnnx', call: toOnnx, good: [model, names], takes: optional(1, names) },
];

test.each(files)('model-files: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [ModelFileError])).toEqual([]);
});

const asked = { threads: 1, env: {}, probes: {} };
const object = (value: unknown): boolean =>
  missing(value) || (typeof value === 'object' && value !== null);
const objects = (at: number): Border['takes'] => ({
  [`${at}.env`]: object,
  [`${at}.probes`]: object,
});
const engine: Border[] = [
  {
    name: 'listEngines',
    call: listEngines,
    good: [asked],
    takes: { ...optional(0, asked), ...objects(0) },
  },
  {
    name: 'resolveEngine',
    call: resolveEngine,
    good: ['reference', asked],
    takes: { ...optional(1, asked), ...objects(1) },
  },
];

test.each(engine)('engine: $name refuses nonsense in words of its own', async (border) => {
  expect(
    await faultsOf(border, [EngineOptionsError, EngineUnavailableError, UnknownEngineError]),
  ).toEqual([]);
});

const machine = { device: 'cpu', threads: 1, tf32: false };
const tensorflow: Border = {
  name: 'loadTensorflow',
  // Whether the binding is there, and what another call has asked for, comes after the options.
  call: (given: never) => {
    try {
      loadTensorflow(given);
    } catch (error) {
      if (!(error instanceof TensorflowError) || error.reason === 'options') throw error;
    }
  },
  good: [machine],
  takes: { ...optional(0, machine), '0.tf32': (v) => missing(v) || v === true },
};

test('tensorflow: loadTensorflow refuses nonsense in words of its own', async () => {
  expect(await faultsOf(tensorflow, [TensorflowError])).toEqual([]);
  expect(() => loadTensorflow({ threads: 257 })).toThrow(
    'The option threads must be a whole number from 1 to 256, not 257.',
  );
});
