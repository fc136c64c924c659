/** Optimizers by their Keras names, with Keras' defaults. */
import { z } from 'zod';
import { check, holds, isNumber, isObject, isWhole, mustBe } from '../checks.ts';
import { isSchedule, scheduleFactor, type LearningRateSchedule } from './schedule.ts';

/** What every optimizer takes. */
export interface OptimizerOptions {
  readonly learningRate: number;
  /** How the rate changes with the steps: a factor of `learningRate`. Constant when left out. */
  readonly schedule?: LearningRateSchedule;
  /**
   * Before its update each weight loses this part of itself times the step's rate (Loshchilov and Hutter 2019, "Decoupled Weight
   * Decay Regularization"; Keras' `weight_decay`). None when left out.
   */
  readonly weightDecay?: number;
  /** Weights without decay, by their names within the layer: ['bias', 'beta', 'gamma'], say. */
  readonly excludeFromWeightDecay?: readonly string[];
  /** The gradient of each weight tensor is made as long as this (Euclidean) where it is longer. One of the three at most. */
  readonly clipnorm?: number;
  /** The gradients of all weights together are made as long as this where they are longer. */
  readonly globalClipnorm?: number;
  /**
   * Keeps a running mean of the trained weights, with which the epochs are evaluated, models are handed out and the training ends (Polyak and
   * Juditsky 1992; Keras' `use_ema` with its SwapEMAWeights). Every step goes on from the weights themselves.
   */
  readonly useEma?: boolean;
  /** The part of the mean that a step keeps; Keras' default 0.99. */
  readonly emaMomentum?: number;
  /** Each number of the gradients is brought into [-clipvalue, clipvalue]. */
  readonly clipvalue?: number;
}

