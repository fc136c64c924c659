/**
 * From a `tf.Sequential` to a NetworkSpec and back (weights only).
 * The layer configurations are parsed by schemas: whatever this package cannot train is refused here, by name.
 */
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { isFunction, isObject } from '../checks.ts';
import { UnsupportedModelError } from '../errors.ts';
import { elementwiseActivations, type Activation } from './activations.ts';
import type {
  ActivationSpec,
  FeatureShape,
  LayerSpec,
  NetworkSpec,
  WeightSpec,
} from './network.ts';

const count = z.number().int().min(0);
const pair = z.tuple([z.number().int().positive(), z.number().int().positive()]);
const padding = z.enum(['same', 'valid']);
const activation = z.enum(['linear', 'softmax', ...elementwiseActivations]);
const channelsLast = z.literal('channelsLast');

/** A regularizer or constraint would be part of the loss or the update, and neither is here. */
const none = z.null().optional();
const plainWeights = { activityRegularizer: none, biasRegularizer: none, biasConstraint: none };
const plainKernel = { ...plainWeights, kernelRegularizer: none, kernelConstraint: none };
const plainDepthwise = {
  ...plainWeights,
  depthwiseRegularizer: none,
  depthwiseConstraint: none,
};
const windows = { strides: pair, padding, dataFormat: channelsLast };
const convolution = { ...windows, kernelSize: pair, dilationRate: pair, activation };
const plainScale = {
  ...{ betaRegularizer: none, gammaRegularizer: none },
  ...{ betaConstraint: none, gammaConstraint: none },
  epsilon: z.number().positive(),
  center: z.boolean(),
  scale: z.boolean(),
};
const SCHEMAS = {
  conv2d: z.object({ ...convolution, ...plainKernel }),
  depthwiseConv2d: z.object({ ...convolution, ...plainDepthwise }),
  separableConv2d: z.object({
    ...{ ...convolution, ...plainDepthwise },
    ...{ pointwiseRegularizer: none, pointwiseConstraint: none },
  }),
  pooling: z.object({ ...windows, poolSize: pair }),
  globalPooling: z.object({ dataFormat: channelsLast }),
  zeroPadding2d: z.object({
    padding: z.tuple([z.tuple([count, count]), z.tuple([count, count])]),
    dataFormat: channelsLast,
  }),
  upSampling2d: z.object({
    ...{ size: pair, dataFormat: channelsLast },
    interpolation: z.literal('nearest').optional(),
  }),
  rescaling: z.object({ scale: z.number(), offset: z.number() }),
  dropout: z.object({ rate: z.number().min(0).lt(1), noiseShape: none }),
  dense: z.object({ ...plainKernel, activation }),
  activation: z.object({ activation }),
  relu: z.object({ maxValue: z.union([z.null(), z.literal(6)]).optional() }),
  leakyRelu: z.object({ alpha: z.number() }),
  thresholdedRelu: z.object({ theta: z.number() }),
  softmax: z.object({ axis: z.number().int() }),
  batchNormalization: z.object({
    ...plainScale,
    axis: z.number().int(),
    momentum: z.number().min(0).max(1),
  }),
  layerNormalization: z.object({
    ...plainScale,
    axis: z.union([z.number().int(), z.array(z.number().int())]),
  }),
} as const;
const size = z.number().int().positive();
const shapeSchema = z.union([
  z.tuple([z.null(), size, size, size]),
  z.tuple([z.null(), size, size]),
  z.tuple([z.null(), size]),
]);

/** @throws UnsupportedModelError naming the layer and the option that does not fit. */
function parse<T>(schema: z.ZodType<T>, value: unknown, layer: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [option] = result.error.issues[0]?.path ?? [];
  if (option === undefined || !isObject(value)) {
    throw new UnsupportedModelError(
      `Layer "${layer}" gives values of the shape ${shown(value)}; known are [null, rows, columns, channels] and [null, units].`,
    );
  }
  const name = String(option);
  throw new UnsupportedModelError(
    `Layer "${layer}" has ${name} = ${shown(value[name])}, which cannot be trained here; accepted: ${ACCEPTED[name] ?? 'none'}.`,
  );
}

/** Values of the options of layers, by their names in TensorFlow.js. */
const ACCEPTED: Readonly<Record<string, string>> = {
  kernelSize: 'two whole numbers from 1',
  strides: 'two whole numbers from 1',
  poolSize: 'two whole numbers from 1',
  dilationRate: 'two whole numbers from 1',
  size: 'two whole numbers from 1',
  padding: 'same or valid; numbers of ZeroPadding2D from 0',
  interpolation: 'nearest',
  dataFormat: 'channelsLast',
  activation: `linear, ${elementwiseActivations.join(', ')}, and softmax at the end`,
  rate: 'from 0 to below 1',
  maxValue: '6 or none',
  axis: 'the last one',
  momentum: 'from 0 to 1',
  epsilon: 'above 0',
  center: 'true or false',
  scale: 'true or false; a number of Rescaling',
};

