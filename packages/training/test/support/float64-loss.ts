/**
 * The loss of a training step in plain loops and float64: slow and obvious, and fine enough for finite differences, which
 * float32 is too coarse for. Features are row-major [n, rows, columns, channels].
 */
import { DropoutMask } from '../../src/trainer/dropout-masks.ts';
import {
  featureCount,
  padding,
  type BatchNormalizationSpec,
  type Conv2dSpec,
  type LayerSpec,
  type MaxPooling2dSpec,
  type WeightSpec,
} from '../../src/network/network.ts';
import type { Batch, NetworkSpec } from '../../src/index.ts';

type Masks = ReadonlyMap<LayerSpec, Float32Array>;
type Features = Float64Array<ArrayBuffer>;

/** The masks of the first step, [size, rows, columns, channels] for each dropout layer. */
export function firstMasks(network: NetworkSpec, size: number, seed: number): Masks {
  const dropouts = network.layers.filter((layer) => layer.kind === 'dropout');
  return new Map(
    dropouts.map((layer, i) => {
      const mask = new DropoutMask(size * featureCount(layer.input), layer.rate);
      mask.draw(seed, i, 0);
      return [layer, mask.values];
    }),
  );
}

/** Mean cross-entropy over the batch; nothing is dropped without masks. Images are divided by 255. */
export function float64Loss(
  network: NetworkSpec,
  weights: Float64Array,
  { images, labels, size }: Batch,
  masks: Masks = new Map(),
): number {
  let x: Features = Float64Array.from(
    images.subarray(0, size * featureCount(network.input)),
    (pixel) => pixel / 255,
  );
  for (const layer of network.layers) x = layerOf(layer, x, weights, size, masks.get(layer));
  let loss = 0;
  for (let image = 0; image < size; image++) {
    const logits = x.subarray(image * network.classes, (image + 1) * network.classes);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    loss += Math.log(sum) - logits[labels[image]!]!;
  }
  return loss / size;
}

function layerOf(
  layer: LayerSpec,
  x: Features,
  weights: Float64Array,
  n: number,
  mask: Float32Array | undefined,
): Features {
  const { input, output } = layer;
  switch (layer.kind) {
    case 'conv2d':
      return convolved(layer, x, weights, n);
    case 'maxPooling2d':
      return pooled(layer, x, n);
    case 'dense': {
      const y = biased(layer.bias, weights, n, output.channels);
      for (let row = 0; row < n; row++) {
        const from = x.subarray(row * input.channels, (row + 1) * input.channels);
        addProduct(y, row * output.channels, from, weights, layer.kernel.offset, output.channels);
      }
      return y;
    }
    case 'dropout':
      return mask ? x.map((value, i) => value * mask[i]!) : x;
    case 'activation': {
      const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
      const relu = (v: number): number => Math.max(0, v);
      return x.map({ relu, sigmoid, tanh: Math.tanh }[layer.activation]);
    }
    case 'flatten':
      return x;
    case 'batchNormalization':
      return normalized(layer, x, weights);
  }
}

/** y[row, column] = bias + the sum over taps (i, j) of x[row + i - top, column + j - left] K[i, j], zeros outside. */
function convolved(layer: Conv2dSpec, x: Features, weights: Float64Array, n: number): Features {
  const { input, output, kernel } = layer;
  const [height, width] = layer.kernelSize;
  const [[top], [left]] = [padding(layer, 0), padding(layer, 1)];
  const y = biased(layer.bias, weights, n * output.rows * output.columns, output.channels);
  for (let pixel = 0; pixel < n * output.rows * output.columns; pixel++) {
    const image = Math.floor(pixel / (output.rows * output.columns));
    const row = Math.floor(pixel / output.columns) % output.rows;
    const column = pixel % output.columns;
    for (let tap = 0; tap < height * width; tap++) {
      const inRow = row + Math.floor(tap / width) - top;
      const inColumn = column + (tap % width) - left;
      const isInside =
        inRow >= 0 && inRow < input.rows && inColumn >= 0 && inColumn < input.columns;
      if (!isInside) continue;
      const at = ((image * input.rows + inRow) * input.columns + inColumn) * input.channels;
      const offset = kernel.offset + tap * input.channels * output.channels;
      const from = x.subarray(at, at + input.channels);
      addProduct(y, pixel * output.channels, from, weights, offset, output.channels);
    }
  }
  return y;
}

/** The largest of each window; a rest that fills no window is left out. */
function pooled({ input, output, poolSize }: MaxPooling2dSpec, x: Features, n: number): Features {
  const [height, width] = poolSize;
  const y = new Float64Array(n * featureCount(output)).fill(-Infinity);
  for (let i = 0; i < n * featureCount(input); i++) {
    const channel = i % input.channels;
    const column = Math.floor((Math.floor(i / input.channels) % input.columns) / width);
    const row = Math.floor(
      (Math.floor(i / (input.channels * input.columns)) % input.rows) / height,
    );
    const image = Math.floor(i / featureCount(input));
    if (row >= output.rows || column >= output.columns) continue;
    const to = ((image * output.rows + row) * output.columns + column) * output.channels + channel;
    y[to] = Math.max(y[to]!, x[i]!);
  }
  return y;
}

/** With the batch's own mean and variance. */
function normalized(layer: BatchNormalizationSpec, x: Features, weights: Float64Array): Features {
  const { gamma, beta, epsilon } = layer;
  const { channels } = layer.input;
  const m = x.length / channels;
  const y = new Float64Array(x.length);
  for (let channel = 0; channel < channels; channel++) {
    const values = x.filter((_, i) => i % channels === channel);
    const mean = values.reduce((sum, value) => sum + value, 0) / m;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / m;
    const scale = gamma ? weights[gamma.offset + channel]! : 1;
    const shift = beta ? weights[beta.offset + channel]! : 0;
    values.forEach((value, i) => {
      const normal = (value - mean) / Math.sqrt(variance + epsilon);
      y[i * channels + channel] = scale * normal + shift;
    });
  }
  return y;
}

/** [rows, channels], the bias in every row. */
function biased(
  bias: WeightSpec | undefined,
  weights: Float64Array,
  rows: number,
  channels: number,
): Features {
  const y = new Float64Array(rows * channels);
  return bias ? y.map((_, i) => weights[bias.offset + (i % channels)]!) : y;
}

/** y[at + to] += the sum over from of x[from] K[from, to], the kernel at an offset in all weights. */
function addProduct(
  y: Features,
  at: number,
  x: Features,
  weights: Float64Array,
  offset: number,
  channels: number,
): void {
  for (let from = 0; from < x.length; from++) {
    const value = x[from]!;
    for (let to = 0; to < channels; to++) {
      const product = value * weights[offset + from * channels + to]!;
      y[at + to] = y[at + to]! + product;
    }
  }
}
