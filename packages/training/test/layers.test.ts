/**
 * Layers and activations one by one in small networks: the gradients of the reference (TensorFlow.js' autodiff) against differences
 * of a loss in plain float64 loops, and those of onnx-cpu against the reference.
 */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '@fashion-bench/random';
import { describe, expect, test } from 'vitest';

import { adam, type TrainerOptions, UnsupportedModelError } from '../src/index.ts';
import { elementwiseActivations } from '../src/network/activations.ts';
import { OnnxTrainer } from '../src/onnx-cpu/trainer.ts';
import { ReferenceTrainer } from '../src/reference/trainer.ts';
import { networkOf, randomBatch, randomWeights, sequential } from './networks.ts';
import { expectClose, expectSlopesOfFloat64Loss } from './support/comparisons.ts';

const { conv2d, dense, depthwiseConv2d, flatten, separableConv2d } = tf.layers;
const { averagePooling2d, maxPooling2d } = tf.layers;
const inputShape = [7, 6, 2];

/** The layers between a convolution, so that gradients by the input are wanted, and a dense layer. */
function around(...layers: tf.layers.Layer[]): tf.Sequential {
  return sequential([
    conv2d({ inputShape, filters: 4, kernelSize: 2, activation: 'tanh' }), // [n, 6, 5, 4]
    ...layers,
    ...end(),
  ]);
}

const end = (): tf.layers.Layer[] => [flatten(), dense({ units: 3, activation: 'softmax' })];

const pairs = [
  { strides: [2, 2], padding: 'same' },
  { strides: [2, 2], padding: 'valid' },
  { strides: [1, 3], padding: 'same' },
  { strides: [3, 1], padding: 'valid' },
] as const;

type Graph = tf.SymbolicTensor;
const through = (x: Graph | Graph[], ...layers: tf.layers.Layer[]): Graph =>
  layers.reduce<Graph | Graph[]>((y, layer) => layer.apply(y) as Graph, x) as Graph;

/** A functional model from images to three classes. */
function graph(shape: number[], build: (x: Graph) => Graph): () => tf.LayersModel {
  return () => {
    const inputs = tf.input({ shape });
    const x = build(inputs);
    return tf.model({ inputs, outputs: through(x, ...end().slice(x.rank === 2 ? 1 : 0)) });
  };
}

const { add, average, concatenate, multiply, dropout, batchNormalization } = tf.layers;
const same = { padding: 'same', kernelSize: 3 } as const;

/** Channels in whole blocks (16), where the blocked layout goes through the graph, and others. */
const graphs = Object.fromEntries(
  [4, 16].flatMap((filters) => [
    [
      `residual blocks of ${filters} channels`,
      graph([8, 8, 1], (images) => {
        let x = through(images, conv2d({ ...same, filters, activation: 'relu' }));
        for (const strides of [1, 2]) {
          const wide = filters * strides;
          const left = through(
            ...[x, conv2d({ ...same, filters: wide, strides, useBias: false })],
            ...[batchNormalization(), tf.layers.reLU(), dropout({ rate: 0.3 })],
            ...[conv2d({ ...same, filters: wide, useBias: false }), batchNormalization()],
          );
          const right =
            strides === 1 ? x : through(x, conv2d({ filters: wide, kernelSize: 1, strides }));
          x = through([left, right], add(), tf.layers.reLU());
        }
        return x;
      }),
    ],
    [
      `dense blocks of ${filters} channels`,
      graph([8, 8, 1], (images) => {
        let x = through(images, conv2d({ ...same, filters }));
        for (let i = 0; i < 3; i++) {
          const grown = through(x, tf.layers.reLU(), conv2d({ ...same, filters }));
          x = through([x, grown], concatenate());
        }
        return through(x, averagePooling2d({ poolSize: 2 }));
      }),
    ],
    [
      `branches of ${filters} channels, multiplied and averaged`,
      graph([6, 6, 2], (images) => {
        const x = through(images, conv2d({ ...same, filters, activation: 'relu' }));
        // The ReLU before the first pooling feeds another layer as well, and must stay where it is.
        const pooled = through(x, maxPooling2d({ poolSize: 2 }));
        const strided = through(x, conv2d({ ...same, filters, strides: 2, activation: 'sigmoid' }));
        const dropped = through(strided, dropout({ rate: 0.5 }));
        const product = through([pooled, strided, dropped], multiply());
        return through([product, dropped], average());
      }),
    ],
  ]),
);

