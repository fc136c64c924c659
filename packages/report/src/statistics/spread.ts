/** Mean and standard deviation of a sample. */

export interface MeanAndSd {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for a single value. */
  readonly sd: number;
}

/** @throws RangeError for no values */
export function meanAndSd(values: readonly number[]): MeanAndSd {
  const n = values.length;
  if (n === 0) throw new RangeError('A mean needs at least one value.');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 };
}
