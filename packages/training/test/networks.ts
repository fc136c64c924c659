/** Small networks and batches that the tests share. */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '@fashion-bench/random';
import { networkOf, type Batch, type NetworkSpec } from '../src/index.ts';

tf.enableProdMode();

/**
 * float32 sums of a few thousand products in another order differ by about 1e-6 of the largest element; a wrong
 * factor or a misplaced element by far more than this.
 */
export const TOLERANCE = 2e-5;

export interface Case {
  readonly name: string;
  readonly model: () => tf.Sequential;
  readonly batch: number;
}

export function sequential(layers: readonly tf.layers.Layer[]): tf.Sequential {
  return tf.sequential({ layers: [...layers] });
}

/** The study's shape in small: both fast paths apply. */
export function smallStudyNet(channels = 1): tf.Sequential {
  const { conv2d, maxPooling2d, dropout, flatten, dense } = tf.layers;
  return sequential([
    conv2d({
      inputShape: [12, 12, channels],
      filters: 16,
      kernelSize: 4,
      padding: 'same',
      activation: 'relu',
    }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.1 }),
    conv2d({ filters: 8, kernelSize: 4, padding: 'same', activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.3 }),
    flatten(),
    dense({ units: 16, activation: 'relu' }),
    dropout({ rate: 0.5 }),
    dense({ units: 5, activation: 'softmax' }),
  ]);
}

/** Channels in whole blocks of 16, so that every blocked path applies with AVX-512 as well. */
function wideNet(options: {
  channels?: number;
  kernel: [number, number];
  padding: 'same' | 'valid';
  pool?: [number, number];
}): tf.Sequential {
  const { conv2d, maxPooling2d, dropout, flatten, dense } = tf.layers;
  const { channels = 1, kernel, padding, pool = [2, 2] } = options;
  const activation = 'relu';
  return sequential([
    conv2d({
      inputShape: [12, 12, channels],
      filters: 16,
      kernelSize: 3,
      padding: 'same',
      activation,
    }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.1 }),
    conv2d({ filters: 32, kernelSize: kernel, padding, activation }),
    maxPooling2d({ poolSize: pool }),
    dropout({ rate: 0.3 }),
    conv2d({ filters: 16, kernelSize: [2, 1], padding: 'same', activation: 'tanh' }),
    dropout({ rate: 0.2 }),
    flatten(),
    dense({ units: 5, activation: 'softmax' }),
  ]);
}

/** The least that still has both fast paths: quick on the reference engine too, which takes milliseconds an image. */
export function tinyNet(): tf.Sequential {
  const { conv2d, maxPooling2d, dropout, flatten, dense } = tf.layers;
  return sequential([
    conv2d({
      inputShape: [12, 12, 1],
      filters: 8,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
    }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.1 }),
    conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    flatten(),
    dense({ units: 5, activation: 'softmax' }),
  ]);
}

function convNet(options: {
  channels: number;
  kernel: [number, number];
  padding: 'same' | 'valid';
  filters: number;
  pool?: [number, number];
  useBias?: boolean;
}): tf.Sequential {
  const { conv2d, maxPooling2d, flatten, dense } = tf.layers;
  const { channels, kernel, padding, filters, pool, useBias = true } = options;
  return sequential([
    conv2d({
      inputShape: [9, 10, channels],
      filters,
      kernelSize: kernel,
      padding,
      activation: 'relu',
      useBias,
    }),
    ...(pool ? [maxPooling2d({ poolSize: pool })] : []),
    conv2d({ filters: 8, kernelSize: 3, padding, activation: 'tanh', useBias }),
    flatten(),
    dense({ units: 4, activation: 'softmax', useBias }),
  ]);
}

/** Networks on which every trainer must give the same gradients. */
export const cases: readonly Case[] = [
  { name: "the study's shape", model: () => smallStudyNet(), batch: 16 },
  { name: "the study's shape, batch 1", model: () => smallStudyNet(), batch: 1 },
  { name: "the study's shape, batch 7", model: () => smallStudyNet(), batch: 7 },
  { name: "the study's shape, 3 channels, batch 33", model: () => smallStudyNet(3), batch: 33 },
  ...([1, 2, 3, 5] as const).map((size) => ({
    name: `kernel ${size} x ${size}, same`,
    model: () =>
      convNet({ channels: 1, kernel: [size, size], padding: 'same', filters: 8, pool: [3, 2] }),
    batch: 8,
  })),
  ...([1, 7, 16, 33] as const).map((batch) => ({
    name: `whole blocks, kernel 4 x 4, same, batch ${batch}`,
    model: () => wideNet({ kernel: [4, 4], padding: 'same' }),
    batch,
  })),
  {
    name: 'whole blocks, 3 channels, kernel 3 x 1, valid, windows 2 x 3',
    model: () => wideNet({ channels: 3, kernel: [3, 1], padding: 'valid', pool: [2, 3] }),
    batch: 16,
  },
  {
    name: 'whole blocks, kernel 5 x 2, same, pooling that leaves a rest',
    model: () => wideNet({ kernel: [5, 2], padding: 'same', pool: [4, 2] }),
    batch: 32,
  },
  {
    name: 'kernel 4 x 2, valid, 3 channels, pooling that leaves a rest',
    model: () =>
      convNet({ channels: 3, kernel: [4, 2], padding: 'valid', filters: 8, pool: [2, 2] }),
    batch: 8,
  },
  {
    name: 'no pooling, no bias, blocked valid convolution',
    model: () =>
      convNet({ channels: 8, kernel: [3, 3], padding: 'valid', filters: 16, useBias: false }),
    batch: 16,
  },
  {
    name: 'pooling first, sigmoid, activation layers',
    batch: 5,
    model: () =>
      sequential([
        tf.layers.maxPooling2d({ inputShape: [8, 8, 2], poolSize: 2 }),
        tf.layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same', activation: 'sigmoid' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 6 }),
        tf.layers.activation({ activation: 'tanh' }),
        tf.layers.dense({ units: 3 }),
        tf.layers.activation({ activation: 'softmax' }),
      ]),
  },
  {
    name: 'dense layers alone',
    batch: 4,
    model: () =>
      sequential([
        tf.layers.flatten({ inputShape: [3, 3, 1] }),
        tf.layers.dense({ units: 7, activation: 'relu' }),
        tf.layers.dense({ units: 2, activation: 'softmax' }),
      ]),
  },
];

/** Seeded weights, small biases included, so that no gradient is zero by symmetry. */
export function randomWeights(network: NetworkSpec, seed = 1): Float32Array {
  const stream = randomStream(seed, 'test-weights');
  return Float32Array.from({ length: network.parameters }, () => stream.uniform(-0.3, 0.3));
}

/** Pixels of which half are black: ties in pooling, as in the real images. */
export function randomBatch(network: NetworkSpec, size: number, seed = 1): Batch {
  const stream = randomStream(seed, 'test-batch');
  const { rows, columns, channels } = network.input;
  const images = Uint8Array.from({ length: size * rows * columns * channels }, () =>
    Math.max(0, stream.integer(-256, 256)),
  );
  return {
    images,
    labels: Uint8Array.from({ length: size }, () => stream.integer(0, network.classes)),
    size,
  };
}

export { networkOf };

/** Largest difference, as a share of the largest expected value. */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let scale = 0;
  expected.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - actual[i]!));
    scale = Math.max(scale, Math.abs(value));
  });
  return difference / scale;
}
