/** Proven bounds of float32's rounding, shared by the kernels that multiply in float32. */

/**
 * Bound of |computed - true| / (|q| + |t|)^2 for |q|^2 - 2 q.t + |t|^2 in float32, whatever the order of summation.
 *
 * A sum of n products errs by at most n u / (1 - n u) times the sum of their magnitudes (u = 2^-24; Higham, Accuracy and
 * Stability of Numerical Algorithms, section 3.1), and those magnitudes add up to at most (|q| + |t|)^2 here. The two
 * additions and the rounding of the result add less than 8 u. Twice that, so that nobody has to count ulps.
 */
export function float32Error(columns: number): number {
  return (columns + 8) * 2 ** -23;
}

/** The same on a device programmed in WGSL, which leaves open in which direction it rounds: at most twice as much. */
export function deviceError(columns: number): number {
  return 2 * float32Error(columns);
}
