/**
 * The settings of every layer that can be read and written here, from the three dialects (Keras 2, Keras 3, TensorFlow.js)
 * to one. What is not listed is dropped; what would change the result and is not known is refused.
 */
import { z } from 'zod';
import { activation, constraint, initializer, regularizer } from './serialized.ts';

/** More than any layer of a model that fits this project; keeps products of sizes within exact integers. */
const MAX_SIZE = 1 << 24;
const size = z.number().int().positive().max(MAX_SIZE);
const pair = z.union([z.tuple([size, size]), size.transform((n): [number, number] => [n, n])]);
const channelsLast = z.literal('channels_last').default('channels_last');
/** Keras 3 writes a policy object instead of a name. */
const float32 = z.preprocess((value) => {
  const policy = z.object({ config: z.object({ name: z.string() }) }).safeParse(value);
  return policy.success ? policy.data.config.name : (value ?? 'float32');
}, z.literal('float32'));

const common = {
  name: z
    .string()
    .min(1)
    .max(200)
    // What TensorFlow.js takes as the beginning of a tensor's name, less the "/".
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
      'must begin with a letter or digit, and go on with those, ".", "_" and "-"',
    ),
  trainable: z.boolean().default(true),
  dtype: float32,
};

const kernelAndBias = {
  activation,
  use_bias: z.boolean().default(true),
  kernel_initializer: initializer('GlorotUniform'),
  bias_initializer: initializer('Zeros'),
  kernel_regularizer: regularizer,
  bias_regularizer: regularizer,
  activity_regularizer: regularizer,
  kernel_constraint: constraint,
  bias_constraint: constraint,
};

const conv2d = z.object({
  ...common,
  filters: size,
  kernel_size: pair,
  strides: pair.default([1, 1]),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: channelsLast,
  dilation_rate: pair.default([1, 1]),
  groups: z.literal(1).default(1),
  ...kernelAndBias,
});

const maxPooling2d = z.object({
  ...common,
  pool_size: pair,
  strides: pair.nullish(),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: channelsLast,
});

const batchNormalization = z.object({
  ...common,
  /** Keras 2 writes a list of one. */
  axis: z.union([z.number().int(), z.tuple([z.number().int()]).transform(([axis]) => axis)]),
  momentum: z.number().default(0.99),
  epsilon: z.number().nonnegative().default(0.001),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
  beta_initializer: initializer('Zeros'),
  gamma_initializer: initializer('Ones'),
  moving_mean_initializer: initializer('Zeros'),
  moving_variance_initializer: initializer('Ones'),
  beta_regularizer: regularizer,
  gamma_regularizer: regularizer,
  beta_constraint: constraint,
  gamma_constraint: constraint,
});

const dropout = z.object({
  ...common,
  rate: z.number().min(0).lt(1),
  seed: z.number().int().nullish(),
  noise_shape: z.null().optional(),
});
const flatten = z.object({ ...common, data_format: z.literal('channels_last').nullish() });
const dense = z.object({ ...common, units: size, ...kernelAndBias });

export const layerSchema = z.discriminatedUnion('class_name', [
  z.object({ class_name: z.literal('Conv2D'), config: conv2d }),
  z.object({ class_name: z.literal('MaxPooling2D'), config: maxPooling2d }),
  z.object({ class_name: z.literal('BatchNormalization'), config: batchNormalization }),
  z.object({ class_name: z.literal('Dropout'), config: dropout }),
  z.object({ class_name: z.literal('Flatten'), config: flatten }),
  z.object({ class_name: z.literal('Dense'), config: dense }),
  z.object({
    class_name: z.literal('Activation'),
    config: z.object({ ...common, activation }),
  }),
]);
export type LayerJson = z.infer<typeof layerSchema>;

/** Kinds that a file may hold, for messages. InputLayer says the shape and is no layer of its own here. */
export const LAYER_KINDS: readonly string[] = [
  ...['InputLayer', 'Conv2D', 'MaxPooling2D', 'BatchNormalization', 'Dropout', 'Flatten'],
  ...['Dense', 'Activation'],
];

/** The batch shape of an input, under any of its names: the number of images is open. */
export const batchShapeSchema = z
  .union([z.tuple([z.null(), size, size, size]), z.tuple([z.null(), size])])
  .transform(([, ...shape]) => shape);
