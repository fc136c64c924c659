/** Timings that follow each other are alike: how many of them make one independent value. */

import { quantile } from './proportions.ts';

/**
 * How many consecutive timings count as one: (1 + r) / (1 - r), by which a lag-1 autocorrelation of r lessens what a
 * sample is worth, where r is more than chance (above 2 / sqrt(n), Bartlett's bound for independent values), else 1.
 *
 * Source: H. J. Thiébaux and F. W. Zwiers, "The interpretation and estimation of effective sample size", Journal of
 * Climate and Applied Meteorology 23 (1984), 800-811; blocks as in the method of batch means.
 *
 * @param sequences positive timings in the order measured; r is taken of their logarithms around each sequence's mean
 */
export function blockLength(sequences: readonly (readonly number[])[]): number {
  let [n, variance, covariance] = [0, 0, 0];
  for (const sequence of sequences) {
    const logs = sequence.map((value) => Math.log(value));
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    logs.forEach((value, i) => {
      n += 1;
      variance += (value - mean) ** 2;
      covariance += i === 0 ? 0 : (value - mean) * ((logs[i - 1] ?? mean) - mean);
    });
  }
  const r = variance === 0 ? 0 : covariance / variance;
  return r <= 2 / Math.sqrt(n) ? 1 : Math.max(1, Math.round((1 + r) / (1 - r)));
}

/** The median of each block of so many values in a row; what is left over belongs to the last block. */
export function blockMedians(sequence: readonly number[], length: number): readonly number[] {
  const blocks = Math.max(1, Math.floor(sequence.length / length));
  return Array.from({ length: blocks }, (_, i) =>
    quantile(sequence.slice(i * length, i === blocks - 1 ? undefined : (i + 1) * length), 0.5),
  );
}
