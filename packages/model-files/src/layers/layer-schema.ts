/**
 * The settings of every layer that can be read and written here, from the three dialects (Keras 2, Keras 3, TensorFlow.js)
 * to one. A setting that is not listed is refused, unless it is null or says what holds without it.
 */
import { z } from 'zod';
import {
  activation,
  activityRegularizer,
  constraint,
  dtype,
  initializer,
  isKeras,
  regularizer,
} from './serialized.ts';

/** More than any layer of a model that fits this project; keeps products of sizes within exact integers. */
const MAX_SIZE = 1 << 24;
const size = z.number().int().positive().max(MAX_SIZE);
const pair = z.union([z.tuple([size, size]), size.transform((n): [number, number] => [n, n])]);
const channelsLast = z.literal('channels_last').default('channels_last');
/** Settings that stand in a file without effect while they have these values. */
const WITHOUT_EFFECT: Readonly<Record<string, unknown>> = {
  ...{ synchronized: false, renorm: false, renorm_momentum: 0.99 },
  ...{ sparse: false, ragged: false, optional: false },
};
/** The input's shape, of which topology.ts makes something at the first layer; Keras ignores it at others. */
const SHAPES: readonly string[] = ['batch_shape', 'batch_input_shape'];

/** Null is what Keras writes for what was not set. */
function meaningful(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  return Object.fromEntries(
    Object.entries(config).filter(
      ([key, value]: [string, unknown]) =>
        value !== null &&
        !SHAPES.includes(key) &&
        !(Object.hasOwn(WITHOUT_EFFECT, key) && WITHOUT_EFFECT[key] === value),
    ),
  );
}

const common = {
  name: z
    .string()
    .min(1)
    .max(200)
    // What TensorFlow.js takes as the beginning of a tensor's name, less the "/".
    .refine(
      (name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name),
      'must begin with a letter or digit, and go on with those, ".", "_" and "-"',
    ),
  trainable: z.boolean().default(true),
  dtype,
};

/** The settings of a layer: its own and those of every layer, and no others. */
function settings<T extends z.ZodRawShape>(own: T) {
  return z.preprocess(meaningful, z.strictObject({ ...common, ...own }));
}

const kernelAndBias = {
  activation,
  use_bias: z.boolean().default(true),
  kernel_initializer: initializer('GlorotUniform'),
  bias_initializer: initializer('Zeros'),
  kernel_regularizer: regularizer,
  bias_regularizer: regularizer,
  activity_regularizer: activityRegularizer,
  kernel_constraint: constraint,
  bias_constraint: constraint,
};

const conv2d = settings({
  filters: size,
  kernel_size: pair,
  strides: pair.default([1, 1]),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: channelsLast,
  dilation_rate: pair.default([1, 1]),
  groups: z.literal(1).default(1),
  ...kernelAndBias,
});

const maxPooling2d = settings({
  pool_size: pair,
  strides: pair.optional(),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: channelsLast,
});

const batchNormalization = settings({
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

const dropout = settings({
  rate: z.number().min(0).lt(1),
  seed: z.number().int().optional(),
  /** With the batch; null is as the input. Only training needs it, and TensorFlow.js refuses to train with it. */
  noise_shape: z.array(size.nullable()).max(8).optional(),
});
const flatten = settings({ data_format: z.literal('channels_last').optional() });
const dense = settings({ units: size, ...kernelAndBias });

export const layerSchema = z.discriminatedUnion('class_name', [
  z.object({ class_name: z.literal('Conv2D'), config: conv2d }),
  z.object({ class_name: z.literal('MaxPooling2D'), config: maxPooling2d }),
  z.object({ class_name: z.literal('BatchNormalization'), config: batchNormalization }),
  z.object({ class_name: z.literal('Dropout'), config: dropout }),
  z.object({ class_name: z.literal('Flatten'), config: flatten }),
  z.object({ class_name: z.literal('Dense'), config: dense }),
  z.object({ class_name: z.literal('Activation'), config: settings({ activation }) }),
]);
export type LayerJson = z.infer<typeof layerSchema>;

/** InputLayer says the shape and is no layer of its own here. */
export const inputLayerSchema = z.object({
  config: z.preprocess(meaningful, z.strictObject({ name: z.string().optional(), dtype })),
});

/** Kinds that a file may hold. */
export const LAYER_KINDS: readonly string[] = [
  ...['InputLayer', 'Conv2D', 'MaxPooling2D', 'BatchNormalization', 'Dropout', 'Flatten'],
  ...['Dense', 'Activation'],
];

const shape = z.array(size.nullable());

/** A layer of the list, or the model around it. */
export function entrySchema<T extends z.ZodType>(config: T) {
  return z
    .object({
      class_name: z.string(),
      config,
      module: z.unknown().optional(),
      registered_name: z.unknown().optional(),
      build_config: z.strictObject({ input_shape: shape }).nullish(),
    })
    .refine(isKeras, {
      error: 'a class of somebody else that has the name of one of Keras',
      path: ['registered_name'],
    });
}

const MAX_LAYERS = 1000;

/** The model's own settings; its layers are parsed one by one. */
export const modelSchema = z.preprocess(
  meaningful,
  z.strictObject({
    name: z.string().default('sequential'),
    trainable: z.boolean().default(true),
    dtype,
    layers: z
      .array(z.unknown())
      .refine(({ length }) => length <= MAX_LAYERS, `up to ${MAX_LAYERS} layers are read here`),
    build_input_shape: z.unknown().optional(),
  }),
);

/**
 * The batch shape of an input, under any of its names. However many images a batch has, each is computed by itself, so that
 * a fixed number is as good as an open one.
 */
export const batchShapeSchema = shape
  .refine((sizes) => sizes.length > 1 && sizes.length < 5, 'one, two or three sizes of an image')
  .refine(
    (sizes) => !sizes.slice(1).includes(null),
    'every size of an image must be a number, only that of the batch may be open',
  )
  .transform((sizes) => sizes.slice(1).map(Number));
