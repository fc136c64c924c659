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
import type {
  Activation,
  BatchNormalizationSpec,
  FeatureShape,
  LayerSpec,
  NetworkSpec,
  WeightSpec,
} from './network.ts';

const pair = z.tuple([z.number().int().positive(), z.number().int().positive()]);
const ones = z.tuple([z.literal(1), z.literal(1)]);
const activation = z.enum(['linear', 'relu', 'sigmoid', 'tanh', 'softmax']);
const channelsLast = z.literal('channelsLast');

/** A regularizer or constraint would be part of the loss or the update, and neither is here. */
const none = z.null().optional();
const plainWeights = {
  kernelRegularizer: none,
  biasRegularizer: none,
  activityRegularizer: none,
  kernelConstraint: none,
  biasConstraint: none,
};

const convConfig = z.object({
  ...plainWeights,
  kernelSize: pair,
  strides: ones,
  dilationRate: ones,
  padding: z.enum(['same', 'valid']),
  dataFormat: channelsLast,
  activation,
});
const poolConfig = z.object({
  poolSize: pair,
  strides: pair,
  padding: z.literal('valid'),
  dataFormat: channelsLast,
});
const dropoutConfig = z.object({ rate: z.number().min(0).lt(1), noiseShape: z.null().optional() });
const activationConfig = z.object({ activation });
const denseConfig = z.object({ ...plainWeights, activation });
const batchNormalizationConfig = z.object({
  betaRegularizer: none,
  gammaRegularizer: none,
  betaConstraint: none,
  gammaConstraint: none,
  axis: z.number().int(),
  momentum: z.number().min(0).max(1),
  epsilon: z.number().positive(),
  center: z.boolean(),
  scale: z.boolean(),
});
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
  strides: '1 for convolutions, the pool size for pooling',
  poolSize: 'two whole numbers from 1',
  dilationRate: '1',
  padding: 'same or valid for convolutions, valid for pooling',
  dataFormat: 'channelsLast',
  activation: 'linear, relu, sigmoid, tanh, and softmax at the end',
  rate: 'from 0 to below 1',
  axis: 'the last one',
  momentum: 'from 0 to 1',
  epsilon: 'above 0',
  center: 'true or false',
  scale: 'true or false',
};

