/**
 * Objects inside the settings of a layer, as Keras 2, Keras 3 and TensorFlow.js write them: a name, or `{ class_name,
 * config }`, in Keras 3 with its module around it. Each is read whole or refused by name. What comes out is what
 * TensorFlow.js understands.
 */
import { z } from 'zod';

/** As TensorFlow.js takes it. */
export interface Serialized {
  readonly class_name: string;
  readonly config: Readonly<Record<string, number | string | boolean | null>>;
}

/** What is whole but not known here; the message is what does not fit. */
class Foreign extends Error {}

/** A setting that `read` reads. @throws whatever `read` throws, but for a Foreign, which becomes an issue of the schema. */
function setting<T>(read: (value: unknown) => T) {
  return z
    .unknown()
    .optional()
    .transform((value, context): T => {
      try {
        return read(value ?? null);
      } catch (error) {
        if (!(error instanceof Foreign)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });
}

const plain = z.union([z.number(), z.string().max(100), z.boolean(), z.null()]);
const plainConfig = z.record(z.string(), plain);
const config = z.record(z.string(), z.unknown());
const object = z.object({
  class_name: z.string(),
  config: config.nullish().transform((value) => value ?? {}),
  module: z.string().nullish(),
  registered_name: z.string().nullish(),
});

/** Whether a class is Keras' own: somebody else's `Dense` is another class of the same name. */
export function isKeras(value: {
  readonly class_name: string;
  readonly module?: unknown;
  readonly registered_name?: unknown;
}): boolean {
  const { class_name: name, module, registered_name: registered } = value;
  return (
    (module === undefined || (typeof module === 'string' && /^(tf_)?keras\b/.test(module))) &&
    (registered === undefined || registered === null || registered === name)
  );
}

/** Class and settings of an object that is Keras' own. @throws Foreign */
function kerasObject(value: unknown): { name: string; config: Readonly<Record<string, unknown>> } {
  const parsed = object.safeParse(value);
  if (!parsed.success) throw new Foreign(`${shown(value)} is not known here`);
  const { class_name: name } = parsed.data;
  if (!isKeras(parsed.data)) throw new Foreign(`"${name}" is not Keras' own, and not known here`);
  return { name, config: parsed.data.config };
}

/** Settings that must have these values, or be left out. @throws Foreign naming the first that has another one. */
function onlyDefaults(
  name: string,
  given: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): void {
  for (const [key, value] of Object.entries(given)) {
    if (value === null || (Object.hasOwn(defaults, key) && value === defaults[key])) continue;
    throw new Foreign(`${name} with ${key} ${shown(value)} is not known here`);
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** Keras 3 and 2.4 and later write a policy object instead of a name. */
const POLICIES: ReadonlySet<string> = new Set(['DTypePolicy', 'FloatDTypePolicy', 'Policy']);

function readDtype(value: unknown): 'float32' {
  if (value === null || value === 'float32') return 'float32';
  if (typeof value === 'string') throw new Foreign(`"${value}": only "float32" is known here`);
  const { name, config } = kerasObject(value);
  if (!POLICIES.has(name)) throw new Foreign(`${name}: only "float32" is known here`);
  onlyDefaults(name, config, { name: 'float32' });
  return 'float32';
}
export const dtype = setting(readDtype);

const ACTIVATIONS = [
  ...(['linear', 'relu', 'relu6', 'sigmoid', 'softmax', 'tanh', 'elu', 'selu', 'gelu'] as const),
  ...(['softplus', 'softsign', 'swish', 'mish'] as const),
] as const;
export type ActivationName = (typeof ACTIVATIONS)[number];

/** Layers of Keras that are one of these with the settings that follow, and something else with others. */
const ACTIVATION_LAYERS: ReadonlyMap<
  string,
  readonly [ActivationName, Readonly<Record<string, unknown>>]
> = new Map([
  ['ReLU', ['relu', { negative_slope: 0, threshold: 0 }]],
  ['Softmax', ['softmax', { axis: -1 }]],
]);

/** Without effect on what a layer computes, once the dtype is the one that is known. */
const OF_EVERY_LAYER: readonly string[] = ['name', 'trainable', 'dtype'];

function readActivation(value: unknown): ActivationName {
  if (value === null) return 'linear';
  if (typeof value === 'string') {
    // Keras 3's name for it.
    const known = value === 'silu' ? 'swish' : ACTIVATIONS.find((name) => name === value);
    if (known) return known;
    throw new Foreign(`"${value}" is not known here; known are ${ACTIVATIONS.join(', ')}`);
  }
  // A function that is not Keras' own; of those that are, Keras writes the name alone.
  const named = z.object({ class_name: z.literal('function'), config: z.string() });
  const wrapped = named.safeParse(value);
  if (wrapped.success) return readActivation(wrapped.data.config);
  const { name, config } = kerasObject(value);
  readDtype(config['dtype'] ?? null);
  const settings = Object.fromEntries(
    Object.entries(config).filter(([key]) => !OF_EVERY_LAYER.includes(key)),
  );
  if (name === 'Activation') {
    const { activation: inner, ...rest } = settings;
    onlyDefaults(name, rest, {});
    return readActivation(inner ?? null);
  }
  const known = ACTIVATION_LAYERS.get(name) ?? [ACTIVATIONS.find((entry) => entry === name), {}];
  if (!known[0]) throw new Foreign(`${name} is not known here`);
  onlyDefaults(name, settings, known[1]);
  return known[0];
}
/** A name; nothing means linear. A layer as activation is what its settings make of it. */
export const activation = setting(readActivation);

/** Class -> its settings, all of them numbers. */
type Numbers = Readonly<Record<string, readonly string[]>>;

function readNumbers(value: unknown, classes: Numbers): Serialized {
  const { name, config } = kerasObject(value);
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (!known) throw new Foreign(`${name} is not known here`);
  const entries = Object.entries(config).map(([key, setting]): [string, number] => {
    if (known.includes(key) && typeof setting === 'number') return [key, setting];
    throw new Foreign(`${name} with ${key} ${shown(setting)} is not known here`);
  });
  return { class_name: name, config: Object.fromEntries(entries) };
}

/** L1, L2 and both; TensorFlow.js has one class for the three. */
export const regularizer = setting((value): Serialized | null => {
  if (value === null) return null;
  const classes = { L1: ['l1'], L2: ['l2'], L1L2: ['l1', 'l2'] };
  const { class_name: name, config } = readNumbers(value, classes);
  if (Object.keys(config).length === 0) throw new Foreign(`${name} without its factor`);
  return { class_name: 'L1L2', config: { l1: 0, l2: 0, ...config } };
});

export const activityRegularizer = setting((value): null => {
  if (value === null) return null;
  throw new Foreign('TensorFlow.js knows no regularizer of what a layer gives');
});

export const constraint = setting((value): Serialized | null =>
  value === null
    ? null
    : readNumbers(value, {
        MaxNorm: ['max_value', 'axis'],
        MinMaxNorm: ['min_value', 'max_value', 'rate', 'axis'],
        NonNeg: [],
        UnitNorm: ['axis'],
      }),
);

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
const drawable = z
  .object({
    ...{ mean: bound, minval: bound, maxval: bound, value: bound },
    ...{ gain: bound, scale: width, stddev: width },
    mode: z.enum(['fan_in', 'fan_out', 'fan_avg', 'fanIn', 'fanOut', 'fanAvg']).nullish(),
    distribution: z
      .enum(['normal', 'uniform', 'truncated_normal', 'truncatedNormal', 'untruncated_normal'])
      .nullish(),
  })
  .catchall(plain);

/**
 * An initializer says how the weights began, which a file with weights need not know: one that TensorFlow.js lacks
 * or could not draw from, or that holds another object, becomes `fallback` as a whole.
 */
export function initializer(fallback: string) {
  return z
    .unknown()
    .optional()
    .transform((value): Serialized => {
      const parsed = object.safeParse(value);
      const known = parsed.success && isKeras(parsed.data) ? parsed.data : undefined;
      const name = CLASSES.get(known?.class_name ?? '') ?? known?.class_name ?? '';
      const settings = drawable.safeParse(known?.config);
      if (!INITIALIZERS.has(name) || !settings.success) return { class_name: fallback, config: {} };
      const { distribution } = settings.data;
      return {
        class_name: name,
        config: plainConfig.parse({
          ...settings.data,
          ...(distribution && { distribution: DISTRIBUTIONS.get(distribution) ?? distribution }),
        }),
      };
    });
}

/** The same initializer as Keras spells it. */
export function kerasInitializer(value: unknown): unknown {
  const parsed = object.safeParse(value);
  if (!parsed.success) return value;
  const { class_name: name, config } = parsed.data;
  const distribution = config['distribution'] === 'normal' && 'untruncated_normal';
  return {
    class_name: [...CLASSES].find(([, ours]) => ours === name)?.[0] ?? name,
    config: { ...config, ...(distribution && { distribution }) },
  };
}
