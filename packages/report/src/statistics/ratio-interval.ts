/** How many times as long one thing takes as another, from repeated timings, with an interval. */

import { normalTwoSided } from './special-functions.ts';

export interface RatioInterval {
  /** Hodges and Lehmann's estimate: the median of all ratios of a value of the second sample to one of the first. */
  readonly ratio: number;
  /** 0 where the samples are too small for the level. */
  readonly low: number;
  /** Infinity where the samples are too small for the level. */
  readonly high: number;
}

/** Up to this size of the smaller sample the distribution of U is counted out, as SciPy does. */
const EXACT_UP_TO = 8;
const MOST_EXACT = 400;

/**
 * The ratio of two positive samples with the interval that belongs to Mann and Whitney's U test: it holds every ratio by
 * which the first sample can be multiplied without the test telling the two apart. No shape is assumed, only that both
 * have the same one on a logarithmic scale; a few wild values move it little. Exact up to 8 values in the smaller sample,
 * else by the normal approximation with a correction for continuity.
 *
 * Source: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Annals of Mathematical Statistics
 * 34 (1963), 598-611; the interval as in M. Hollander, D. A. Wolfe and E. Chicken, "Nonparametric statistical methods",
 * 3rd edition (2014), section 4.3 (after L. E. Moses).
 *
 * @param a positive values, at least one
 * @param b positive values, at least one
 * @param alpha chance that the interval misses the true ratio, 0 to 1
 */
export function ratioInterval(
  a: readonly number[],
  b: readonly number[],
  alpha: number,
): RatioInterval {
  const ratios = Float64Array.from(b.flatMap((over) => a.map((under) => over / under))).sort();
  const at = (index: number): number => ratios[index]!;
  const outside = mostOutside(a.length, b.length, alpha / 2);
  const last = ratios.length - 1;
  return {
    // The median on a logarithmic scale: halfway between two ratios is their geometric mean.
    ratio: Math.sqrt(at(Math.floor(last / 2)) * at(Math.ceil(last / 2))),
    low: outside === 0 ? 0 : at(outside - 1),
    high: outside === 0 ? Infinity : at(ratios.length - outside),
  };
}

/** The largest count c with P(U < c) of at most `tail`, for samples of m and n values of the same distribution. */
function mostOutside(m: number, n: number, tail: number): number {
  if (Math.min(m, n) > EXACT_UP_TO || m + n > MOST_EXACT) {
    const sd = Math.sqrt((m * n * (m + n + 1)) / 12);
    let [count, above] = [0, Math.floor((m * n) / 2) + 1];
    while (above - count > 1) {
      const middle = Math.floor((count + above) / 2);
      const z = ((m * n) / 2 - middle + 0.5) / sd;
      if (normalTwoSided(z) / 2 <= tail) count = middle;
      else above = middle;
    }
    return count;
  }
  const counts = arrangements(m, n);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  let count = 0;
  while ((below += counts[count] ?? total) / total <= tail) count++;
  return count;
}

/** Arrangements of two samples for each value of U, by the recurrence over the largest value. */
function arrangements(m: number, n: number): readonly number[] {
  // counts[j][u]: arrangements of i values of the first sample among j of the second with U = u.
  let counts = Array.from({ length: n + 1 }, () => [1]);
  for (let i = 1; i <= m; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= n; j++) {
      const row = new Array<number>(i * j + 1).fill(0);
      (counts[j] ?? []).forEach((count, u) => (row[u + j] = (row[u + j] ?? 0) + count));
      (next[j - 1] ?? []).forEach((count, u) => (row[u] = (row[u] ?? 0) + count));
      next.push(row);
    }
    counts = next;
  }
  return counts[n] ?? [];
}
