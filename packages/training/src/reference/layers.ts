/** Each layer by TensorFlow.js' own operations, whose autodiff gives the gradients. */
import * as tf from '@tensorflow/tfjs';
import {
  byKind,
  type DropoutSpec,
  type LayerSpec,
  type LayerTable,
  type WeightSpec,
} from '../network/network.ts';
import { normalized } from './batch-normalization.ts';

/** One pass through the network. */
export interface Pass {
  weight(spec: WeightSpec): tf.Tensor;
  /** The mask of a dropout layer; undefined where nothing is dropped. */
  mask(layer: DropoutSpec): Float32Array | undefined;
  /** Filled with the moving statistics after the step; undefined where the pass predicts. */
  readonly moved: Map<WeightSpec, Float32Array> | undefined;
}

const LAYERS: LayerTable<Pass, [x: tf.Tensor], tf.Tensor> = {
  conv2d: (pass, layer, x) => {
    const kernel = tf.reshape<tf.Rank.R4>(pass.weight(layer.kernel), shape4(layer.kernel));
    return withBias(pass, layer, tf.conv2d(image(layer, x), kernel, 1, layer.padding));
  },
  maxPooling2d: (_, layer, x) =>
    tf.maxPool(image(layer, x), [...layer.poolSize], [...layer.strides], 'valid'),
  dropout: (pass, layer, x) => {
    const mask = pass.mask(layer);
    return mask ? tf.mul(x, tf.tensor(mask, x.shape)) : x;
  },
  flatten: (_, { output }, x) => tf.reshape(x, [-1, output.channels]),
  dense: (pass, layer, x) => {
    const [units, outputs] = [layer.input.channels, layer.output.channels];
    const kernel = tf.reshape<tf.Rank.R2>(pass.weight(layer.kernel), [units, outputs]);
    return withBias(pass, layer, tf.matMul(tf.reshape<tf.Rank.R2>(x, [-1, units]), kernel));
  },
  activation: (_, { activation }, x) =>
    ({ relu: tf.relu, sigmoid: tf.sigmoid, tanh: tf.tanh })[activation](x),
  batchNormalization: (pass, layer, x) =>
    normalized(x, layer, (spec) => pass.weight(spec), pass.moved),
};

/** @param x [n, ...] the layer's input. @returns [n, ...] its output */
export function applyLayer(pass: Pass, layer: LayerSpec, x: tf.Tensor): tf.Tensor {
  return byKind(LAYERS, pass, layer, x);
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
