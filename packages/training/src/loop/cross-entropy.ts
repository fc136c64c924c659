import { checkRows } from '../trainer/correct.ts';

/** Keras' epsilon: probabilities are clipped to [1e-7, 1 - 1e-7] before their logarithm, so that no loss is infinite. */
export const EPSILON = 1e-7;

/**
 * Mean cross-entropy in nats: -log of the true class' probability, clipped to [1e-7, 1 - 1e-7] as Keras clips it.
 *
 * @param probabilities row-major [n, classes]
 * @param labels [n], each 0 .. classes - 1
 * @returns NaN when there are no labels
 */
export function meanCrossEntropy(
  probabilities: Float32Array,
  labels: Uint8Array,
  classes: number,
): number {
  checkRows(probabilities, labels, classes);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = probabilities[i * classes + labels[i]!]!;
    sum -= Math.log(Math.min(Math.max(p, EPSILON), 1 - EPSILON));
  }
  return sum / labels.length;
}