function featureShape(value: unknown, layer: string): FeatureShape {
  const shape = parse(shapeSchema, value, layer);
  if (shape.length === 2) return { rows: 1, columns: 1, channels: shape[1] };
  // Grey images without an axis for their one channel, as TensorFlow's tutorials have them.
  return { rows: shape[1], columns: shape[2], channels: shape[3] ?? 1 };
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
    // Nothing here would keep it as it is.
    if (!layer.trainable && layer.getClassName() !== 'InputLayer') {
      throw new UnsupportedModelError(
        `Layer "${name}" is frozen (trainable = false), which cannot be trained here.`,
      );
    }
    const output = featureShape(layer.outputShape, name);
    const config: unknown = layer.getConfig();
    const base = { name, input, output };
    const kind = layer.getClassName();
    switch (kind) {
      case 'Conv2D': {
        const { kernelSize, padding, activation: act } = parse(convConfig, config, name);
        this.layers.push({
          ...base,
          kind: 'conv2d',
          kernelSize,
          padding,
          ...this.#kernelAndBias(layer),
        });
        this.#activation(name, act, output);
        break;
      }
      case 'MaxPooling2D': {
        const { poolSize, strides } = parse(poolConfig, config, name);
        if (strides[0] !== poolSize[0] || strides[1] !== poolSize[1]) {
          throw new UnsupportedModelError(
            `The windows of pooling "${name}" must not overlap: strides must equal the pool size.`,
          );
        }
        this.layers.push({ ...base, kind: 'maxPooling2d', poolSize, strides });
        break;
      }
      case 'Dropout': {
        const { rate } = parse(dropoutConfig, config, name);
        if (rate > 0) this.layers.push({ ...base, kind: 'dropout', rate });
        break;
      }
      case 'Flatten':
        this.layers.push({ ...base, kind: 'flatten' });
        break;
      case 'Dense': {
        if (input.rows !== 1 || input.columns !== 1) {
          throw new UnsupportedModelError(
            `Dense layer "${name}" needs flat input; put a Flatten layer before it.`,
          );
        }
        const { activation: act } = parse(denseConfig, config, name);
        this.layers.push({ ...base, kind: 'dense', ...this.#kernelAndBias(layer) });
        this.#activation(name, act, output);
        break;
      }
      case 'Activation':
        this.#activation(name, parse(activationConfig, config, name).activation, output);
        break;
      case 'BatchNormalization':
        this.layers.push({ ...base, ...this.#batchNormalization(layer, config) });
        break;
      case 'InputLayer':
        break;
      default:
        throw new UnsupportedModelError(
          `Layer "${name}" is a ${kind}, which cannot be trained here; known are Conv2D, MaxPooling2D, Dropout, Flatten, Dense, Activation and BatchNormalization.`,
        );
    }
    return output;
  }

  #activation(name: string, act: Activation, shape: FeatureShape): void {
    if (act === 'linear') return;
    if (act === 'softmax') {
      if (shape.rows > 1 || shape.columns > 1) {
        throw new UnsupportedModelError(
          `The softmax of "${name}" is over pixels; put a Flatten layer before it.`,
        );
      }
      this.softmax = true;
    } else
      this.layers.push({
        kind: 'activation',
        name: `${name}/${act}`,
        activation: act,
        input: shape,
        output: shape,
      });
  }

  /** Gives the layer's weights their places, in Keras' order. */
  #weightsOf(layer: tf.layers.Layer): WeightSpec[] {
    return layer.weights.map((weight) => {
      const shape = weight.shape.map((dim) => dim ?? 0);
      const spec = {
        name: weight.originalName,
        shape,
        offset: this.parameters,
        size: shape.reduce((product, dim) => product * dim, 1),
        ...(weight.trainable ? {} : { trainable: false as const }),
      };
      this.parameters += spec.size;
      this.weights.push(spec);
      return spec;
    });
  }

  #kernelAndBias(layer: tf.layers.Layer): { kernel: WeightSpec; bias: WeightSpec | undefined } {
    const [kernel, bias] = this.#weightsOf(layer);
    if (!kernel)
      throw new UnsupportedModelError(
        `Layer "${layer.name}" has no kernel; build the model first.`,
      );
    return { kernel, bias };
  }

  #batchNormalization(
    layer: tf.layers.Layer,
    config: unknown,
  ): Omit<BatchNormalizationSpec, 'name' | 'input' | 'output'> {
    const { name } = layer;
    const { axis, momentum, epsilon, center, scale } = parse(
      batchNormalizationConfig,
      config,
      name,
    );
    if ((axis !== -1 && axis !== layer.outputShape.length - 1) || layer.outputShape.length === 3) {
      throw new UnsupportedModelError(
        `BatchNormalization "${name}" works over axis ${axis}; here it must be the last one, -1.`,
      );
    }
    const weights = this.#weightsOf(layer);
    const gamma = scale ? weights.shift() : undefined;
    const beta = center ? weights.shift() : undefined;
    const [movingMean, movingVariance] = weights;
    if (!movingMean || !movingVariance) {
      throw new UnsupportedModelError(
        `Layer "${name}" has no moving statistics; build the model first.`,
      );
    }
    return {
      ...{ kind: 'batchNormalization', momentum, epsilon },
      ...{ gamma, beta, movingMean, movingVariance },
    };
  }
}

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
  const { layers, weights, parameters } = reader;
  return { input, classes: shape.channels, layers, weights, parameters };
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
  const { weights, parameters } = networkOf(model);
  if (!types.isFloat32Array(flat)) {
    throw new UnsupportedModelError(`The weights are ${shown(flat)}, but must be a Float32Array.`);
  }
  if (flat.length !== parameters) {
    throw new UnsupportedModelError(
      `The model has ${parameters} parameters, but ${flat.length} were given.`,
    );
  }
  const tensors = weights.map(({ shape, offset, size: n }) =>
    tf.tensor(flat.slice(offset, offset + n), [...shape]),
  );
  let next = 0;
  for (const layer of model.layers) {
    layer.setWeights(tensors.slice(next, next + layer.weights.length));
    next += layer.weights.length;
  }
  tf.dispose(tensors);
}