function featureShape(value: unknown, layer: string): FeatureShape {
  const shape = parse(shapeSchema, value, layer);
  if (shape.length === 2) return { rows: 1, columns: 1, channels: shape[1] };
  // Grey images without an axis for their one channel, as TensorFlow's tutorials have them.
  return { rows: shape[1], columns: shape[2], channels: shape[3] ?? 1 };
}

/** A layer of the model, with the shapes around it. */
interface Place {
  readonly layer: tf.layers.Layer;
  readonly name: string;
  readonly input: FeatureShape;
  readonly output: FeatureShape;
}

/** Collects the layers of a model, one after the other. */
class SequentialReader {
  readonly layers: LayerSpec[] = [];
  readonly weights: WeightSpec[] = [];
  parameters = 0;
  /** Set once a softmax was seen: nothing may follow it. */
  softmax = false;

  read(layer: tf.layers.Layer, input: FeatureShape): FeatureShape {
    const { name } = layer;
    if (this.softmax)
      throw new UnsupportedModelError(`Layer "${name}" follows a softmax, which must be the last.`);
    const kind = layer.getClassName();
    const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
    if (!reader) {
      throw new UnsupportedModelError(
        `Layer "${name}" is a ${kind}, which cannot be trained here; known are ${Object.keys(READERS).join(', ')}.`,
      );
    }
    const output = featureShape(layer.outputShape, name);
    reader(this, { layer, name, input, output });
    return output;
  }

  add(layer: LayerSpec): void {
    this.layers.push(layer);
  }

  /** What an activation inside a layer, or a layer of its own, adds. */
  activation(
    { name, output }: Place,
    activation: Activation,
    options: Pick<ActivationSpec, 'alpha'> = {},
  ): void {
    if (activation === 'linear') return;
    if (activation === 'softmax') {
      if (output.rows > 1 || output.columns > 1) {
        throw new UnsupportedModelError(
          `The softmax of "${name}" is over pixels; put a Flatten layer before it.`,
        );
      }
      this.softmax = true;
      return;
    }
    const named = { name: `${name}/${activation}`, input: output, output };
    this.add({ kind: 'activation', ...named, activation, ...options });
  }

  /** Gives the layer's weights their places, in Keras' order. Those of a frozen layer are not trained. */
  weightsOf({ layer }: Place): WeightSpec[] {
    return layer.weights.map((weight) => {
      const shape = weight.shape.map((dim) => dim ?? 0);
      const spec = {
        name: weight.originalName,
        shape,
        offset: this.parameters,
        size: shape.reduce((product, dim) => product * dim, 1),
        ...(layer.trainable && weight.trainable ? {} : { trainable: false as const }),
      };
      this.parameters += spec.size;
      this.weights.push(spec);
      return spec;
    });
  }

  kernelAndBias(place: Place): { kernel: WeightSpec; bias: WeightSpec | undefined } {
    const [kernel, bias] = this.weightsOf(place);
    return { kernel: built(kernel, place, 'kernel'), bias };
  }
}

function built<T>(weight: T | undefined, { name }: Place, what: string): T {
  if (weight !== undefined) return weight;
  throw new UnsupportedModelError(`Layer "${name}" has no ${what}; build the model first.`);
}

/** @throws UnsupportedModelError where the axis is not the last of the layer's values. */
function checkLastAxis({ layer, name }: Place, axis: number | readonly number[]): void {
  const rank = layer.outputShape.length;
  const [only, ...more] = typeof axis === 'number' ? [axis] : axis;
  if (more.length === 0 && (only === -1 || only === rank - 1) && rank !== 3) return;
  throw new UnsupportedModelError(
    `${layer.getClassName()} "${name}" works over axis ${String(axis)}; here it must be the last one, -1.`,
  );
}

type Reader = (reader: SequentialReader, place: Place) => void;

/** A pooling over the whole image, and the flat layer that Keras makes of it. */
const globalPooling =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Reader =>
  (reader, place) => {
    const { name, input, output } = place;
    parse(SCHEMAS.globalPooling, place.layer.getConfig(), name);
    const poolSize = [input.rows, input.columns] as const;
    reader.add({ kind, name, input, output, poolSize, strides: poolSize, padding: 'valid' });
  };

const pooling =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Reader =>
  (reader, { layer, name, input, output }) => {
    const {
      poolSize,
      strides,
      padding: kindOfPadding,
    } = parse(SCHEMAS.pooling, layer.getConfig(), name);
    reader.add({ kind, name, input, output, poolSize, strides, padding: kindOfPadding });
  };

