/**
 * Loss, optimizer and metrics as Keras keeps them in the attribute training_config, between its several dialects and
 * plain data. Moments of the optimizer are no part of it: Keras 3 drops them when it loads an .h5, too.
 */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';

const above = z.number().positive();
const decay = z.number().min(0).lt(1);
const optional = z.exactOptional;
const common = {
  learningRate: above,
  weightDecay: optional(z.number().nonnegative()),
  ...{ clipnorm: optional(above), globalClipnorm: optional(above), clipvalue: optional(above) },
  ...{ useEma: optional(z.boolean()), emaMomentum: optional(decay) },
};
const moments = { beta1: decay, beta2: decay, epsilon: above };

/** Optimizers as \@fashion-bench/training's functions take and give them, and Keras' classes. Weights that are spared from decay, and schedules, are in no file. */
const OPTIMIZERS = {
  adam: z.strictObject({ name: z.literal('adam'), ...common, ...moments }),
  sgd: z.strictObject({
    ...{ name: z.literal('sgd'), ...common },
    ...{ momentum: optional(decay), nesterov: optional(z.boolean()) },
  }),
  rmsprop: z.strictObject({
    ...{ name: z.literal('rmsprop'), ...common, rho: decay, epsilon: above },
    ...{ momentum: optional(decay), centered: optional(z.boolean()) },
  }),
  adamax: z.strictObject({ name: z.literal('adamax'), ...common, ...moments }),
  lion: z.strictObject({ name: z.literal('lion'), ...common, beta1: decay, beta2: decay }),
};
type OptimizerName = keyof typeof OPTIMIZERS;
const names: readonly OptimizerName[] = ['adam', 'sgd', 'rmsprop', 'adamax', 'lion'];
export const optimizerSchema = z.discriminatedUnion('name', [
  ...([
    OPTIMIZERS.adam,
    OPTIMIZERS.sgd,
    OPTIMIZERS.rmsprop,
    OPTIMIZERS.adamax,
    OPTIMIZERS.lion,
  ] as const),
]);
export type OptimizerSettings = z.infer<typeof optimizerSchema>;
export type AdamSettings = z.infer<typeof OPTIMIZERS.adam>;
export type SgdSettings = z.infer<typeof OPTIMIZERS.sgd>;

const CLASSES: Readonly<Record<OptimizerName, string>> = {
  ...{ adam: 'Adam', sgd: 'SGD', rmsprop: 'RMSprop', adamax: 'Adamax', lion: 'Lion' },
};

export interface TrainingSettings {
  /** Keras' name: 'categorical_crossentropy' or 'sparse_categorical_crossentropy', say. */
  readonly loss: string;
  readonly optimizer: OptimizerSettings;
  /** Keras' names. */
  readonly metrics: readonly string[];
}

export interface LoadedTraining {
  /** undefined where the file names no single loss. */
  readonly loss: string | undefined;
  /** undefined for an optimizer (or a schedule of its rate) that this project does not have. */
  readonly optimizer: OptimizerSettings | undefined;
  /** Keras' class and settings as they stand in the file. */
  readonly optimizerConfig: {
    readonly className: string;
    readonly config: Readonly<Record<string, unknown>>;
  };
  readonly metrics: readonly string[];
}

/** Keras' name of a setting: learning_rate, beta_1, clipnorm. */
function kerasName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/\d/, '_$&');
}

/** An optimizer as Keras serializes it. Without `decay`: Keras 2.11 refuses it. */
export function optimizerConfigOf({ name, ...settings }: OptimizerSettings): {
  readonly class_name: string;
  readonly config: object;
} {
  const className = CLASSES[name];
  const config = Object.fromEntries(
    Object.entries(settings).map(([setting, value]) => [kerasName(setting), value]),
  );
  return { class_name: className, config: { name: className, ...config } };
}

/** training_config in the dialect of tf.keras 2, which Keras 2 and 3 read. */
export function trainingConfigOf({ loss, optimizer, metrics }: TrainingSettings): string {
  return JSON.stringify({
    ...{ loss, metrics, weighted_metrics: null, loss_weights: null },
    optimizer_config: optimizerConfigOf(optimizer),
  });
}

const record = z.record(z.string(), z.unknown());
const configSchema = z.object({
  loss: z.unknown(),
  metrics: z.unknown(),
  optimizer_config: z.object({ class_name: z.string(), config: record }),
});
/** What would change a step, and does so in no optimizer here. */
const plainStep = z.object({
  gradient_accumulation_steps: z.null().optional(),
  decay: z.literal(0).optional(),
  amsgrad: z.literal(false).optional(),
});

/** @throws ModelFileError 'corrupt' for what is no training_config. */
export function parseTrainingConfig(value: unknown, source: string): LoadedTraining {
  const result = configSchema.safeParse(value);
  if (!result.success) {
    throw new ModelFileError('corrupt', `${source} has a training_config that is none of Keras'.`);
  }
  const { loss, metrics, optimizer_config: optimizer } = result.data;
  // Keras 2.11 to 2.15 registers its newer optimizers as "Custom>Adam".
  const className = optimizer.class_name.replace(/^Custom>/, '');
  const { config } = optimizer;
  return {
    loss: nameOf(loss),
    optimizer: settingsOf(className, config),
    optimizerConfig: { className, config },
    metrics: namesIn(metrics),
  };
}

function settingsOf(
  className: string,
  config: Readonly<Record<string, unknown>>,
): OptimizerSettings | undefined {
  if (!plainStep.safeParse(config).success) return undefined;
  const wanted = className === 'AdamW' ? 'Adam' : className;
  const name = names.find((known) => CLASSES[known] === wanted);
  if (name === undefined) return undefined;
  // Keras before 2.3 says lr.
  const given = { ...config, learning_rate: config['learning_rate'] ?? config['lr'] };
  const known = new Map<string, unknown>(Object.entries(given));
  // Keras writes the momentum of the averages also where there are none.
  if (config['use_ema'] !== true) known.delete('ema_momentum');
  // Null and false are what holds without a setting that may be left out.
  const set = Object.entries<z.ZodType>(OPTIMIZERS[name].shape)
    .map(([setting, schema]) => ({ setting, schema, value: known.get(kerasName(setting)) }))
    .filter(
      ({ schema, value }) => !(schema instanceof z.ZodExactOptional) || (value ?? false) !== false,
    )
    .map(({ setting, value }) => [setting, value] as const);
  const parsed = optimizerSchema.safeParse({ ...Object.fromEntries(set), name });
  return parsed.success ? parsed.data : undefined;
}

/** 'sparse_categorical_crossentropy' of a name, a function or a class of Keras. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return snakeCase(value);
  if (Array.isArray(value) && value.length === 1) return nameOf(value[0]);
  const object = z.object({ class_name: z.string(), config: z.unknown() }).safeParse(value);
  if (!object.success) return undefined;
  const { class_name: className, config } = object.data;
  if (className === 'function') return nameOf(config);
  const own = z.object({ name: z.string() }).safeParse(config);
  return own.success ? snakeCase(own.data.name) : snakeCase(className);
}

function namesIn(value: unknown): string[] {
  // A model of one output may have its metrics in a list of lists.
  if (Array.isArray(value)) return value.flatMap(namesIn);
  const name = nameOf(value);
  return name === undefined ? [] : [name];
}

function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
