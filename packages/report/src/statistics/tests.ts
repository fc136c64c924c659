/** The tests that say whether a difference is more than chance. All are two-sided. */

import { incompleteBeta, normalTwoSided, studentTwoSided } from './special-functions.ts';
import { meanAndSd } from './spread.ts';

export interface McNemar {
  /** Images that both, only the first, only the second, and neither classifies rightly. */
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
  /** Exact: binomial(onlyFirst + onlySecond, 1/2), two-sided. */
  readonly p: number;
}

/**
 * McNemar's test for two classifiers on the same images, in its exact form.
 *
 * Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
 * Psychometrika 12 (1947), 153-157; for classifiers T. G. Dietterich, "Approximate statistical tests for comparing
 * supervised classification learning algorithms", Neural Computation 10 (1998), 1895-1923.
 *
 * @param labels [n] true classes
 * @param first [n] predicted classes
 * @param second [n] predicted classes
 * @throws RangeError when the three differ in length
 */
export function mcnemar(
  labels: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): McNemar {
  const n = labels.length;
  if (first.length !== n || second.length !== n) {
    throw new RangeError(
      `McNemar's test needs predictions of the same images, not ${n} labels with ${first.length} and ${second.length}.`,
    );
  }
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (let i = 0; i < n; i++) {
    const [a, b] = [first[i] === labels[i], second[i] === labels[i]];
    counts[a ? (b ? 'both' : 'onlyFirst') : b ? 'onlySecond' : 'neither'] += 1;
  }
  return { ...counts, p: binomialTwoSided(counts.onlyFirst, counts.onlyFirst + counts.onlySecond) };
}

/** P of at most min(k, n - k) of n fair coins, doubled: P(X <= k) = I_{1/2}(n - k, k + 1). */
function binomialTwoSided(k: number, n: number): number {
  const fewer = Math.min(k, n - k);
  return fewer * 2 === n ? 1 : Math.min(1, 2 * incompleteBeta(0.5, n - fewer, fewer + 1));
}

/**
 * Welch's t test for the means of two samples of unequal variance.
 *
 * Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
 * involved", Biometrika 34 (1947), 28-35.
 *
 * @returns the two-sided p-value; `null` with fewer than two values in a sample or no spread in both
 */
export function welch(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 2 || b.length < 2) return null;
  const [first, second] = [meanAndSd(a), meanAndSd(b)];
  const [va, vb] = [first.sd ** 2 / a.length, second.sd ** 2 / b.length];
  if (va + vb === 0) return null;
  const df = (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  return studentTwoSided((first.mean - second.mean) / Math.sqrt(va + vb), df);
}

/** Two proportions of different images: the pooled z test. @returns the two-sided p-value */
export function twoProportions(
  first: { readonly correct: number; readonly total: number },
  second: { readonly correct: number; readonly total: number },
): number {
  const pooled = (first.correct + second.correct) / (first.total + second.total);
  const variance = pooled * (1 - pooled) * (1 / first.total + 1 / second.total);
  if (variance === 0) return 1;
  const difference = first.correct / first.total - second.correct / second.total;
  return normalTwoSided(difference / Math.sqrt(variance));
}

/**
 * p-values corrected for being several, in their order.
 *
 * Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
 * (1979), 65-70.
 */
export function holm(ps: readonly number[]): readonly number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  let most = 0;
  order.forEach(({ p, index }, rank) => {
    most = Math.max(most, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = most;
  });
  return adjusted;
}
