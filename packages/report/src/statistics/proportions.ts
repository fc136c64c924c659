/** The few statistics that a report needs, each with its source. */

import { mustBeNumber, mustBeNumbers, ReportInputError } from '../checks.ts';

/** Quantile 0.975 of the standard normal distribution: two-sided 95 %. */
const Z_95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval for a proportion, 95 %, without continuity correction:
 * `(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)`.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * Journal of the American Statistical Association 22 (1927), 209-212. It covers the chance in the
 * choice of the test images, not the spread between seeds.
 *
 * @param correct successes, an integer in [0, total]
 * @param total trials, a positive integer
 * @throws ReportInputError for anything else
 */
export function wilsonInterval(correct: number, total: number): Interval {
  mustBeNumber('The successes', correct);
  mustBeNumber('The trials', total);
  if (
    !Number.isInteger(total) ||
    total < 1 ||
    !Number.isInteger(correct) ||
    correct < 0 ||
    correct > total
  ) {
    throw new ReportInputError(
      `A Wilson interval needs 0 <= correct <= total and total >= 1, not ${correct} of ${total}.`,
    );
  }
  const p = correct / total;
  const z2 = Z_95 * Z_95;
  const middle = p + z2 / (2 * total);
  const half = Z_95 * Math.sqrt((p * (1 - p)) / total + z2 / (4 * total * total));
  const scale = 1 + z2 / total;
  // At 0 and at total the exact bounds are 0 and 1; rounding must not leave 1e-17 there.
  return {
    low: correct === 0 ? 0 : (middle - half) / scale,
    high: correct === total ? 1 : (middle + half) / scale,
  };
}

/**
 * The q-quantile by linear interpolation between order statistics: NumPy's default, type 7 of
 * R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50
 * (1996), 361-365.
 *
 * @param values any order, not empty
 * @param q in [0, 1]
 * @throws ReportInputError for no values or another q
 */
export function quantile(values: readonly number[], q: number): number {
  mustBeNumbers('The values', values);
  mustBeNumber('The quantile', q);
  if (values.length === 0 || !(q >= 0 && q <= 1)) {
    throw new ReportInputError(
      `A quantile needs values and 0 <= q <= 1, not ${values.length} values and q = ${q}.`,
    );
  }
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (position - below) * (high - low);
}