/** What each class of layer in TensorFlow.js becomes. */
const READERS: Readonly<Record<string, Reader>> = {
  InputLayer: () => undefined,
  Conv2D: (reader, place) => {
    const { layer, ...base } = place;
    const { activation: act, ...config } = parse(SCHEMAS.conv2d, layer.getConfig(), place.name);
    const { kernelSize, strides, dilationRate, padding: kind } = config;
    reader.add({
      ...{ kind: 'conv2d', ...base, kernelSize, strides, dilationRate, padding: kind },
      ...reader.kernelAndBias(place),
    });
    reader.activation(place, act);
  },
  DepthwiseConv2D: (reader, place) => {
    const { layer, ...base } = place;
    const config = parse(SCHEMAS.depthwiseConv2d, layer.getConfig(), place.name);
    const { kernelSize, strides, dilationRate, padding: kind } = config;
    reader.add({
      ...{ kind: 'depthwiseConv2d', ...base, kernelSize, strides, dilationRate, padding: kind },
      ...reader.kernelAndBias(place),
    });
    reader.activation(place, config.activation);
  },
  // A depthwise convolution, and one over single pixels.
  SeparableConv2D: (reader, place) => {
    const { layer, name, input, output } = place;
    const config = parse(SCHEMAS.separableConv2d, layer.getConfig(), name);
    const { kernelSize, strides, dilationRate, padding: kind } = config;
    const [depthwise, pointwise, bias] = reader.weightsOf(place);
    const kernel = built(depthwise, place, 'depthwise kernel');
    const between = { ...output, channels: input.channels * (kernel.shape[3] ?? 1) };
    reader.add({
      ...{ kind: 'depthwiseConv2d', name, input, output: between, kernel, bias: undefined },
      ...{ kernelSize, strides, dilationRate, padding: kind },
    });
    reader.add({
      ...{ kind: 'conv2d', name: `${name}/pointwise`, input: between, output, bias },
      ...{ kernelSize: [1, 1], strides: [1, 1], dilationRate: [1, 1], padding: 'valid' },
      kernel: built(pointwise, place, 'pointwise kernel'),
    });
    reader.activation(place, config.activation);
  },
  MaxPooling2D: pooling('maxPooling2d'),
  AveragePooling2D: pooling('averagePooling2d'),
  GlobalMaxPooling2D: globalPooling('maxPooling2d'),
  GlobalAveragePooling2D: globalPooling('averagePooling2d'),
  ZeroPadding2D: (reader, { layer, ...base }) => {
    const { padding: pads } = parse(SCHEMAS.zeroPadding2d, layer.getConfig(), base.name);
    reader.add({ kind: 'zeroPadding2d', ...base, pads });
  },
  UpSampling2D: (reader, { layer, ...base }) => {
    const { size: times } = parse(SCHEMAS.upSampling2d, layer.getConfig(), base.name);
    reader.add({ kind: 'upSampling2d', ...base, size: times });
  },
  Rescaling: (reader, { layer, ...base }) => {
    const { scale, offset } = parse(SCHEMAS.rescaling, layer.getConfig(), base.name);
    reader.add({ kind: 'rescaling', ...base, scale, offset });
  },
  Dropout: (reader, { layer, ...base }) => {
    const { rate } = parse(SCHEMAS.dropout, layer.getConfig(), base.name);
    if (rate > 0) reader.add({ kind: 'dropout', ...base, rate });
  },
  Flatten: (reader, { name, input, output }) => {
    reader.add({ kind: 'flatten', name, input, output });
  },
  Reshape: (reader, { name, input, output }) => {
    reader.add({ kind: 'reshape', name, input, output });
  },
  Dense: (reader, place) => {
    const { layer, ...base } = place;
    if (base.input.rows !== 1 || base.input.columns !== 1) {
      throw new UnsupportedModelError(
        `Dense layer "${base.name}" needs flat input; put a Flatten layer before it.`,
      );
    }
    const { activation: act } = parse(SCHEMAS.dense, layer.getConfig(), base.name);
    reader.add({ kind: 'dense', ...base, ...reader.kernelAndBias(place) });
    reader.activation(place, act);
  },
  Activation: (reader, place) => {
    const { activation: act } = parse(SCHEMAS.activation, place.layer.getConfig(), place.name);
    reader.activation(place, act);
  },
  ReLU: (reader, place) => {
    const { maxValue } = parse(SCHEMAS.relu, place.layer.getConfig(), place.name);
    reader.activation(place, maxValue === 6 ? 'relu6' : 'relu');
  },
  // Its alpha is 1 in TensorFlow.js.
  ELU: (reader, place) => {
    reader.activation(place, 'elu');
  },
  LeakyReLU: (reader, place) => {
    const { alpha } = parse(SCHEMAS.leakyRelu, place.layer.getConfig(), place.name);
    reader.activation(place, 'leakyRelu', { alpha });
  },
  ThresholdedReLU: (reader, place) => {
    const { theta } = parse(SCHEMAS.thresholdedRelu, place.layer.getConfig(), place.name);
    reader.activation(place, 'thresholdedRelu', { alpha: theta });
  },
  Softmax: (reader, place) => {
    checkLastAxis(place, parse(SCHEMAS.softmax, place.layer.getConfig(), place.name).axis);
    reader.activation(place, 'softmax');
  },
  BatchNormalization: (reader, place) => {
    const { layer, ...base } = place;
    const config = parse(SCHEMAS.batchNormalization, layer.getConfig(), base.name);
    checkLastAxis(place, config.axis);
    const weights = reader.weightsOf(place);
    const gamma = config.scale ? weights.shift() : undefined;
    const beta = config.center ? weights.shift() : undefined;
    const [mean, variance] = weights;
    const { momentum, epsilon } = config;
    reader.add({
      ...{ kind: 'batchNormalization', ...base, momentum, epsilon, gamma, beta },
      movingMean: built(mean, place, 'moving statistics'),
      movingVariance: built(variance, place, 'moving statistics'),
      ...(layer.trainable ? {} : { frozen: true as const }),
    });
  },
  LayerNormalization: (reader, place) => {
    const { layer, ...base } = place;
    const config = parse(SCHEMAS.layerNormalization, layer.getConfig(), base.name);
    checkLastAxis(place, config.axis);
    const weights = reader.weightsOf(place);
    const gamma = config.scale ? weights.shift() : undefined;
    const beta = config.center ? weights.shift() : undefined;
    reader.add({ kind: 'layerNormalization', ...base, epsilon: config.epsilon, gamma, beta });
  },
};

