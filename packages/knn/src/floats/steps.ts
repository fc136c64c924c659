/**
 * Float rows as bytes in units of one step, whose distances bound the true ones from below, and the proof.
 *
 * Let s(x) = clip(x / step - low, 0, 255), column by column with one step for all columns. Clipping and shifting bring no two
 * points farther apart, so step |s(x) - s(y)| <= |x - y|. Rounding s(x) to bytes b(x) moves it by e(x) = |s(x) - b(x)|, the
 * row's slack, and so
 *     |x - y| >= step (|b(x) - b(y)| - e(x) - e(y)).
 * Slacks are enlarged by 2^-8, which covers what float64 adds to s(x): it errs by less than 2^-45 a column where nothing is
 * clipped, and relative to a difference of two floats by less than 2^-27, for which `reachPerUnit` is enlarged.
 *
 * What is searched by is brought to Euclidean distances first. With keys computed in float64, erring by at most E:
 * - cosine: rows are divided by their lengths; |x - y|^2 = 2 (1 - cos), or less where a row is zero.
 * - inner product: rows get one more coordinate, sqrt(L^2 - |t|^2) with L the longest row, queries 0 there; then
 *   |q - t|^2 = |q|^2 + L^2 - 2 q.t (Bachrach et al., "Speeding up the Xbox recommender system", RecSys 2014, section 3).
 * So a row whose key is at most the k-th best has a squared distance of at most keyFactor * key + shift, with E in the shift.
 */
import { stepFor } from '../manhattan/steps.ts';
import type { CheckedMatrix } from '../matrix.ts';
import type { EffectiveMetric } from '../metric.ts';

export interface FloatSteps {
  /** [floats, or one more] what byte 0 stands for, in steps */
  readonly lows: Float64Array;
  readonly stepsPerUnit: number;
}

/** Rows looked at; what they do not show is clipped. */
const SAMPLE_ROWS = 128;
/** Of the largest value: with finer steps, float64 would add more than the slack covers. */
const FINEST = 2 ** -36;

/**
 * @param bytes columns of the result
 * @param longest squared length of the longest row, for the inner product
 */
export function learnFloatSteps(
  { data, rows, columns }: CheckedMatrix,
  bytes: number,
  metric: EffectiveMetric,
  longest: number,
): FloatSteps {
  const count = Math.min(SAMPLE_ROWS, rows);
  const sample = new Float64Array(count * bytes);
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * rows) / count) * columns;
    const row = Float64Array.from(data.subarray(from, from + columns));
    const squared = row.reduce((sum, x) => sum + x * x, 0);
    const scale = metric === 'cosine' && squared > 0 ? 1 / Math.sqrt(squared) : 1;
    for (let c = 0; c < columns; c++) sample[i * bytes + c] = row[c]! * scale;
    if (metric === 'innerProduct')
      sample[(i + 1) * bytes - 1] = Math.sqrt(Math.max(0, longest - squared));
  }
  const lows = new Float64Array(bytes).fill(Infinity);
  let most = 0;
  for (let i = 0; i < sample.length; i++) {
    const x = sample[i]!;
    if (x < lows[i % bytes]!) lows[i % bytes] = x;
    most = Math.max(most, Math.abs(x));
  }
  // The queries' last coordinate, unless all rows are equally long.
  if (metric === 'innerProduct') lows[bytes - 1] = 0;
  for (let i = 0; i < sample.length; i++) sample[i] = sample[i]! - lows[i % bytes]!;
  const finest = metric === 'euclidean' ? 0 : FINEST * most;
  const step = most > 0 ? Math.max(finest, stepFor(sample)) : 1;
  return { lows: lows.map((low) => low / step), stepsPerUnit: 1 / step };
}
