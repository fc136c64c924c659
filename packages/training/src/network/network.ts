/**
 * A network as plain data: what a `tf.Sequential` says, without TensorFlow.js' objects.
 * Plain, because it must cross into a worker thread, and because two trainers read it.
 * Weights live apart, in one flat Float32Array in the order and layouts of Keras' `get_weights()`
 * (convolution kernels [height, width, in, out], dense kernels [in, out]).
 */

import { isObject, isWhole, mustBe } from '../checks.ts';

/** Element-wise activations (`softmax` only at the very end). */
export type Activation = 'linear' | 'relu' | 'sigmoid' | 'tanh' | 'softmax';

/** Rows, columns and channels of one image; a flat layer has 1 x 1 x units. */
export interface FeatureShape {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

/** One weight tensor: its place in the flat vector. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the flat vector. */
  readonly offset: number;
  readonly size: number;
  /** Set where the optimizer leaves it alone: moving statistics, which every training step changes in its own way. */
  readonly trainable?: false;
}

interface LayerBase {
  readonly name: string;
  readonly input: FeatureShape;
  readonly output: FeatureShape;
}

export interface Conv2dSpec extends LayerBase {
  readonly kind: 'conv2d';
  /** [height, width]. Strides and dilations are 1. */
  readonly kernelSize: readonly [number, number];
  readonly padding: 'same' | 'valid';
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec | undefined;
}

export interface MaxPooling2dSpec extends LayerBase {
  readonly kind: 'maxPooling2d';
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
}

export interface DropoutSpec extends LayerBase {
  readonly kind: 'dropout';
  /** Share of elements set to zero, in [0, 1). The others are divided by 1 - rate. */
  readonly rate: number;
}

export interface FlattenSpec extends LayerBase {
  readonly kind: 'flatten';
}

export interface DenseSpec extends LayerBase {
  readonly kind: 'dense';
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec | undefined;
}

export interface ActivationSpec extends LayerBase {
  readonly kind: 'activation';
  readonly activation: Exclude<Activation, 'linear' | 'softmax'>;
}

/**
 * Over the last axis (Ioffe and Szegedy 2015): y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each channel. In training
 * with the batch's mean and biased variance, else with the moving ones.
 */
export interface BatchNormalizationSpec extends LayerBase {
  readonly kind: 'batchNormalization';
  /** What is kept of the moving statistics in a step, 0 to 1; the rest comes from the batch. */
  readonly momentum: number;
  readonly epsilon: number;
  /** Undefined with `scale: false`: 1. */
  readonly gamma: WeightSpec | undefined;
  /** Undefined with `center: false`: 0. */
  readonly beta: WeightSpec | undefined;
  readonly movingMean: WeightSpec;
  readonly movingVariance: WeightSpec;
}

/** Every kind of layer, by name. A new kind is a row here; what else it needs does not compile until it is there. */
export interface LayerKinds {
  readonly conv2d: Conv2dSpec;
  readonly maxPooling2d: MaxPooling2dSpec;
  readonly dropout: DropoutSpec;
  readonly flatten: FlattenSpec;
  readonly dense: DenseSpec;
  readonly activation: ActivationSpec;
  readonly batchNormalization: BatchNormalizationSpec;
}
export type LayerKind = keyof LayerKinds;

/** An activation inside a Conv2D or Dense layer becomes an activation layer of its own; a closing softmax becomes the loss. */
export type LayerSpec<K extends LayerKind = LayerKind> = {
  readonly [P in K]: LayerKinds[P] & { readonly kind: P };
}[K];

/** A function for each kind of layer, as an engine or a rule has them. */
export type LayerTable<Context, Rest extends readonly unknown[], Result> = {
  readonly [P in LayerKind]: (context: Context, layer: LayerSpec<P>, ...rest: Rest) => Result;
};

/** What the table's row for this layer gives. */
export function byKind<K extends LayerKind, Context, Rest extends readonly unknown[], Result>(
  table: LayerTable<Context, Rest, Result>,
  context: Context,
  layer: LayerSpec<K>,
  ...rest: Rest
): Result {
  return table[layer.kind](context, layer, ...rest);
}

export interface NetworkSpec {
  readonly input: FeatureShape;
  readonly classes: number;
  /** Layers up to the logits. */
  readonly layers: readonly LayerSpec[];
  readonly weights: readonly WeightSpec[];
  /** Length of the flat weight vector, moving statistics included (Keras' total parameters). */
  readonly parameters: number;
}

const TRAINS: LayerTable<null, [], boolean> = {
  conv2d: () => true,
  maxPooling2d: () => false,
  dropout: () => false,
  flatten: () => false,
  dense: () => true,
  activation: () => false,
  batchNormalization: (_, { gamma, beta }) => gamma !== undefined || beta !== undefined,
};

/** Whether the optimizer has something to do in this layer, so that those behind it must hand their gradients back. */
export function hasTrainableWeights(layer: LayerSpec): boolean {
  return byKind(TRAINS, null, layer);
}

/** Elements of one image at this point of the network. @throws TrainingError for what is no shape. */
export function featureCount(shape: FeatureShape): number {
  mustBe('The shape', shape, '{ rows, columns, channels }', isObject(shape));
  const { rows, columns, channels } = shape;
  for (const [name, size] of Object.entries({ rows, columns, channels }))
    mustBe(`The size ${name}`, size, 'a whole number from 1', isWhole(size, 1));
  return rows * columns * channels;
}

/**
 * Zeros added before and after an axis by a stride-1 convolution. `same` puts the odd one at the end, as
 * TensorFlow does: a kernel of 4 pads 1 before and 2 after.
 */
export function padding(layer: Conv2dSpec, axis: 0 | 1): readonly [before: number, after: number] {
  if (layer.padding === 'valid') return [0, 0];
  const total = layer.kernelSize[axis] - 1;
  const before = Math.floor(total / 2);
  return [before, total - before];
}
