/**
 * Initializers, regularizers, constraints and activations as Keras 2, Keras 3 and TensorFlow.js write them: a name, or
 * `{ class_name, config }`, in Keras 3 with its module around it. What comes out is what TensorFlow.js understands.
 */
import { z } from 'zod';

/** As TensorFlow.js takes it. */
export interface Serialized {
  readonly class_name: string;
  readonly config: Readonly<Record<string, number | string | boolean | null>>;
}

const scalar = z.union([z.number(), z.string().max(100), z.boolean(), z.null()]);
const object = z.object({
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()).nullish(),
});

/** Settings that are plain values; a tensor or a nested object is nothing that TensorFlow.js would know. */
function plainConfig(config: Readonly<Record<string, unknown>> | null | undefined) {
  return Object.fromEntries(
    Object.entries(config ?? {}).flatMap(([key, value]) => {
      const parsed = scalar.safeParse(value);
      return parsed.success ? [[key, parsed.data]] : [];
    }),
  );
}

const INITIALIZERS: ReadonlySet<string> = new Set([
  ...['Constant', 'GlorotNormal', 'GlorotUniform', 'HeNormal', 'HeUniform', 'LeCunNormal'],
  ...['LeCunUniform', 'Ones', 'RandomNormal', 'RandomUniform', 'TruncatedNormal'],
  ...['VarianceScaling', 'Zeros'],
]);

/** Keras' spelling -> TensorFlow.js', where they differ: classes, and distributions of VarianceScaling. */
const CLASSES = new Map([
  ['LecunNormal', 'LeCunNormal'],
  ['LecunUniform', 'LeCunUniform'],
]);
const DISTRIBUTIONS = new Map([['untruncated_normal', 'normal']]);

/**
 * Settings from which TensorFlow.js can draw. It rejects draws until one fits, for ever where a bound is NaN or below the
 * mean; of a word that it does not know it says so in the middle of building, and keeps what it has built.
 */
const bound = z.number().min(-1e6).max(1e6).optional();
const width = z.number().positive().max(1e6).optional();
const drawable = z.looseObject({
  ...{ mean: bound, minval: bound, maxval: bound, value: bound },
  ...{ gain: bound, scale: width, stddev: width },
  mode: z.enum(['fan_in', 'fan_out', 'fan_avg', 'fanIn', 'fanOut', 'fanAvg']).nullish(),
  distribution: z
    .enum(['normal', 'uniform', 'truncated_normal', 'truncatedNormal', 'untruncated_normal'])
    .nullish(),
});

/**
 * An initializer says how the weights began, which a file with weights need not know: one that TensorFlow.js lacks
 * or could not draw from becomes `fallback`.
 */
export function initializer(fallback: string) {
  return z
    .unknown()
    .optional()
    .transform((value): Serialized => {
      const parsed = object.safeParse(value);
      if (!parsed.success) return { class_name: fallback, config: {} };
      const name = CLASSES.get(parsed.data.class_name) ?? parsed.data.class_name;
      if (!INITIALIZERS.has(name)) return { class_name: fallback, config: {} };
      const config = plainConfig(parsed.data.config);
      if (!drawable.safeParse(config).success) return { class_name: fallback, config: {} };
      const distribution = config['distribution'];
      return {
        class_name: name,
        config:
          typeof distribution === 'string'
            ? { ...config, distribution: DISTRIBUTIONS.get(distribution) ?? distribution }
            : config,
      };
    });
}

/** The same initializer as Keras spells it. */
export function kerasInitializer(value: unknown): unknown {
  const parsed = object.safeParse(value);
  if (!parsed.success) return value;
  const { class_name: name, config } = parsed.data;
  const distribution = config?.['distribution'] === 'normal' && 'untruncated_normal';
  return {
    class_name: [...CLASSES].find(([, ours]) => ours === name)?.[0] ?? name,
    config: { ...config, ...(distribution && { distribution }) },
  };
}

/** L1, L2 and both; TensorFlow.js has one class for the three. */
export const regularizer = z
  .union([
    z.null(),
    z.object({
      class_name: z.enum(['L1', 'L2', 'L1L2']),
      config: z.object({ l1: z.number().default(0), l2: z.number().default(0) }),
    }),
  ])
  .optional()
  .transform((value): Serialized | null =>
    value ? { class_name: 'L1L2', config: value.config } : null,
  );

export const constraint = z
  .union([
    z.null(),
    z.object({
      class_name: z.enum(['MaxNorm', 'MinMaxNorm', 'NonNeg', 'UnitNorm']),
      config: z.record(z.string(), z.unknown()).nullish(),
    }),
  ])
  .optional()
  .transform((value): Serialized | null =>
    value ? { class_name: value.class_name, config: plainConfig(value.config) } : null,
  );

const activationName = z.enum(['linear', 'relu', 'sigmoid', 'softmax', 'tanh']);
export type ActivationName = z.infer<typeof activationName>;

/** A name; nothing means linear. Keras 3 may wrap the name as a function, TensorFlow.js as a class. */
export const activation = z.preprocess((value) => {
  const wrapped = z.object({ class_name: z.string(), config: z.unknown() }).safeParse(value);
  if (!wrapped.success) return value ?? 'linear';
  const { class_name: name, config } = wrapped.data;
  return typeof config === 'string' ? config : name.toLowerCase();
}, activationName);
