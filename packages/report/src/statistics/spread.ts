/** Mean and standard deviation of a sample. */

import { mustBeNumbers, ReportInputError } from '../checks.ts';

export interface MeanAndSd {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for a single value. */
  readonly sd: number;
}

/** @throws ReportInputError for no values, or none that are numbers */
export function meanAndSd(values: readonly number[]): MeanAndSd {
  mustBeNumbers('The values', values);
  const n = values.length;
  if (n === 0) throw new ReportInputError('A mean needs at least one value.');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 };
}
