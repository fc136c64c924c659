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

/** Up to this size of the smaller sample the distribution is counted out, as SciPy does. */
const EXACT_UP_TO = 8;
const MOST_EXACT = 400;

/**
 * Mann and Whitney's U test: whether one sample tends to be larger than the other. Exact when the smaller sample has at
 * most 8 values and none is tied, else the normal approximation with corrections for ties and continuity.
 *
 * Source: H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than
 * the other", Annals of Mathematical Statistics 18 (1947), 50-60.
 *
 * @returns the two-sided p-value; 1 when a sample is empty
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const [m, n] = [a.length, b.length];
  if (m === 0 || n === 0) return 1;
  const { rankSum, ties } = rankSumOf(a, b);
  const u = rankSum - (m * (m + 1)) / 2;
  const larger = Math.max(u, m * n - u);
  if (Math.min(m, n) <= EXACT_UP_TO && m + n <= MOST_EXACT && ties === 0) {
    return Math.min(1, 2 * exactTail(larger, m, n));
  }
  const variance = ((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
  if (variance === 0) return 1;
  return Math.min(1, normalTwoSided(Math.max(0, larger - (m * n) / 2 - 0.5) / Math.sqrt(variance)));
}

/** Sum of the ranks of `a` among all, ties sharing theirs, and Σ(t³ - t) over groups of t equal values. */
function rankSumOf(
  a: readonly number[],
  b: readonly number[],
): { readonly rankSum: number; readonly ties: number } {
  const all = [
    ...a.map((value) => ({ value, own: true })),
    ...b.map((value) => ({ value, own: false })),
  ].sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const size = to - from;
    const rank = (from + 1 + to) / 2;
    rankSum += rank * all.slice(from, to).filter(({ own }) => own).length;
    ties += size ** 3 - size;
    from = to;
  }
  return { rankSum, ties };
}

/** P(U >= u) without ties: the arrangements counted by U with the recurrence over the largest value. */
function exactTail(u: number, m: number, n: number): number {
  // counts[j][s]: arrangements of i values of the first sample among j of the second with U = s.
  let counts = Array.from({ length: n + 1 }, () => [1]);
  for (let i = 1; i <= m; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= n; j++) {
      const row = new Array<number>(i * j + 1).fill(0);
      (counts[j] ?? []).forEach((count, s) => (row[s + j] = (row[s + j] ?? 0) + count));
      (next[j - 1] ?? []).forEach((count, s) => (row[s] = (row[s] ?? 0) + count));
      next.push(row);
    }
    counts = next;
  }
  const row = counts[n] ?? [];
  const total = row.reduce((sum, count) => sum + count, 0);
  return row.slice(u).reduce((sum, count) => sum + count, 0) / total;
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
