/**
 * A network as plain data: what a model of TensorFlow.js says, without its objects.
 * Plain, because it must cross into a worker thread, and because two trainers read it.
 * Weights live apart, in one flat Float32Array in the order and layouts of Keras' `get_weights()`
 * (convolution kernels [height, width, in, out], dense kernels [in, out]).
 */

import { isObject, isWhole, mustBe } from '../checks.ts';
import type { ElementwiseActivation } from './activations.ts';

/** Of rows and of columns; or before and after. */
export type Pair = readonly [number, number];

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
  /** The values that the layer takes: 0 is the images, i the output of the i-th layer. Undefined: that of the layer before it. */
  readonly sources?: readonly number[];
  /** Of its first value. */
  readonly input: FeatureShape;
  readonly output: FeatureShape;
}

interface ConvolutionBase extends LayerBase {
  /** [height, width] */
  readonly kernelSize: Pair;
  readonly strides: Pair;
  /** From one pixel of a window to the next. */
  readonly dilationRate: Pair;
  readonly padding: 'same' | 'valid';
}

export interface Conv2dSpec extends ConvolutionBase {
  readonly kind: 'conv2d';
  /** [height, width, in, out] */
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec | undefined;
}

/** Each channel has `multiplier` filters of its own; output channel c * multiplier + j is filter j of channel c. */
export interface DepthwiseConv2dSpec extends ConvolutionBase {
  readonly kind: 'depthwiseConv2d';
  /** [height, width, in, multiplier] */
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec | undefined;
}

interface PoolingBase extends LayerBase {
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: 'same' | 'valid';
}

export interface MaxPooling2dSpec extends PoolingBase {
  readonly kind: 'maxPooling2d';
}

/** The mean of the pixels of each window that lie inside the image. */
export interface AveragePooling2dSpec extends PoolingBase {
  readonly kind: 'averagePooling2d';
}

export interface ZeroPadding2dSpec extends LayerBase {
  readonly kind: 'zeroPadding2d';
  /** Zeros [before, after] the rows and the columns. */
  readonly pads: readonly [rows: Pair, columns: Pair];
}

/** Every pixel becomes size[0] rows of size[1] equal pixels. */
export interface UpSampling2dSpec extends LayerBase {
  readonly kind: 'upSampling2d';
  readonly size: Pair;
}

/** x * scale + offset */
export interface RescalingSpec extends LayerBase {
  readonly kind: 'rescaling';
  readonly scale: number;
  readonly offset: number;
}

export interface DropoutSpec extends LayerBase {
  readonly kind: 'dropout';
  /** Share of elements set to zero, in [0, 1). The others are divided by 1 - rate. */
  readonly rate: number;
}

/** Only the shape changes; the order of the values is that of rows, columns, channels. */
export interface FlattenSpec extends LayerBase {
  readonly kind: 'flatten';
}

export interface ReshapeSpec extends LayerBase {
  readonly kind: 'reshape';
}

export interface DenseSpec extends LayerBase {
  readonly kind: 'dense';
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec | undefined;
}

export interface ActivationSpec extends LayerBase {
  readonly kind: 'activation';
  readonly activation: ElementwiseActivation;
  /** Of `leakyRelu` the slope below 0, of `thresholdedRelu` the threshold. */
  readonly alpha?: number;
}

/**
 * Over the last axis (Ioffe and Szegedy 2015): y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each channel. In training
 * with the batch's mean and biased variance, else with the moving ones, and with those in training, too, where the layer is frozen.
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
  /** Set where it is not trained: neither do the moving statistics move. */
  readonly frozen?: true;
}

/** As batch normalization, but for each pixel over its channels (Ba, Kiros and Hinton 2016): nothing moves. */
export interface LayerNormalizationSpec extends LayerBase {
  readonly kind: 'layerNormalization';
  readonly epsilon: number;
  readonly gamma: WeightSpec | undefined;
  readonly beta: WeightSpec | undefined;
}

export const mergeOperations = ['add', 'multiply', 'average', 'concatenate'] as const;
export type MergeOperation = (typeof mergeOperations)[number];

/** One value of several: element by element of equal shapes, or with their channels side by side. */
export interface MergeSpec extends LayerBase {
  readonly kind: 'merge';
  readonly operation: MergeOperation;
}

