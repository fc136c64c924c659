/** The distances by name, in scikit-learn's vocabulary: metric 'minkowski' with p = 2 or 1, or the name itself. */
import { KnnInputError } from './errors.ts';

/** What a search measures by. */
export type EffectiveMetric = 'euclidean' | 'manhattan';

export interface MetricOptions {
  /** Default 'minkowski': what `p` says. */
  readonly metric?: EffectiveMetric | 'minkowski' | undefined;
  /** The power of 'minkowski': 2 is the Euclidean distance, 1 the Manhattan distance. Default 2. */
  readonly p?: 1 | 2 | undefined;
}

const POWERS = { manhattan: 1, euclidean: 2 } as const;

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
