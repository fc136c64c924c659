/** How far rounding may carry a computed distance, for searches that measure again what it leaves in doubt. */
import { KnnInputError } from './errors.ts';

/** (|q| + |t|)^2 must stay below this for float32 sums to be finite. */
const FLOAT32_LIMIT = 2 ** 126;

/**
 * By how much the computed distance of a row among the true k nearest may exceed the k-th smallest computed one: k rows
 * are computed at most at `worst`, so the true k-th distance is at most worst + e and such a row is computed at most at
 * worst + 2 e, with e = relativeError * (|q| + longest |t|)^2. The last term covers products that underflow.
 *
 * @param norm |q|^2 @param longest the largest |t|^2 @param query its number, for the message
 * @throws KnnInputError 'overflow' where float32 cannot hold the sums.
 */
export function doubtOf(
  relativeError: number,
  norm: number,
  longest: number,
  columns: number,
  query: number,
): number {
  const reach = (Math.sqrt(norm) + Math.sqrt(longest)) ** 2;
  if (reach > FLOAT32_LIMIT) {
    throw new KnnInputError(
      'overflow',
      `Squared distances of query row ${query} pass float32's range; scale the matrices down first.`,
    );
  }
  return 2 * relativeError * reach + columns * 2 ** -120;
}