/** Every kind of layer, by name. A new kind is a row here; what else it needs does not compile until it is there. */
export interface LayerKinds {
  readonly conv2d: Conv2dSpec;
  readonly depthwiseConv2d: DepthwiseConv2dSpec;
  readonly maxPooling2d: MaxPooling2dSpec;
  readonly averagePooling2d: AveragePooling2dSpec;
  readonly zeroPadding2d: ZeroPadding2dSpec;
  readonly upSampling2d: UpSampling2dSpec;
  readonly rescaling: RescalingSpec;
  readonly dropout: DropoutSpec;
  readonly flatten: FlattenSpec;
  readonly reshape: ReshapeSpec;
  readonly dense: DenseSpec;
  readonly activation: ActivationSpec;
  readonly batchNormalization: BatchNormalizationSpec;
  readonly layerNormalization: LayerNormalizationSpec;
  readonly merge: MergeSpec;
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

/** Every loss. A new one is a name here; what else it needs does not compile until it is there. */
export const losses = [
  ...(['softmaxCrossEntropy', 'binaryCrossEntropy'] as const),
  ...(['meanSquaredError', 'meanAbsoluteError', 'huber'] as const),
] as const;
export type LossName = (typeof losses)[number];

export interface LossOptions {
  /**
   * This part of each target is spread evenly: over the classes, or over 0 and 1 with binary cross-entropy (Szegedy et al. 2016,
   * "Rethinking the Inception Architecture", section 7; Keras' `label_smoothing`). 0 to below 1; 0 when left out.
   */
  readonly labelSmoothing?: number;
  /** Where Huber's loss turns from a square to a line. 1 when left out. */
  readonly delta?: number;
}

/** What an engine has for each loss. */
export type LossTable<Row> = Readonly<Record<LossName, Row>>;

export interface NetworkSpec {
  readonly input: FeatureShape;
  /** Numbers that the network gives for an image: classes, or values of a regression. */
  readonly classes: number;
  /** Layers up to the logits: the activation behind them belongs to the loss. Each stands behind those whose values it takes. */
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly lossOptions?: LossOptions;
  readonly weights: readonly WeightSpec[];
  /** Length of the flat weight vector, moving statistics included (Keras' total parameters). */
  readonly parameters: number;
}

type Weights = readonly (WeightSpec | undefined)[];
const noWeights = (): Weights => [];
type Linear = Conv2dSpec | DepthwiseConv2dSpec | DenseSpec;
const kernelAndBias = (_: null, { kernel, bias }: Linear): Weights => [kernel, bias];
type Normalization = BatchNormalizationSpec | LayerNormalizationSpec;
const gammaAndBeta = (_: null, { gamma, beta }: Normalization): Weights => [gamma, beta];

/** What an optimizer may have to do in each layer. */
const WEIGHTS: LayerTable<null, [], Weights> = {
  conv2d: kernelAndBias,
  depthwiseConv2d: kernelAndBias,
  maxPooling2d: noWeights,
  averagePooling2d: noWeights,
  zeroPadding2d: noWeights,
  upSampling2d: noWeights,
  rescaling: noWeights,
  dropout: noWeights,
  flatten: noWeights,
  reshape: noWeights,
  dense: kernelAndBias,
  activation: noWeights,
  batchNormalization: gammaAndBeta,
  layerNormalization: gammaAndBeta,
  merge: noWeights,
};

/** Whether the optimizer has something to do in this layer, so that those behind it must hand their gradients back. */
export function hasTrainableWeights(layer: LayerSpec): boolean {
  const weights = byKind(WEIGHTS, null, layer);
  return weights.some((weight) => weight !== undefined && weight.trainable !== false);
}

/** Elements of one image at this point of the network. @throws TrainingError for what is no shape. */
export function featureCount(shape: FeatureShape): number {
  mustBe('The shape', shape, '{ rows, columns, channels }', isObject(shape));
  const { rows, columns, channels } = shape;
  for (const [name, size] of Object.entries({ rows, columns, channels }))
    mustBe(`The size ${name}`, size, 'a whole number from 1', isWhole(size, 1));
  return rows * columns * channels;
}
