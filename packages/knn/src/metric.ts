/** The distances by name, in scikit-learn's vocabulary. */
import { KnnInputError } from './errors.ts';

/** What a search measures by. */
export type EffectiveMetric = 'euclidean' | 'manhattan' | 'cosine' | 'innerProduct';

export interface MetricOptions {
  /**
   * Default 'minkowski': what `p` says. 'cosine' is 1 less the cosine of the angle, and 1 where a row is zero, as in
   * scikit-learn. 'innerProduct' is the negative product, so that the nearest row has the largest.
   */
  readonly metric?: EffectiveMetric | 'minkowski' | undefined;
  /** The power of 'minkowski': 2 is the Euclidean distance, 1 the Manhattan distance. Default 2. */
  readonly p?: 1 | 2 | undefined;
}

const POWERS: Partial<Record<EffectiveMetric, number>> = { manhattan: 1, euclidean: 2 };

/** @throws KnnInputError 'option' for a metric and a power that contradict each other. */
export function effectiveMetric({ metric = 'minkowski', p }: MetricOptions): EffectiveMetric {
  if (metric === 'minkowski') return p === 1 ? 'manhattan' : 'euclidean';
  if (p !== undefined && p !== POWERS[metric]) {
    throw new KnnInputError(
      'option',
      `The metric "${metric}" and p = ${p} contradict each other; leave one of them out.`,
    );
  }
  return metric;
}
