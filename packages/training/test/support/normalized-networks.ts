/** Small networks with batch normalization, at every place that a lowering may treat differently. */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '@fashion-bench/random';
import type { NetworkSpec } from '../../src/index.ts';
import { randomWeights, sequential, type Case } from '../networks.ts';

const { activation, batchNormalization, conv2d, dense, dropout, flatten, maxPooling2d } = tf.layers;
const softmax = (units: number): tf.layers.Layer => dense({ units, activation: 'softmax' });

/** The usual order, and batch normalization of dense outputs; 12 x 12 in, 5 classes out. */
export function normalizedNet(): tf.Sequential {
  return sequential([
    conv2d({ inputShape: [12, 12, 1], filters: 8, kernelSize: 3, padding: 'same', useBias: false }),
    batchNormalization(),
    activation({ activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    batchNormalization({ momentum: 0.9, epsilon: 0.01 }),
    flatten(),
    dense({ units: 6, activation: 'tanh' }),
    batchNormalization({ scale: false }),
    softmax(5),
  ]);
}

/**
 * No dropout: a device draws masks of its own. And no beta or bias that the next batch normalization takes away again: its gradient
 * would be nothing but rounding.
 */
export const normalizedCases: readonly Case[] = [
  {
    // Of a single row nothing is left, but a single image has its pixels.
    name: 'of images alone, batch 1',
    batch: 1,
    model: () =>
      sequential([
        conv2d({ inputShape: [9, 7, 1], filters: 4, kernelSize: 2, activation: 'relu' }),
        batchNormalization({ center: false }),
        conv2d({ filters: 3, kernelSize: 3, padding: 'same', useBias: false }),
        batchNormalization(),
        flatten(),
        softmax(4),
      ]),
  },
  ...[7, 16].map((batch) => ({
    name: `the usual order, batch ${batch}`,
    model: normalizedNet,
    batch,
  })),
  {
    name: 'behind pooling and in whole blocks, 3 channels, batch 33',
    batch: 33,
    model: () =>
      sequential([
        conv2d({
          ...{ inputShape: [8, 8, 3], filters: 16, kernelSize: 3, padding: 'same' },
          activation: 'relu',
        }),
        maxPooling2d({ poolSize: 2 }),
        batchNormalization({ center: false }),
        conv2d({ filters: 32, kernelSize: 2, padding: 'same', useBias: false }),
        batchNormalization(),
        maxPooling2d({ poolSize: 2 }),
        flatten(),
        softmax(5),
      ]),
  },
  {
    name: 'of the images, without gamma and beta in front of them all',
    batch: 8,
    model: () =>
      sequential([
        batchNormalization({ inputShape: [6, 5, 2], center: false, scale: false }),
        batchNormalization(),
        conv2d({ filters: 3, kernelSize: 2, activation: 'sigmoid' }),
        flatten(),
        softmax(4),
      ]),
  },
  {
    name: 'of rows, with batch normalization alone before the softmax',
    batch: 8,
    model: () =>
      sequential([
        batchNormalization({ inputShape: [7], center: false }),
        dense({ units: 4, useBias: false }),
        batchNormalization({ axis: 1 }),
        activation({ activation: 'softmax' }),
      ]),
  },
];

/** With dropout on both sides. */
export const withDropout: Case = {
  name: 'between dropout layers',
  batch: 16,
  model: () =>
    sequential([
      conv2d({ inputShape: [8, 8, 8], filters: 16, kernelSize: 3, padding: 'same' }),
      activation({ activation: 'relu' }),
      dropout({ rate: 0.2 }),
      batchNormalization(),
      dropout({ rate: 0.4 }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      softmax(3),
    ]),
};

/** As `randomWeights`, with variances that can be variances. */
export function normalizedWeights(network: NetworkSpec, seed = 1): Float32Array {
  const weights = randomWeights(network, seed);
  const stream = randomStream(seed, 'test-variances');
  for (const layer of network.layers) {
    if (layer.kind !== 'batchNormalization') continue;
    const { offset, size } = layer.movingVariance;
    for (let i = offset; i < offset + size; i++) weights[i] = stream.uniform(0.5, 2);
    if (!layer.gamma) continue;
    const gamma = layer.gamma;
    for (let i = 0; i < gamma.size; i++) weights[gamma.offset + i] = stream.uniform(0.5, 1.5);
  }
  return weights;
}
