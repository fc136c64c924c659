/** Optimizers by their Keras names, with Keras' defaults. */
import { z } from 'zod';
import { check, isNumber, isObject, isWhole, mustBe } from '../checks.ts';

/** Adam (Kingma and Ba 2015) as Keras has it: epsilon outside the bias correction. */
export interface AdamConfig {
  readonly name: 'adam';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Plain stochastic gradient descent. */
export interface SgdConfig {
  readonly name: 'sgd';
  readonly learningRate: number;
}

/** Every optimizer, by name. A new one is a row here; what else it needs does not compile until it is there. */
export interface Optimizers {
  readonly adam: AdamConfig;
  readonly sgd: SgdConfig;
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

/** Adam with Keras' defaults: learning rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7. @throws TrainingError, also for betas outside [0, 1). */
export function adam(options: Partial<Omit<AdamConfig, 'name'>> = {}): AdamConfig {
  const defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  mustBe('The value of the options', options, 'an object', isObject(options));
  return checked({ ...defaults, ...options, name: 'adam' });
}

/** SGD without momentum; Keras' default rate 0.01. */
export function sgd(options: Partial<Omit<SgdConfig, 'name'>> = {}): SgdConfig {
  mustBe('The value of the options', options, 'an object', isObject(options));
  return checked({ learningRate: 0.01, ...options, name: 'sgd' });
}

/** @throws TrainingError for an option that is unknown or has a value it may not have. */
function checked<T extends OptimizerConfig>(config: T): T {
  check(SCHEMAS[config.name], config);
  return config;
}

const rate = z.custom<number>(
  (value) => isNumber(value, Number.MIN_VALUE, Infinity),
  'a number above 0',
);
const decay = z.custom<number>((value) => isNumber(value, 0, 1), 'a number from 0 to below 1');

const SCHEMAS: { readonly [N in OptimizerName]: z.ZodObject & z.ZodType<OptimizerConfig<N>> } = {
  adam: z.strictObject({
    ...{ name: z.literal('adam'), learningRate: rate, beta1: decay, beta2: decay, epsilon: rate },
  }),
  sgd: z.strictObject({ name: z.literal('sgd'), learningRate: rate }),
};

export function isOptimizer(value: unknown): boolean {
  return Object.values(SCHEMAS).some((schema) => schema.safeParse(value).success);
}

const SLOTS: Readonly<Record<OptimizerName, number>> = { adam: 2, sgd: 0 };

/** How many flat vectors of state an optimizer keeps beside the weights. */
export function slotCount({ name }: OptimizerConfig): number {
  return SLOTS[name];
}

const RATES: OptimizerTable<[t: number], number> = {
  adam: ({ learningRate, beta1, beta2 }, t) =>
    (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t),
  sgd: ({ learningRate }) => learningRate,
};

/**
 * The rate of step t = 1, 2, …: Adam's includes its bias correction, sqrt(1 - beta2^t) / (1 - beta1^t)
 * (the form at the end of section 2 of the paper, and Keras').
 */
export function stepRate(config: OptimizerConfig, t: number): number {
  mustBe('The optimizer', config, 'what adam() or sgd() gives', isOptimizer(config));
  mustBe('The step', t, 'a whole number of at least 1', isWhole(t, 1));
  return byOptimizer(RATES, config, t);
}
