/** Convolutions over images. */
import type { Value } from '@fashion-bench/onnx';
import { z } from 'zod';
import { ModelFileError } from '../../errors.ts';
import type { Feature, Lowering } from '../../onnx/lowering.ts';
import { layerKind } from '../layer-kind.ts';
import type { ActivationName } from '../serialized.ts';
import { pair, settings, size } from '../settings.ts';
import { checkImages, elements, padsOf, windowsIn, type Pair, type Shape } from '../shapes.ts';
import { ACTIVATED, CONVOLUTION, DEPTHWISE, KERNEL, POINTWISE, withBias } from './weighted.ts';

interface Convolution {
  readonly kernel_size: Pair;
  readonly strides: Pair;
  readonly dilation_rate: Pair;
  readonly padding: 'same' | 'valid';
  readonly activation: ActivationName;
  readonly use_bias: boolean;
}

const windowsOf = (config: Convolution) => ({
  kernel: config.kernel_size,
  strides: config.strides,
  dilations: config.dilation_rate,
  padding: config.padding,
});

function outputOf(config: Convolution, channels: number, input: Shape, at: string): Shape {
  checkImages(input, at);
  if (Math.max(...config.strides) > 1 && Math.max(...config.dilation_rate) > 1) {
    throw new ModelFileError('corrupt', `${at} has both strides and dilations above 1.`);
  }
  return [...windowsIn(input, windowsOf(config)), channels];
}

/** [height, width, in, out] -> [out, in, height, width] */
function kernelOf(l: Lowering, name: string): Value {
  return l.g.transpose(l.weight(name), [3, 2, 0, 1]);
}

/** [height, width, in, multiplier] -> [in * multiplier, 1, height, width] */
function depthwiseKernelOf(l: Lowering, [height, width]: Pair): Value {
  const turned = l.g.transpose(l.weight('depthwise_kernel'), [2, 3, 0, 1]);
  return l.g.reshape(turned, [-1, 1, height, width]);
}

function convolve(l: Lowering, config: Convolution, x: Value, kernel: Value, bias: boolean): Value {
  const { kernel: kernel_shape, strides, dilations } = windowsOf(config);
  const pads = padsOf(l.input, windowsOf(config));
  const group = kernel.shape[1] === 1 ? Number(x.shape[1]) : 1;
  return l.g.op('Conv', [x, kernel, bias ? l.weight('bias') : undefined], {
    ...{ kernel_shape, strides, dilations, pads },
    ...(group > 1 && { group }),
  });
}

const activated = (l: Lowering, config: Convolution, value: Value): Feature =>
  l.activated(config.activation, { value, layout: 'first' });

export const conv2d = layerKind(settings({ filters: size, ...CONVOLUTION, ...KERNEL }), {
  output: (config, input, at) => outputOf(config, config.filters, input, at),
  weights: ({ kernel_size, filters, use_bias }, input) =>
    withBias({ kernel: [...kernel_size, input.at(-1) ?? 0, filters] }, filters, use_bias),
  work: ({ kernel_size }, input) => 1 + elements(kernel_size) * (input.at(-1) ?? 0),
  activation: ({ activation }) => activation,
  lower: (l, config) =>
    activated(l, config, convolve(l, config, l.first(), kernelOf(l, 'kernel'), config.use_bias)),
});

const depthwise = settings({
  ...{ ...CONVOLUTION, ...DEPTHWISE },
  depth_multiplier: size.default(1),
  /** TensorFlow.js computes the layer without its dilation. */
  dilation_rate: pair
    .default([1, 1])
    .refine((rate) => Math.max(...rate) === 1, 'TensorFlow.js ignores a dilation of this layer'),
});

export const depthwiseConv2d = layerKind(depthwise, {
  output: (config, input, at) =>
    outputOf(config, (input.at(-1) ?? 0) * config.depth_multiplier, input, at),
  weights: ({ kernel_size, depth_multiplier: times, use_bias }, input) => {
    const channels = input.at(-1) ?? 0;
    const shape = [...kernel_size, channels, times];
    return withBias({ depthwise_kernel: shape }, channels * times, use_bias);
  },
  work: ({ kernel_size }) => 1 + elements(kernel_size),
  activation: ({ activation }) => activation,
  lower: (l, config) => {
    const kernel = depthwiseKernelOf(l, config.kernel_size);
    return activated(l, config, convolve(l, config, l.first(), kernel, config.use_bias));
  },
});

/** A depthwise convolution, and one over single pixels. */
export const separableConv2d = layerKind(
  settings({
    ...{ filters: size, ...CONVOLUTION, ...DEPTHWISE, ...POINTWISE },
    /** TensorFlow.js forgets any other when it saves the layer. */
    depth_multiplier: z.literal(1).default(1),
    /** Keras 2 writes it; the layer has no such weight. */
    kernel_initializer: z.unknown().optional(),
  }).transform((config) => ({ ...config, kernel_initializer: undefined })),
  {
    output: (config, input, at) => outputOf(config, config.filters, input, at),
    weights: ({ kernel_size, filters, use_bias }, input) => {
      const channels = input.at(-1) ?? 0;
      const shapes = {
        depthwise_kernel: [...kernel_size, channels, 1],
        pointwise_kernel: [1, 1, channels, filters],
      };
      return withBias(shapes, filters, use_bias);
    },
    work: ({ kernel_size }, input) => 1 + (elements(kernel_size) + 1) * (input.at(-1) ?? 0),
    activation: ({ activation }) => activation,
    lower: (l, config) => {
      const kernel = depthwiseKernelOf(l, config.kernel_size);
      const between = convolve(l, config, l.first(), kernel, false);
      const bias = config.use_bias ? l.weight('bias') : undefined;
      const value = l.g.op('Conv', [between, kernelOf(l, 'pointwise_kernel'), bias], {
        kernel_shape: [1, 1],
      });
      return activated(l, config, value);
    },
  },
);

/** A kernel of one number for each pixel is a dense layer; over the last axis, whatever lies before it. */
export const dense = layerKind(settings({ units: size, ...ACTIVATED, ...KERNEL }), {
  output: ({ units }, input) => [...input.slice(0, -1), units],
  weights: ({ units, use_bias }, input) =>
    withBias({ kernel: [input.at(-1) ?? 0, units] }, units, use_bias),
  work: (_, input) => 1 + (input.at(-1) ?? 0),
  activation: ({ activation }) => activation,
  lower: (l, { activation, use_bias }) => {
    const product = l.g.op('MatMul', [l.last(), l.weight('kernel')]);
    const value = use_bias ? l.g.op('Add', [product, l.weight('bias')]) : product;
    return l.activated(activation, { value, layout: 'last' });
  },
});
