/** A network's initial weights from a seed, written into the model that was just made. */
import { networkOf, setWeightsOf } from '@fashion-bench/training';
import type * as tf from '@tensorflow/tfjs';
import { glorotUniform } from './glorot-uniform.ts';

/** Disposes the model where the seed does not fit. @throws InvalidSeedError of \@fashion-bench/random. */
export function seeded(model: tf.Sequential, seed: number): tf.Sequential {
  try {
    setWeightsOf(model, glorotUniform(networkOf(model), seed));
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