const networks: Readonly<Record<string, () => tf.LayersModel>> = {
  ...graphs,
  'images that two layers take, and one branch without weights': graph([6, 6, 2], (images) => {
    const pooled = through(images, maxPooling2d({ poolSize: 2 }));
    const convolved = through(images, conv2d({ ...same, filters: 2, strides: 2 }));
    return through([pooled, convolved, pooled], concatenate());
  }),
  'flat branches': graph([4, 4, 1], (images) => {
    const flat = through(images, flatten());
    const left = through(flat, dense({ units: 6, activation: 'relu' }), dropout({ rate: 0.5 }));
    const right = through(flat, dense({ units: 6, activation: 'tanh' }));
    return through([left, through([left, right], add())], concatenate());
  }),
  ...Object.fromEntries(
    pairs.flatMap(({ strides: [down, right], padding }) => {
      const strides: [number, number] = [down, right];
      const what = `strides ${down} x ${right}, ${padding}`;
      const poolSize: [number, number] = [3, 2];
      return [
        [
          `convolution with ${what}`,
          () => around(conv2d({ filters: 3, kernelSize: [3, 2], strides, padding })),
        ],
        [
          `depthwise convolution with ${what}`,
          () =>
            around(depthwiseConv2d({ kernelSize: [3, 2], strides, padding, depthMultiplier: 2 })),
        ],
        [`maximum with ${what}`, () => around(maxPooling2d({ poolSize, strides, padding }))],
        [`average with ${what}`, () => around(averagePooling2d({ poolSize, strides, padding }))],
      ];
    }),
  ),
  'first convolution with strides': () =>
    sequential([
      conv2d({ inputShape, filters: 3, kernelSize: 3, strides: 2, activation: 'relu' }),
      ...end(),
    ]),
  'convolution with strides larger than its kernel': () =>
    around(conv2d({ filters: 3, kernelSize: 1, strides: 2, padding: 'same' })),
  'dilated convolution, same': () =>
    around(conv2d({ filters: 3, kernelSize: 2, dilationRate: [2, 3], padding: 'same' })),
  'dilated convolution, valid': () =>
    around(conv2d({ filters: 3, kernelSize: [3, 2], dilationRate: 2 })),
  'depthwise convolution without bias': () =>
    around(depthwiseConv2d({ kernelSize: 2, padding: 'same', useBias: false })),
  'separable convolution': () =>
    around(
      separableConv2d({
        ...{ filters: 5, kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2 },
        activation: 'relu',
      }),
    ),
  'overlapping maximum behind ReLU': () =>
    around(
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    ),
  'global average': () =>
    sequential([
      conv2d({ inputShape, filters: 4, kernelSize: 3 }),
      tf.layers.globalAveragePooling2d({}),
      dense({ units: 3, activation: 'softmax' }),
    ]),
  'global maximum': () =>
    sequential([
      conv2d({ inputShape, filters: 4, kernelSize: 3 }),
      tf.layers.globalMaxPooling2d({}),
      dense({ units: 3, activation: 'softmax' }),
    ]),
  'zero padding, up-sampling and reshape': () =>
    around(
      tf.layers.zeroPadding2d({ padding: [[1, 0] as never, [2, 1] as never] }), // [n, 7, 8, 4]
      tf.layers.upSampling2d({ size: [2, 3] }), // [n, 14, 24, 4]
      tf.layers.reshape({ targetShape: [28, 6, 8] }),
      conv2d({ filters: 2, kernelSize: 3, strides: 3 }),
    ),
  'rescaling first': () =>
    sequential([
      tf.layers.rescaling({ inputShape, scale: 2, offset: -0.5 }),
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      tf.layers.rescaling({ scale: 0.5 }),
      ...end(),
    ]),
  'layer normalization of pixels': () => around(tf.layers.layerNormalization({})),
  'layer normalization of a flat layer, without scale': () =>
    sequential([
      flatten({ inputShape }),
      dense({ units: 6 }),
      tf.layers.layerNormalization({ scale: false }),
      dense({ units: 3, activation: 'softmax' }),
    ]),
  'frozen convolution, dense and batch normalization': () =>
    sequential([
      conv2d({ inputShape, filters: 4, kernelSize: 2, activation: 'tanh' }),
      conv2d({ filters: 4, kernelSize: 3, trainable: false }),
      tf.layers.batchNormalization({ trainable: false }),
      flatten(),
      dense({ units: 5, trainable: false, activation: 'relu' }),
      dense({ units: 3, activation: 'softmax' }),
    ]),
  'first layer frozen': () =>
    sequential([
      conv2d({ inputShape, filters: 4, kernelSize: 3, trainable: false, activation: 'relu' }),
      ...end(),
    ]),
  'activations that are layers': () =>
    around(
      tf.layers.leakyReLU({ alpha: 0.2 }),
      conv2d({ filters: 4, kernelSize: 2 }),
      tf.layers.elu(),
      conv2d({ filters: 4, kernelSize: 2 }),
      tf.layers.thresholdedReLU({ theta: 0.05 }),
      conv2d({ filters: 4, kernelSize: 2 }),
      tf.layers.reLU({ maxValue: 6 }),
    ),
  ...Object.fromEntries(
    elementwiseActivations
      .slice(0, -2)
      .map((activation) => [
        `activation ${activation}`,
        () =>
          around(
            conv2d({ filters: 4, kernelSize: 2 }),
            tf.layers.activation({ activation: activation as 'relu' }),
          ),
      ]),
  ),
};

