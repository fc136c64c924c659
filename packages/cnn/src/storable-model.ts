/** What makes a model worth a file: layers that this project knows, and weights that are numbers. */
import { networkOf, type NetworkSpec } from '@fashion-bench/training';
import type * as tf from '@tensorflow/tfjs';
import { ModelFileError } from './errors.ts';

/**
 * @param what the model, at the beginning of a sentence.
 * @throws ModelFileError 'unsupported'.
 */
export function supportedNetworkOf(model: tf.Sequential, what: string): NetworkSpec {
  try {
    return networkOf(model);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelFileError('unsupported', `${what} cannot be used here: ${why}`, {
      cause: error,
    });
  }
}

/** @throws ModelFileError 'corrupt' for a weight that is NaN or infinite. */
export function checkWeights(network: NetworkSpec, flat: Float32Array, what: string): void {
  const wrong = flat.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  const name = network.weights.find(({ offset, size }) => wrong < offset + size)?.name ?? '';
  throw new ModelFileError(
    'corrupt',
    `${what} has ${flat[wrong] ?? NaN} in its weight "${name}"; train it anew with a lower learning rate.`,
  );
}