/** By name and not by class: a program may have two copies of TensorFlow.js. */
function checkSequential(model: unknown): void {
  const isModel = isObject(model) && isFunction(model['getClassName']);
  const kind = isModel ? (model as unknown as tf.Sequential).getClassName() : undefined;
  if (kind === 'Sequential') return;
  const what =
    kind === 'Model' || kind === 'Functional'
      ? 'a functional model (tf.model)'
      : kind === undefined
        ? shown(model)
        : `a ${kind}`;
  throw new UnsupportedModelError(
    `The model is ${what}, but must be a tf.Sequential: build it by tf.sequential({ layers: [...] }).`,
  );
}

/**
 * Reads the layers of a built model that ends in softmax.
 * @throws UnsupportedModelError naming the layer or option that cannot be trained.
 */
export function networkOf(model: tf.Sequential): NetworkSpec {
  checkSequential(model);
  const reader = new SequentialReader();
  const [first] = model.layers;
  if (!first) throw new UnsupportedModelError('The model has no layers.');
  const input = featureShape(first.batchInputShape, first.name);
  let shape = input;
  for (const layer of model.layers) shape = reader.read(layer, shape);
  if (!reader.softmax)
    throw new UnsupportedModelError('The model must end in a softmax activation.');
  if (!reader.weights.some(({ trainable }) => trainable !== false))
    throw new UnsupportedModelError('Every layer of the model is frozen (trainable = false).');
  const { layers, weights, parameters } = reader;
  return {
    ...{ input, classes: shape.channels, layers, weights, parameters },
    loss: 'softmaxCrossEntropy',
  };
}

/**
 * All weights as one flat vector of length `parameters`, in Keras' order: layer by layer. (TensorFlow.js' `model.getWeights()` puts
 * moving statistics at the end.)
 */
export function weightsOf(model: tf.Sequential): Float32Array {
  checkSequential(model);
  const tensors = model.layers.flatMap((layer) => layer.getWeights());
  const flat = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.size, 0));
  let offset = 0;
  for (const tensor of tensors) {
    flat.set(tensor.dataSync<'float32'>(), offset);
    offset += tensor.size;
  }
  return flat;
}

/** Writes a flat weight vector into the model. @throws UnsupportedModelError where the length does not fit. */
export function setWeightsOf(model: tf.Sequential, flat: Float32Array): void {
  checkSequential(model);
  const parameters = model.layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  if (!types.isFloat32Array(flat)) {
    throw new UnsupportedModelError(`The weights are ${shown(flat)}, but must be a Float32Array.`);
  }
  if (flat.length !== parameters) {
    throw new UnsupportedModelError(
      `The model has ${parameters} parameters, but ${flat.length} were given.`,
    );
  }
  let offset = 0;
  for (const layer of model.layers) {
    const tensors = layer.getWeights().map(({ shape, size: n }) => {
      offset += n;
      return tf.tensor(flat.slice(offset - n, offset), shape);
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
}
