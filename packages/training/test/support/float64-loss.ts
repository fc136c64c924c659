/**
 * The loss of a training step in plain loops and float64: slow and obvious, and fine enough for finite differences, which
 * float32 is too coarse for. Features are row-major [n, rows, columns, channels].
 */
import { DropoutMask } from '../../src/trainer/dropout-masks.ts';
import type { ElementwiseActivation } from '../../src/network/activations.ts';
import {
  byKind,
  featureCount,
  type FeatureShape,
  type LayerSpec,
  type LayerTable,
  type WeightSpec,
} from '../../src/network/network.ts';
import { runLayers } from '../../src/network/wiring.ts';
import { dilations, padding, windowSize, type WindowedSpec } from '../../src/network/windows.ts';
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
  const input: Features = Float64Array.from(
    images.subarray(0, size * featureCount(network.input)),
    (pixel) => pixel / 255,
  );
  const pass = { weights, n: size, masks };
  const x = runLayers(network.layers, input, (layer, y, all) =>
    byKind(LAYERS, pass, layer, y, all),
  );
  let loss = 0;
  for (let image = 0; image < size; image++) {
    const logits = x.subarray(image * network.classes, (image + 1) * network.classes);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    loss += Math.log(sum) - logits[labels[image]!]!;
  }
  return loss / size;
}

interface Pass {
  readonly weights: Float64Array;
  /** Images. */
  readonly n: number;
  readonly masks: Masks;
}

const LAYERS: LayerTable<Pass, [x: Features, all: readonly Features[]], Features> = {
  conv2d: ({ weights, n }, layer, x) => {
    const { input, output, kernel, bias } = layer;
    const y = biased(bias, weights, n * output.rows * output.columns, output.channels);
    forEachTap(layer, n, (to, from, tap) => {
      const offset = kernel.offset + tap * input.channels * output.channels;
      const pixel = x.subarray(from * input.channels, (from + 1) * input.channels);
      addProduct(y, to * output.channels, pixel, weights, offset, output.channels);
    });
    return y;
  },
  depthwiseConv2d: ({ weights, n }, layer, x) => {
    const { input, output, kernel, bias } = layer;
    const y = biased(bias, weights, n * output.rows * output.columns, output.channels);
    const multiplier = output.channels / input.channels;
    forEachTap(layer, n, (to, from, tap) => {
      for (let filter = 0; filter < output.channels; filter++) {
        const value = x[from * input.channels + Math.floor(filter / multiplier)]!;
        y[to * output.channels + filter]! +=
          value * weights[kernel.offset + tap * output.channels + filter]!;
      }
    });
    return y;
  },
  maxPooling2d: ({ n }, layer, x) => {
    const { channels } = layer.output;
    const y = new Float64Array(n * featureCount(layer.output)).fill(-Infinity);
    forEachTap(layer, n, (to, from) => {
      for (let channel = 0; channel < channels; channel++) {
        const at = to * channels + channel;
        y[at] = Math.max(y[at]!, x[from * channels + channel]!);
      }
    });
    return y;
  },
  averagePooling2d: ({ n }, layer, x) => {
    const { channels } = layer.output;
    const y = new Float64Array(n * featureCount(layer.output));
    const pixels = new Float64Array(y.length / channels);
    forEachTap(layer, n, (to) => pixels[to]!++);
    forEachTap(layer, n, (to, from) => {
      for (let channel = 0; channel < channels; channel++)
        y[to * channels + channel]! += x[from * channels + channel]! / pixels[to]!;
    });
    return y;
  },
  zeroPadding2d: ({ n }, { input, output, pads: [[top], [left]] }, x) => {
    const y = new Float64Array(n * featureCount(output));
    forEachPixel(input, n, (from, image, row, column) => {
      const to = (image * output.rows + row + top) * output.columns + column + left;
      y.set(x.subarray(from * input.channels, (from + 1) * input.channels), to * input.channels);
    });
    return y;
  },
  upSampling2d: ({ n }, { input, output, size: [down, right] }, x) => {
    const y = new Float64Array(n * featureCount(output));
    forEachPixel(output, n, (to, image, row, column) => {
      const above = image * input.rows + Math.floor(row / down);
      const from = above * input.columns + Math.floor(column / right);
      y.set(x.subarray(from * input.channels, (from + 1) * input.channels), to * input.channels);
    });
    return y;
  },
  rescaling: (_, { scale, offset }, x) => x.map((value) => value * scale + offset),
  dense: ({ weights, n }, { input, output, kernel, bias }, x) => {
    const y = biased(bias, weights, n, output.channels);
    for (let row = 0; row < n; row++) {
      const from = x.subarray(row * input.channels, (row + 1) * input.channels);
      addProduct(y, row * output.channels, from, weights, kernel.offset, output.channels);
    }
    return y;
  },
  dropout: ({ masks }, layer, x) => {
    const mask = masks.get(layer);
    return mask ? x.map((value, i) => value * mask[i]!) : x;
  },
  activation: (_, { activation, alpha = 1 }, x) =>
    x.map((value) => ACTIVATIONS[activation](value, alpha)),
  merge: ({ n }, { operation, input: { rows, columns } }, x, all) => {
    if (operation !== 'concatenate') {
      return x.map((_, i) => {
        const values = all.map((one) => one[i]!);
        if (operation === 'multiply') return values.reduce((product, value) => product * value);
        const sum = values.reduce((total, value) => total + value);
        return operation === 'average' ? sum / values.length : sum;
      });
    }
    const y: number[] = [];
    for (let pixel = 0; pixel < n * rows * columns; pixel++) {
      for (const one of all) {
        const channels = one.length / (n * rows * columns);
        y.push(...one.subarray(pixel * channels, (pixel + 1) * channels));
      }
    }
    return Float64Array.from(y);
  },
  flatten: (_, __, x) => x,
  reshape: (_, __, x) => x,
  // With the batch's own mean and variance, or the moving ones.
  batchNormalization: ({ weights }, layer, x) => {
    const { gamma, beta, epsilon, frozen, movingMean, movingVariance } = layer;
    const { channels } = layer.input;
    const y = new Float64Array(x.length);
    for (let channel = 0; channel < channels; channel++) {
      const values = x.filter((_, i) => i % channels === channel);
      const moments = frozen
        ? [weights[movingMean.offset + channel]!, weights[movingVariance.offset + channel]!]
        : momentsOf(values);
      normalized(values, moments, epsilon).forEach((value, i) => {
        y[i * channels + channel] = scaled(value, weights, gamma, beta, channel);
      });
    }
    return y;
  },
  layerNormalization: ({ weights }, { gamma, beta, epsilon, input: { channels } }, x) => {
    const y = new Float64Array(x.length);
    for (let pixel = 0; pixel < x.length; pixel += channels) {
      const values = x.subarray(pixel, pixel + channels);
      normalized(values, momentsOf(values), epsilon).forEach((value, channel) => {
        y[pixel + channel] = scaled(value, weights, gamma, beta, channel);
      });
    }
    return y;
  },
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log(1 + Math.exp(x));

/** By numerical integration of its density: fine for the small arguments here. */
function normalCdf(x: number): number {
  const steps = 400;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp((-1 / 2) * ((x * (i + 0.5)) / steps) ** 2);
  return 0.5 + ((x / steps) * sum) / Math.sqrt(2 * Math.PI);
}

const ACTIVATIONS: Readonly<Record<ElementwiseActivation, (x: number, alpha: number) => number>> = {
  relu: (x) => Math.max(0, x),
  sigmoid,
  tanh: Math.tanh,
  elu: (x) => (x > 0 ? x : Math.exp(x) - 1),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.exp(x) - 1)),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  swish: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  gelu: (x) => x * normalCdf(x),
  gelu_new: (x) => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))) / 2,
  hardSigmoid: (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5)),
  leakyRelu: (x, alpha) => (x > 0 ? x : alpha * x),
  thresholdedRelu: (x, alpha) => (x > alpha ? x : 0),
};

