/** Settings and shapes of what layers with a kernel share. */
import { z } from 'zod';
import { channelsLast, pair } from '../settings.ts';
import {
  activation,
  activityRegularizer,
  constraint,
  initializer,
  regularizer,
} from '../serialized.ts';
import type { Shape, WeightShape } from '../shapes.ts';

/** What a layer says of each of its weights. */
export const KERNEL = {
  kernel_initializer: initializer('GlorotUniform'),
  kernel_regularizer: regularizer,
  kernel_constraint: constraint,
};
const isL1L2 = (value: unknown): boolean =>
  z.object({ class_name: z.literal('L1L2') }).safeParse(value).success;
export const DEPTHWISE = {
  depthwise_initializer: initializer('GlorotUniform'),
  depthwise_regularizer: regularizer,
  // TensorFlow.js writes the regularizer once more in its place.
  depthwise_constraint: z.preprocess((value) => (isL1L2(value) ? null : value), constraint),
};
export const POINTWISE = {
  pointwise_initializer: initializer('GlorotUniform'),
  pointwise_regularizer: regularizer,
  pointwise_constraint: constraint,
};
export const BETA = {
  beta_initializer: initializer('Zeros'),
  beta_regularizer: regularizer,
  beta_constraint: constraint,
};
export const GAMMA = {
  gamma_initializer: initializer('Ones'),
  gamma_regularizer: regularizer,
  gamma_constraint: constraint,
};

/** What layers with a kernel do behind it. */
export const ACTIVATED = {
  activation,
  activity_regularizer: activityRegularizer,
  use_bias: z.boolean().default(true),
  bias_initializer: initializer('Zeros'),
  bias_regularizer: regularizer,
  bias_constraint: constraint,
};

export const CONVOLUTION = {
  kernel_size: pair,
  strides: pair.default([1, 1]),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: channelsLast,
  dilation_rate: pair.default([1, 1]),
  ...ACTIVATED,
};

/** Weights and the bias behind them, where there is one. */
export function withBias(
  weights: Readonly<Record<string, Shape>>,
  units: number,
  bias: boolean,
): readonly WeightShape[] {
  const all = { ...weights, ...(bias && { bias: [units] }) };
  return Object.entries(all).map(([name, shape]) => ({ name, shape }));
}