function optionsFor(model: tf.LayersModel): TrainerOptions {
  const network = networkOf(model);
  const weights = randomWeights(network);
  // A variance is not negative.
  for (const layer of network.layers) {
    if (layer.kind !== 'batchNormalization') continue;
    const { offset, size } = layer.movingVariance;
    for (let i = offset; i < offset + size; i++) weights[i] = 0.5 + Math.abs(weights[i]!);
  }
  const rest = { optimizer: adam(), batchSize: 5, seed: 5, images: 'uint8', threads: 1 } as const;
  return { network, weights, ...rest };
}

describe('gradients', () => {
  test.each(Object.entries(networks))('%s', async (_, build) => {
    const options = optionsFor(build());
    const batch = randomBatch(options.network, options.batchSize);
    const reference = await ReferenceTrainer.create(options);
    const expected = await reference.gradients(batch);
    expectSlopesOfFloat64Loss(options, batch, expected);
    const probabilities = await reference.predict(batch.images, batch.size);
    for (const rewrites of [true, false]) {
      const trainer = await OnnxTrainer.create({ ...options, rewrites });
      const actual = await trainer.gradients(batch);
      expect(actual.loss).toBeCloseTo(expected.loss, 5);
      expect(actual.correct).toBe(expected.correct);
      expectClose(options.network, actual.gradients, expected.gradients);
      const predicted = await trainer.predict(batch.images, batch.size);
      predicted.forEach((value, i) => {
        expect(value).toBeCloseTo(probabilities[i]!, 5);
      });
      await trainer.dispose();
    }
  });
});

test('frozen weights stay as they are, the others move as in the reference', async () => {
  const build = networks['frozen convolution, dense and batch normalization'];
  if (!build) throw new Error('no such network');
  const options = optionsFor(build());
  const { network, weights } = options;
  const batches = [1, 2, 3].map((seed) => randomBatch(network, options.batchSize, seed));
  const states = await Promise.all(
    [ReferenceTrainer, OnnxTrainer].map(async (Trainer) => {
      const trainer = await Trainer.create(options);
      for (const batch of batches) await trainer.steps([batch]);
      const state = await trainer.state();
      await trainer.dispose();
      return state;
    }),
  );
  for (const state of states) {
    for (const { offset, size, trainable, name } of network.weights) {
      const [before, after] = [weights, state.weights].map((all) =>
        all.slice(offset, offset + size),
      );
      if (trainable === false) expect(after, name).toEqual(before);
      else expect(after, name).not.toEqual(before);
    }
  }
  const [expected, actual] = states.map((state) => state.weights);
  // Adam divides by the size of the gradient, so that the smallest ones count as much as the largest.
  actual?.forEach((weight, i) => {
    expect(weight).toBeCloseTo(expected?.[i] ?? NaN, 4);
  });
});

test('equal maxima: the gradient goes to the first of a window, also where windows overlap', async () => {
  const options = optionsFor(
    sequential([
      conv2d({ inputShape: [4, 4, 1], filters: 1, kernelSize: 1, useBias: false }),
      maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }),
      flatten(),
      dense({ units: 2, activation: 'softmax' }),
    ]),
  );
  // Pixels of two values only.
  const stream = randomStream(3, 'ties');
  const images = Uint8Array.from({ length: 5 * 16 }, () => 255 * stream.integer(0, 2));
  const batch = { images, labels: Uint8Array.of(0, 1, 0, 1, 1), size: 5 };
  const expected = await (await ReferenceTrainer.create(options)).gradients(batch);
  const trainer = await OnnxTrainer.create(options);
  expectClose(options.network, (await trainer.gradients(batch)).gradients, expected.gradients);
  await trainer.dispose();
});

test('an engine that lacks a layer says which, and which engines have it', async () => {
  const { webgpuLowerings } = await import('../src/onnx-webgpu/lowerings.ts');
  const network = networkOf(around(averagePooling2d({ poolSize: 2, name: 'mean' })));
  const layer = network.layers.find(({ kind }) => kind === 'averagePooling2d');
  if (layer?.kind !== 'averagePooling2d') throw new Error('no such layer');
  const lower = (): unknown =>
    webgpuLowerings.averagePooling2d({} as never, layer, {} as never, true, []);
  expect(lower).toThrow(UnsupportedModelError);
  expect(lower).toThrow(
    'Layer "mean" (averagePooling2d) cannot be trained by the engine onnx-webgpu; onnx-cpu and reference can.',
  );
});
