/**
 * The figures that the full recipe promises. k-NN is exact arithmetic, so its counts are; the network's
 * floor leaves room for seeds (the same recipe in Keras ends at 0.9246).
 */

import type { Expectation, RunRecord } from '@fashion-bench/report';

import { isFullData, isFullTraining, type Settings } from '../command-line/settings.ts';

/** Images of 10,000 classified rightly with k = 5, Euclidean distance, raw pixels. */
const KNN_CORRECT = { uniform: 8554, distance: 8577 } as const;
const KNN_K = 5;
const CNN_FLOOR = 0.918;

/** Empty for a subset, synthetic data, or other settings than the stated ones: those promise nothing. */
export function expectationsOf(
  settings: Settings,
  { knn, cnn }: Pick<RunRecord, 'knn' | 'cnn'>,
): readonly Expectation[] {
  const promised: Expectation[] = [];
  if (isFullData(settings)) {
    for (const { k, weights, correct, total, standardised } of knn) {
      if (k !== KNN_K || standardised) continue;
      const expected = KNN_CORRECT[weights];
      promised.push({
        name: `k-NN images right, k = ${k}, ${weights} weights`,
        expected: `exactly ${expected} of ${total}`,
        measured: correct,
        ok: correct === expected,
      });
    }
  }
  if (isFullTraining(settings)) {
    for (const { finalTestAccuracy, status, epochs, seed, batchSize } of cnn) {
      if (finalTestAccuracy === null || status !== 'completed') continue;
      // Repetitions may have another batch, which promises nothing.
      if (batchSize !== settings.batchSize) continue;
      promised.push({
        name: `CNN test accuracy after ${epochs.length} epochs${settings.repeats > 1 ? `, seed ${seed}` : ''}`,
        expected: `at least ${CNN_FLOOR}`,
        measured: finalTestAccuracy,
        ok: finalTestAccuracy >= CNN_FLOOR,
      });
    }
  }
  return promised;
}
