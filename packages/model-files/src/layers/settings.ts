/**
 * What the settings of every layer have in common, from the three dialects (Keras 2, Keras 3, TensorFlow.js) to one. A setting
 * that is not listed is refused, unless it is null or says what holds without it.
 */
import { z } from 'zod';
import { dtype, isKeras } from './serialized.ts';

/** More than any layer of a model that fits this project; keeps products of sizes within exact integers. */
const MAX_SIZE = 1 << 24;
export const size = z.number().int().positive().max(MAX_SIZE);
export const pair = z.union([
  z.tuple([size, size]),
  size.transform((n): [number, number] => [n, n]),
]);
export const channelsLast = z.literal('channels_last').default('channels_last');
/** Settings that stand in a file without effect while they have these values. */
const WITHOUT_EFFECT: Readonly<Record<string, unknown>> = {
  ...{ synchronized: false, renorm: false, renorm_momentum: 0.99 },
  ...{ sparse: false, ragged: false, optional: false },
  ...{ keepdims: false, rms_scaling: false, groups: 1 },
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

export const layerName = z
  .string()
  .min(1)
  .max(200)
  // What TensorFlow.js takes as the beginning of a tensor's name, less the "/".
  .refine(
    (name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name),
    'must begin with a letter or digit, and go on with those, ".", "_" and "-"',
  );
const common = {
  name: layerName,
  trainable: z.boolean().default(true),
  dtype,
};

/** The settings of a layer: its own and those of every layer, and no others. */
export function settings<T extends z.ZodRawShape>(own: T) {
  return z.preprocess(meaningful, z.strictObject({ ...common, ...own }));
}

/** InputLayer says the shape and is no layer of its own here. */
export const inputLayerSchema = z.object({
  config: z.preprocess(meaningful, z.strictObject({ name: z.string().optional(), dtype })),
});

const shape = z.array(size.nullable());
/** A layer that merges several values has a list of their shapes. */
const oneOrMore = z.union([shape.transform((only) => [only]), z.array(shape)]);

/** A layer of the list, or the model around it. */
export function entrySchema<T extends z.ZodType>(config: T) {
  return z
    .object({
      class_name: z.string(),
      config,
      module: z.unknown().optional(),
      registered_name: z.unknown().optional(),
      build_config: z.strictObject({ input_shape: oneOrMore.nullable() }).nullish(),
    })
    .refine(isKeras, {
      error: 'a class of somebody else that has the name of one of Keras',
      path: ['registered_name'],
    });
}

const MAX_LAYERS = 1000;

/** A model's own settings; its layers are parsed one by one. */
export function modelSettings<T extends z.ZodRawShape>(own: T, name: string) {
  return z.preprocess(
    meaningful,
    z.strictObject({
      name: z.string().default(name),
      trainable: z.boolean().default(true),
      dtype,
      layers: z
        .array(z.unknown())
        .refine(({ length }) => length <= MAX_LAYERS, `up to ${MAX_LAYERS} layers are read here`),
      ...own,
    }),
  );
}

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