function momentsOf(values: Features): [mean: number, variance: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

function normalized(
  values: Features,
  [mean = NaN, variance = NaN]: readonly number[],
  epsilon: number,
): Features {
  return values.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
}

function scaled(
  value: number,
  weights: Float64Array,
  gamma: WeightSpec | undefined,
  beta: WeightSpec | undefined,
  channel: number,
): number {
  const scale = gamma ? weights[gamma.offset + channel]! : 1;
  return scale * value + (beta ? weights[beta.offset + channel]! : 0);
}

/** Calls `visit` with the number of each pixel of n images. */
function forEachPixel(
  { rows, columns }: FeatureShape,
  n: number,
  visit: (pixel: number, image: number, row: number, column: number) => void,
): void {
  for (let pixel = 0; pixel < n * rows * columns; pixel++) {
    const image = Math.floor(pixel / (rows * columns));
    visit(pixel, image, Math.floor(pixel / columns) % rows, pixel % columns);
  }
}

/** Calls `visit` for each pixel of the output and each tap of its window that lies inside the image. */
function forEachTap(
  layer: WindowedSpec,
  n: number,
  visit: (to: number, from: number, tap: number) => void,
): void {
  const { input, output, strides } = layer;
  const [height, width] = windowSize(layer);
  const [down, right] = dilations(layer);
  const [[top], [left]] = [padding(layer, 0), padding(layer, 1)];
  forEachPixel(output, n, (to, image, row, column) => {
    for (let tap = 0; tap < height * width; tap++) {
      const inRow = row * strides[0] + Math.floor(tap / width) * down - top;
      const inColumn = column * strides[1] + (tap % width) * right - left;
      const isInside =
        inRow >= 0 && inRow < input.rows && inColumn >= 0 && inColumn < input.columns;
      if (isInside) visit(to, (image * input.rows + inRow) * input.columns + inColumn, tap);
    }
  });
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