/** Adam (Kingma and Ba 2015) as Keras has it: epsilon outside the bias correction. */
export interface AdamConfig extends OptimizerOptions {
  readonly name: 'adam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Stochastic gradient descent; plain where momentum is left out. */
export interface SgdConfig extends OptimizerOptions {
  readonly name: 'sgd';
  readonly momentum?: number;
  /** Looks ahead by the momentum (Sutskever et al. 2013, in Keras' form). */
  readonly nesterov?: boolean;
}

/** RMSprop (Hinton 2012, lecture 6e) as Keras has it: epsilon under the root. */
export interface RmspropConfig extends OptimizerOptions {
  readonly name: 'rmsprop';
  readonly rho: number;
  readonly epsilon: number;
  readonly momentum?: number;
  /** Divides by the variance and not by the second moment. */
  readonly centered?: boolean;
}

/** Adam with the infinity norm (Kingma and Ba 2015, section 7.1). */
export interface AdamaxConfig extends OptimizerOptions {
  readonly name: 'adamax';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The sign of a momentum (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", program 1). */
export interface LionConfig extends OptimizerOptions {
  readonly name: 'lion';
  readonly beta1: number;
  readonly beta2: number;
}

/** Every optimizer, by name. A new one is a row here; what else it needs does not compile until it is there. */
export interface Optimizers {
  readonly adam: AdamConfig;
  readonly sgd: SgdConfig;
  readonly rmsprop: RmspropConfig;
  readonly adamax: AdamaxConfig;
  readonly lion: LionConfig;
}
export type OptimizerName = keyof Optimizers;
export type OptimizerConfig<N extends OptimizerName = OptimizerName> = {
  readonly [P in N]: Optimizers[P] & { readonly name: P };
}[N];

/** A function for each optimizer, as an engine has them. */
export type OptimizerTable<Args extends readonly unknown[], Result> = {
  readonly [P in OptimizerName]: (config: OptimizerConfig<P>, ...args: Args) => Result;
};

/** What the table's row for this optimizer gives. */
export function byOptimizer<N extends OptimizerName, Args extends readonly unknown[], Result>(
  table: OptimizerTable<Args, Result>,
  config: OptimizerConfig<N>,
  ...args: Args
): Result {
  return table[config.name](config, ...args);
}

type Options<C extends OptimizerConfig> = Partial<Omit<C, 'name'>>;
const moments = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Adam with Keras' defaults: learning rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7. @throws TrainingError, also for betas outside [0, 1). */
export function adam(options: Options<AdamConfig> = {}): AdamConfig {
  return checked(options, { ...moments, ...options, name: 'adam' });
}

/** Adam with decoupled weight decay, 0.004 as in Keras. @throws TrainingError */
export function adamW(options: Options<AdamConfig> = {}): AdamConfig {
  return checked(options, { ...moments, weightDecay: 0.004, ...options, name: 'adam' });
}

/** SGD, without momentum unless it is given; Keras' default rate 0.01. @throws TrainingError */
export function sgd(options: Options<SgdConfig> = {}): SgdConfig {
  return checked(options, { learningRate: 0.01, ...options, name: 'sgd' });
}

/** RMSprop with Keras' defaults: learning rate 0.001, rho 0.9, epsilon 1e-7, no momentum. @throws TrainingError */
export function rmsprop(options: Options<RmspropConfig> = {}): RmspropConfig {
  const defaults = { learningRate: 0.001, rho: 0.9, epsilon: 1e-7 };
  return checked(options, { ...defaults, ...options, name: 'rmsprop' });
}

/** Adamax with Keras' defaults, those of Adam. @throws TrainingError */
export function adamax(options: Options<AdamaxConfig> = {}): AdamaxConfig {
  return checked(options, { ...moments, ...options, name: 'adamax' });
}

/** Lion with Keras' defaults: learning rate 0.001, beta1 0.9, beta2 0.99. @throws TrainingError */
export function lion(options: Options<LionConfig> = {}): LionConfig {
  const defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.99 };
  return checked(options, { ...defaults, ...options, name: 'lion' });
}

/** @throws TrainingError for an option that is unknown or has a value it may not have. */
function checked<T extends OptimizerConfig>(options: unknown, config: T): T {
  mustBe('The value of the options', options, 'an object', isObject(options));
  check(SCHEMAS[config.name], config);
  return config;
}

const rate = z.custom<number>(
  (value) => isNumber(value, Number.MIN_VALUE, Infinity),
  'a number above 0',
);
const decay = z.custom<number>((value) => isNumber(value, 0, 1), 'a number from 0 to below 1');
const optional = z.exactOptional;
const common = {
  learningRate: rate,
  schedule: optional(
    z.custom<LearningRateSchedule>(isSchedule, 'what cosineDecay(), oneCycle() and the like give'),
  ),
  weightDecay: optional(
    z.custom<number>((value) => isNumber(value, 0, Infinity), 'a number from 0'),
  ),
  excludeFromWeightDecay: optional(z.array(z.string(), 'a list of names of weights').readonly()),
  clipnorm: optional(rate),
  globalClipnorm: optional(rate),
  clipvalue: optional(rate),
  useEma: optional(z.boolean()),
  emaMomentum: optional(decay),
};
const betas = { beta1: decay, beta2: decay };

/** Settings of an optimizer: its own and those of all. */
function settings<T extends z.ZodRawShape>(own: T) {
  const limits = ['clipnorm', 'globalClipnorm', 'clipvalue'];
  return z
    .strictObject({ ...common, ...own })
    .check(
      holds(
        'clipnorm',
        'the only one of clipnorm, globalClipnorm and clipvalue',
        (config: Readonly<Record<string, unknown>>) =>
          limits.filter((name) => config[name] !== undefined).length < 2,
      ),
    );
}

const SCHEMAS: { readonly [N in OptimizerName]: z.ZodObject & z.ZodType<OptimizerConfig<N>> } = {
  adam: settings({ name: z.literal('adam'), ...betas, epsilon: rate }),
  sgd: settings({
    name: z.literal('sgd'),
    momentum: optional(decay),
    nesterov: optional(z.boolean()),
  }),
  rmsprop: settings({
    name: z.literal('rmsprop'),
    ...{ rho: decay, epsilon: rate, momentum: optional(decay), centered: optional(z.boolean()) },
  }),
  adamax: settings({ name: z.literal('adamax'), ...betas, epsilon: rate }),
  lion: settings({ name: z.literal('lion'), ...betas }),
};

export function isOptimizer(value: unknown): boolean {
  return Object.values(SCHEMAS).some((schema) => schema.safeParse(value).success);
}

const SLOTS: OptimizerTable<[], number> = {
  adam: () => 2,
  sgd: ({ momentum = 0 }) => (momentum > 0 ? 1 : 0),
  rmsprop: ({ momentum = 0, centered = false }) => 1 + (momentum > 0 ? 1 : 0) + (centered ? 1 : 0),
  adamax: () => 2,
  lion: () => 1,
};

/** How many flat vectors of state an optimizer keeps beside the weights; the last is the running mean of the weights, where it has one. */
export function slotCount(config: OptimizerConfig): number {
  return byOptimizer(SLOTS, config) + (config.useEma === true ? 1 : 0);
}

const plain = (_: OptimizerConfig, __: number, rate: number): number => rate;
const RATES: OptimizerTable<[t: number, rate: number], number> = {
  adam: ({ beta1, beta2 }, t, rate) => (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t),
  adamax: ({ beta1 }, t, rate) => rate / (1 - beta1 ** t),
  sgd: plain,
  rmsprop: plain,
  lion: plain,
};

/**
 * The rate of step t = 1, 2, …, with its schedule. Adam's includes its bias correction, sqrt(1 - beta2^t) / (1 - beta1^t)
 * (the form at the end of section 2 of the paper, and Keras'), Adamax' 1 / (1 - beta1^t).
 */
export function stepRate(config: OptimizerConfig, t: number): number {
  mustBe('The optimizer', config, 'what adam(), sgd() and the like give', isOptimizer(config));
  mustBe('The step', t, 'a whole number of at least 1', isWhole(t, 1));
  return byOptimizer(RATES, config, t, learningRate(config, t));
}

/** The same optimizer with another rate. @throws TrainingError where the rate follows a schedule, or is none. */
export function withLearningRate(config: OptimizerConfig, learningRate: number): OptimizerConfig {
  const { schedule } = config;
  mustBe('The schedule', schedule, 'left out for the rate to be set', schedule === undefined);
  return checked({}, { ...config, learningRate });
}

/** The part of itself that each weight loses in step t = 1, 2, …: 0 without weight decay. */
export function stepDecay(config: OptimizerConfig, t: number): number {
  return (config.weightDecay ?? 0) * learningRate(config, t);
}

/** What the mean of the weights keeps in step t = 1, 2, …: nothing in the first, as in Keras. */
export function stepEma({ emaMomentum = 0.99 }: OptimizerConfig, t: number): number {
  return t === 1 ? 0 : emaMomentum;
}

const STEP_VALUES = { rate: stepRate, decay: stepDecay, ema: stepEma };
export type StepValue = keyof typeof STEP_VALUES;

/** The numbers that a step of this optimizer takes beside the gradients. */
export function stepInputs({ weightDecay = 0, useEma = false }: OptimizerConfig): StepValue[] {
  return [
    'rate',
    ...(weightDecay > 0 ? ['decay' as const] : []),
    ...(useEma ? ['ema' as const] : []),
  ];
}

/** One of them in step t = 1, 2, … */
export function stepValue(name: StepValue, config: OptimizerConfig, t: number): number {
  return STEP_VALUES[name](config, t);
}

function learningRate({ learningRate: rate, schedule }: OptimizerConfig, t: number): number {
  return rate * scheduleFactor(schedule, t - 1);
}

/** Whether weight decay applies to a weight. @param name as in `WeightSpec`: `dense/bias`, say */
export function isDecayed(config: OptimizerConfig, name: string): boolean {
  return !(config.excludeFromWeightDecay ?? []).includes(name.slice(name.lastIndexOf('/') + 1));
}
