/** The options of a trainer as they come from outside. */
import { types } from 'node:util';
import { z } from 'zod';
import { check, count, isObject } from '../checks.ts';
import { checkNetwork } from '../network/checks.ts';
import { isOptimizer } from './optimizer.ts';

/** More threads than any machine gains from: starting a million takes a minute in which nothing answers. */
const MOST_THREADS = 256;

/** What `fit` and `createTrainer` both take. */
export const trainerOptions = {
  network: z.unknown().optional(),
  weights: z.custom(types.isFloat32Array, 'a Float32Array, as weightsOf(model) gives'),
  optimizer: z.custom(isOptimizer, 'what adam(), sgd() and the like give'),
  batchSize: count(1),
  seed: count(0, 2 ** 32 - 1),
  threads: count(1, MOST_THREADS).optional(),
};

const trainerSchema = z.strictObject({
  ...trainerOptions,
  images: z.custom((value) => value === 'uint8' || value === 'float32', 'uint8 or float32'),
  scale: z.custom(Number.isFinite, 'a finite number').optional(),
});

/** @throws TrainingError for an option of `createTrainer` that is unknown or has a value it may not have. */
export function checkTrainerShape(options: unknown): void {
  check(trainerSchema, options);
  checkNetwork(isObject(options) ? options['network'] : undefined);
}
