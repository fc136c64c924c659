/**
 * The options of TensorFlow.js' layers, parsed by schemas: whatever this package cannot train is refused here, by name.
 */
import { z } from 'zod';
import { shown } from '@fashion-bench/random';
import { isObject } from '../checks.ts';
import { UnsupportedModelError } from '../errors.ts';
import { elementwiseActivations } from './activations.ts';
import type { FeatureShape } from './network.ts';

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
export const SCHEMAS = {
  conv2d: z.object({ ...convolution, ...plainKernel }),
  depthwiseConv2d: z.object({
    ...{ ...convolution, ...plainDepthwise },
    // TensorFlow.js computes the layer without its dilation: it would predict otherwise than it was trained.
    dilationRate: z.tuple([z.literal(1), z.literal(1)]),
  }),
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
  concatenate: z.object({ axis: z.number().int() }),
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
export function parse<T>(schema: z.ZodType<T>, value: unknown, layer: string): T {
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
  dilationRate:
    'two whole numbers from 1; 1 for DepthwiseConv2D, which TensorFlow.js computes without',
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

export function featureShape(value: unknown, layer: string): FeatureShape {
  const shape = parse(shapeSchema, value, layer);
  if (shape.length === 2) return { rows: 1, columns: 1, channels: shape[1] };
  // Grey images without an axis for their one channel, as TensorFlow's tutorials have them.
  return { rows: shape[1], columns: shape[2], channels: shape[3] ?? 1 };
}
