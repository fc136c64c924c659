/**
 * Loss, optimizer and metrics as Keras keeps them in the attribute training_config, between its several dialects and
 * plain data. Moments of the optimizer are no part of it: Keras 3 drops them when it loads an .h5, too.
 */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';

/** Adam as \@fashion-bench/training's `adam()` takes and gives it. */
export interface AdamSettings {
  readonly name: 'adam';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Plain gradient descent, as \@fashion-bench/training's `sgd()` takes and gives it. */
export interface SgdSettings {
  readonly name: 'sgd';
  readonly learningRate: number;
}

export interface TrainingSettings {
  /** Keras' name: 'categorical_crossentropy' or 'sparse_categorical_crossentropy', say. */
  readonly loss: string;
  readonly optimizer: AdamSettings | SgdSettings;
  /** Keras' names. */
  readonly metrics: readonly string[];
}

export interface LoadedTraining {
  /** undefined where the file names no single loss. */
  readonly loss: string | undefined;
  /** undefined for an optimizer (or a schedule of its rate) that this project does not have. */
  readonly optimizer: AdamSettings | SgdSettings | undefined;
  /** Keras' class and settings as they stand in the file. */
  readonly optimizerConfig: {
    readonly className: string;
    readonly config: Readonly<Record<string, unknown>>;
  };
  readonly metrics: readonly string[];
}

/** training_config in the dialect of tf.keras 2, which Keras 2 and 3 read. Without `decay`: Keras 2.11 refuses it. */
export function trainingConfigOf({ loss, optimizer, metrics }: TrainingSettings): string {
  const { learningRate: learning_rate } = optimizer;
  const optimizerConfig =
    optimizer.name === 'adam'
      ? {
          class_name: 'Adam',
          config: {
            name: 'Adam',
            learning_rate,
            beta_1: optimizer.beta1,
            beta_2: optimizer.beta2,
            epsilon: optimizer.epsilon,
            amsgrad: false,
          },
        }
      : { class_name: 'SGD', config: { name: 'SGD', learning_rate, momentum: 0, nesterov: false } };
  return JSON.stringify({
    loss,
    metrics,
    weighted_metrics: null,
    loss_weights: null,
    optimizer_config: optimizerConfig,
  });
}

const record = z.record(z.string(), z.unknown());
const configSchema = z.object({
  loss: z.unknown(),
  metrics: z.unknown(),
  optimizer_config: z.object({ class_name: z.string(), config: record }),
});
const adamSchema = z.object({
  learning_rate: z.number().positive(),
  beta_1: z.number().min(0).lt(1).default(0.9),
  beta_2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-7),
  amsgrad: z.literal(false).default(false),
});
const sgdSchema = z.object({
  learning_rate: z.number().positive(),
  momentum: z.literal(0).default(0),
});
/** What both would change in a step, and neither does here. */
const plainStep = z.object({
  weight_decay: z.union([z.null(), z.literal(0)]).optional(),
  clipnorm: z.null().optional(),
  clipvalue: z.null().optional(),
  global_clipnorm: z.null().optional(),
  use_ema: z.literal(false).optional(),
  decay: z.literal(0).optional(),
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
): AdamSettings | SgdSettings | undefined {
  if (!plainStep.safeParse(config).success) return undefined;
  // Keras before 2.3 says lr.
  const named = { ...config, learning_rate: config['learning_rate'] ?? config['lr'] };
  if (className === 'Adam') {
    const adam = adamSchema.safeParse(named);
    if (!adam.success) return undefined;
    const { learning_rate: learningRate, beta_1: beta1, beta_2: beta2, epsilon } = adam.data;
    return { name: 'adam', learningRate, beta1, beta2, epsilon };
  }
  if (className !== 'SGD') return undefined;
  const sgd = sgdSchema.safeParse(named);
  return sgd.success ? { name: 'sgd', learningRate: sgd.data.learning_rate } : undefined;
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
