/** What a layer makes of a shape, and the shapes of its weights: TensorFlow's rules, channels last. */
import { ModelFileError } from '../errors.ts';
import type { LayerJson } from './layer-schema.ts';

export interface WeightShape {
  /** Keras' name within the layer: kernel, bias, gamma, beta, moving_mean, moving_variance. */
  readonly name: string;
  readonly shape: readonly number[];
}

type Pair = readonly [number, number];

/** @param at the layer, at the beginning of a sentence. @throws ModelFileError 'corrupt' where the input does not fit. */
export function outputShape(
  layer: LayerJson,
  input: readonly number[],
  at: string,
): readonly number[] {
  const output = shapeAfter(layer, input, at);
  if (output.some((length) => length < 1)) {
    throw new ModelFileError(
      'corrupt',
      `${at} makes nothing of an input of [${input.join(', ')}].`,
    );
  }
  return output;
}

function shapeAfter(layer: LayerJson, input: readonly number[], at: string): readonly number[] {
  const [rows = 0, columns = 0, channels = 0] = input;
  switch (layer.class_name) {
    case 'Conv2D': {
      checkImages(input, at);
      const { config } = layer;
      const { strides, dilation_rate: dilation } = config;
      if (Math.max(...strides) > 1 && Math.max(...dilation) > 1) {
        throw new ModelFileError('corrupt', `${at} has both strides and dilations above 1.`);
      }
      return [...convolved([rows, columns], config), config.filters];
    }
    case 'MaxPooling2D': {
      checkImages(input, at);
      const { pool_size: kernel_size, padding } = layer.config;
      const strides = layer.config.strides ?? kernel_size;
      const windows = { kernel_size, strides, padding, dilation_rate: [1, 1] as const };
      return [...convolved([rows, columns], windows), channels];
    }
    case 'Flatten':
      if (input.length < 2) {
        throw new ModelFileError(
          'unsupported',
          `${at} flattens what is flat already, which TensorFlow.js cannot; leave the layer out.`,
        );
      }
      return [elements(input)];
    case 'Dense':
      return [...input.slice(0, -1), layer.config.units];
    case 'BatchNormalization': {
      const { axis } = layer.config;
      // Counted with the batch.
      if (axis === -1 || axis === input.length) return input;
      throw new ModelFileError(
        'unsupported',
        `${at} normalizes over axis ${axis}; only the last one, the channels, is known here.`,
      );
    }
    case 'Dropout':
    case 'Activation':
      return input;
  }
}

function checkImages(input: readonly number[], at: string): void {
  if (input.length === 3) return;
  throw new ModelFileError(
    'corrupt',
    `${at} needs rows, columns and channels, but gets [${input.join(', ')}].`,
  );
}

interface Windows {
  readonly kernel_size: Pair;
  readonly strides: Pair;
  readonly dilation_rate: Pair;
  readonly padding: 'same' | 'valid';
}

function convolved(input: Pair, windows: Windows): Pair {
  const along = (axis: 0 | 1): number => {
    const { kernel_size, strides, dilation_rate, padding } = windows;
    const extent = (kernel_size[axis] - 1) * dilation_rate[axis] + 1;
    const span = padding === 'same' ? input[axis] : input[axis] - extent + 1;
    return Math.ceil(span / strides[axis]);
  };
  return [along(0), along(1)];
}

/**
 * Zeros that `same` adds before and after an axis. TensorFlow puts the odd one at the end.
 * (https://www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding")
 */
export function samePadding(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
): readonly [before: number, after: number] {
  const extent = (kernel - 1) * dilation + 1;
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + extent - input, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** In the order of Keras' `layer.weights`: trainable ones first. */
export function weightShapes(layer: LayerJson, input: readonly number[]): readonly WeightShape[] {
  const channels = input.at(-1) ?? 0;
  switch (layer.class_name) {
    case 'Conv2D': {
      const { filters, kernel_size: kernel, use_bias: bias } = layer.config;
      return withBias([...kernel, channels, filters], filters, bias);
    }
    case 'Dense': {
      const { units, use_bias: bias } = layer.config;
      return withBias([channels, units], units, bias);
    }
    case 'BatchNormalization': {
      const { scale, center } = layer.config;
      return [
        ...(scale ? ['gamma'] : []),
        ...(center ? ['beta'] : []),
        'moving_mean',
        'moving_variance',
      ].map((name) => ({ name, shape: [channels] }));
    }
    default:
      return [];
  }
}

function withBias(kernel: readonly number[], units: number, bias: boolean): readonly WeightShape[] {
  const weights = [{ name: 'kernel', shape: kernel }];
  return bias ? [...weights, { name: 'bias', shape: [units] }] : weights;
}

/**
 * Arithmetic of a layer for one image, roughly: a kernel is used once for every place of the output, a window for every
 * number of it.
 */
export function workOf(
  layer: LayerJson,
  weights: readonly WeightShape[],
  output: readonly number[],
): number {
  const kernel = weights.find(({ name }) => name === 'kernel')?.shape;
  const window = layer.class_name === 'MaxPooling2D' ? elements(layer.config.pool_size) : 1;
  return (
    elements(output) * window + (kernel ? elements(kernel) * elements(output.slice(0, -1)) : 0)
  );
}

/** Number of elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
