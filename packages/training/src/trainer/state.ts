/** The state of a trainer, as every engine begins with it, copies it and accepts it. */
import { z } from 'zod';
import { count, floats } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import type { NetworkSpec } from '../network/network.ts';
import { slotCount, type OptimizerConfig } from './optimizer.ts';
import type { TrainerOptions, TrainerState } from './trainer.ts';

const schema = z.looseObject({ weights: floats, slots: z.array(floats), step: count(0) });

/** Whether `Trainer.state` may have given it. */
export function isState(value: unknown): boolean {
  return schema.safeParse(value).success;
}

/** Before the first step: the initial weights, and slots of zeros. Copies. */
export function initialState({ network, optimizer, weights }: TrainerOptions): TrainerState {
  const slots = Array.from(
    { length: slotCount(optimizer) },
    () => new Float32Array(network.parameters),
  );
  return { weights: weights.slice(), slots, step: 0 };
}

export function copyOfState({ weights, slots, step }: TrainerState): TrainerState {
  return { weights: weights.slice(), slots: slots.map((slot) => slot.slice()), step };
}

/** The weights that a training would end with here: the running means of those that are trained, where the optimizer has them. A copy. */
export function resultOf(
  { weights, slots, step }: TrainerState,
  network: NetworkSpec,
  { useEma = false }: OptimizerConfig,
): Float32Array {
  const result = weights.slice();
  const means = slots.at(-1);
  if (!useEma || !means || step === 0) return result;
  for (const { offset, size, trainable } of network.weights) {
    if (trainable !== false) result.set(means.subarray(offset, offset + size), offset);
  }
  return result;
}

/** @throws TrainingError for the state of another network or optimizer. */
export function checkStateFits(
  { weights, slots }: TrainerState,
  { network: { parameters }, optimizer }: TrainerOptions,
): void {
  const areWhole = [weights, ...slots].every(({ length }) => length === parameters);
  if (!areWhole || slots.length !== slotCount(optimizer)) {
    throw new TrainingError(
      `The state does not fit a network of ${parameters} parameters with this optimizer.`,
    );
  }
}
