/** Networks and weights that come from outside this package. */
import { z } from 'zod';
import { checkFinite, count, isFunction, isNumber, isObject, mustBe } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import { losses, type NetworkSpec } from './network.ts';

const size = z.strictObject({ rows: count(1), columns: count(1), channels: count(1) });
const tensor = z.looseObject({ name: z.string(), offset: count(0), size: count(1) });
const layer = z.looseObject({
  ...{ name: z.string(), kind: z.string(), input: size, output: size },
  sources: z.array(z.number().int().min(0)).min(1).optional(),
});
export const lossOptions = z.strictObject({
  labelSmoothing: z.exactOptional(
    z.custom<number>((value) => isNumber(value, 0, 1), 'a number from 0 to below 1'),
  ),
  delta: z.exactOptional(
    z.custom<number>((value) => isNumber(value, Number.MIN_VALUE, Infinity), 'a number above 0'),
  ),
});
const networkSchema = z.looseObject({
  input: size,
  classes: count(1),
  // Each layer stands behind those whose values it takes.
  layers: z
    .array(layer)
    .refine((all) => all.every((one, i) => one.sources?.every((value) => value <= i) ?? true)),
  weights: z.array(tensor),
  loss: z.enum(losses),
  lossOptions: lossOptions.optional(),
  parameters: count(0),
});

/** @throws TrainingError unless `networkOf` may have given it. */
export function checkNetwork(value: unknown): void {
  const fits = networkSchema.safeParse(value).success;
  const isModel = isObject(value) && isFunction(value['getClassName']);
  if (isModel) {
    throw new TrainingError(
      'The option network is a model of TensorFlow.js, but must be what networkOf(model) gives.',
    );
  }
  mustBe('The option network', value, 'what networkOf(model) gives', fits);
}

/** @throws TrainingError where there are not as many weights as parameters, or one is no finite number. */
export function checkWeights(weights: Float32Array, { parameters }: NetworkSpec): void {
  if (weights.length !== parameters) {
    throw new TrainingError(
      `The network has ${parameters} parameters, but ${weights.length} weights were given.`,
    );
  }
  checkFinite(weights, 'the weights');
}
