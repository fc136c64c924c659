/** Each layer by TensorFlow.js' own operations, whose autodiff gives the gradients. */
import * as tf from '@tensorflow/tfjs';
import type { ElementwiseActivation } from '../network/activations.ts';
import {
  byKind,
  type Conv2dSpec,
  type DepthwiseConv2dSpec,
  type DropoutSpec,
  type LayerSpec,
  type LayerTable,
  type MergeOperation,
  type WeightSpec,
} from '../network/network.ts';
import { runLayers } from '../network/wiring.ts';
import { normalized } from './batch-normalization.ts';

/** One pass through the network. */
export interface Pass {
  weight(spec: WeightSpec): tf.Tensor;
  /** The mask of a dropout layer; undefined where nothing is dropped. */
  mask(layer: DropoutSpec): Float32Array | undefined;
  /** Filled with the moving statistics after the step; undefined where the pass predicts. */
  readonly moved: Map<WeightSpec, Float32Array> | undefined;
}

const LAYERS: LayerTable<Pass, [x: tf.Tensor, all: readonly tf.Tensor[]], tf.Tensor> = {
  conv2d: (pass, layer, x) => {
    const kernel = dilated(tf.reshape(pass.weight(layer.kernel), shape4(layer.kernel)), layer);
    const { strides, padding } = layer;
    return withBias(pass, layer, tf.conv2d(image(layer, x), kernel, [...strides], padding));
  },
  depthwiseConv2d: (pass, layer, x) => {
    const kernel = dilated(tf.reshape(pass.weight(layer.kernel), shape4(layer.kernel)), layer);
    const { strides, padding } = layer;
    return withBias(
      pass,
      layer,
      tf.depthwiseConv2d(image(layer, x), kernel, [...strides], padding),
    );
  },
  maxPooling2d: (_, layer, x) =>
    tf.maxPool(image(layer, x), [...layer.poolSize], [...layer.strides], layer.padding),
  averagePooling2d: (_, layer, x) => {
    // The gradient of tf.avgPool takes pixels outside the image for pixels of the window.
    const sum = (pixels: tf.Tensor4D): tf.Tensor => {
      const ones = tf.ones<tf.Rank.R4>([...layer.poolSize, layer.input.channels, 1] as never);
      return tf.depthwiseConv2d(pixels, ones, [...layer.strides], layer.padding);
    };
    const pixels = image(layer, x);
    return tf.div(sum(pixels), sum(tf.onesLike(pixels)));
  },
  zeroPadding2d: (_, layer, x) => {
    const [rows, columns] = layer.pads;
    return tf.pad(image(layer, x), [[0, 0], [...rows], [...columns], [0, 0]]);
  },
  upSampling2d: (_, layer, x) => {
    const { columns, channels } = layer.input;
    const [down, right] = layer.size;
    const rows = tf.tile(tf.reshape(x, [-1, 1, columns * channels]), [1, down, 1]);
    const pixels = tf.tile(tf.reshape(rows, [-1, 1, channels]), [1, right, 1]);
    return tf.reshape(pixels, [-1, layer.output.rows, layer.output.columns, channels]);
  },
  rescaling: (_, { scale, offset }, x) => tf.add(tf.mul(x, scale), offset),
  dropout: (pass, layer, x) => {
    const mask = pass.mask(layer);
    return mask ? tf.mul(x, tf.tensor(mask, x.shape)) : x;
  },
  flatten: (_, { output }, x) => tf.reshape(x, [-1, output.channels]),
  reshape: (_, { output }, x) => tf.reshape(x, [-1, output.rows, output.columns, output.channels]),
  dense: (pass, layer, x) => {
    const [units, outputs] = [layer.input.channels, layer.output.channels];
    const kernel = tf.reshape<tf.Rank.R2>(pass.weight(layer.kernel), [units, outputs]);
    return withBias(pass, layer, tf.matMul(tf.reshape<tf.Rank.R2>(x, [-1, units]), kernel));
  },
  activation: (_, { activation, alpha = 1 }, x) => ACTIVATIONS[activation](x, alpha),
  batchNormalization: (pass, layer, x) =>
    normalized(x, layer, (spec) => pass.weight(spec), layer.frozen ? undefined : pass.moved),
  layerNormalization: (pass, { epsilon, gamma, beta }, x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const y = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
    const scaled = gamma ? tf.mul(y, pass.weight(gamma)) : y;
    return beta ? tf.add(scaled, pass.weight(beta)) : scaled;
  },
  merge: (_, { operation, input: { rows, columns } }, __, all) =>
    MERGES[operation](all.map((x) => tf.reshape(x, [x.shape[0], rows, columns, -1]))),
};

const MERGES: Readonly<Record<MergeOperation, (all: tf.Tensor[]) => tf.Tensor>> = {
  add: (all) => tf.addN(all),
  multiply: (all) => all.reduce((product, x) => tf.mul(product, x)),
  average: (all) => tf.div(tf.addN(all), all.length),
  concatenate: (all) => tf.concat(all, -1),
};

/** From TensorFlow.js' operations, as its layers make them (tfjs-layers/src/activations.ts). */
const ACTIVATIONS: Readonly<
  Record<ElementwiseActivation, (x: tf.Tensor, alpha: number) => tf.Tensor>
> = {
  relu: (x) => tf.relu(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  relu6: (x) => tf.relu6(x),
  softplus: (x) => tf.softplus(x),
  softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  gelu_new: (x) => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  hardSigmoid: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
  leakyRelu: (x, alpha) => tf.leakyRelu(x, alpha),
  thresholdedRelu: (x, alpha) => tf.mul(x, tf.step(tf.sub(x, alpha))),
};

/** A kernel with zeros between its taps: TensorFlow.js has no gradient of a convolution with dilations. */
function dilated(
  kernel: tf.Tensor4D,
  { dilationRate: [down, right] }: Conv2dSpec | DepthwiseConv2dSpec,
): tf.Tensor4D {
  if (down === 1 && right === 1) return kernel;
  const [height, width, cin, cout] = kernel.shape;
  const single = tf.reshape(kernel, [height, 1, width, 1, cin * cout]);
  const gaps: [number, number][] = [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, right - 1],
    [0, 0],
  ];
  const spread = tf.reshape<tf.Rank.R4>(tf.pad(single, gaps), [
    ...([height * down, width * right, cin, cout] as const),
  ]);
  const size = [(height - 1) * down + 1, (width - 1) * right + 1, cin, cout] as const;
  return tf.slice(spread, [0, 0, 0, 0], [...size]);
}

/** @param x [n, ...] the network's input. @returns [n, ...] the output of its last layer */
export function applyLayers(pass: Pass, layers: readonly LayerSpec[], x: tf.Tensor): tf.Tensor {
  return runLayers(layers, x, (layer, y, all) => byKind(LAYERS, pass, layer, y, all));
}

function withBias(pass: Pass, { bias }: { readonly bias: WeightSpec | undefined }, y: tf.Tensor) {
  return bias ? tf.add(y, pass.weight(bias)) : y;
}

function image({ input: { rows, columns, channels } }: LayerSpec, x: tf.Tensor): tf.Tensor4D {
  return tf.reshape<tf.Rank.R4>(x, [-1, rows, columns, channels]);
}

function shape4({
  shape: [height = 0, width = 0, cin = 0, cout = 0],
}: WeightSpec): [number, number, number, number] {
  return [height, width, cin, cout];
}
