// Orders drawn at random: Fisher and Yates' shuffle, in which every permutation is equally likely (given ideal bits).

import { RandomError } from './errors.ts';
import type { RandomStream } from './stream.ts';

/**
 * The numbers 0..n-1 in random order, [n] uint32.
 * @param n integer in 0..4294967295.
 * @throws RandomError 'length' for any other n.
 */
export function permutation(n: number, stream: RandomStream): Uint32Array {
  if (!Number.isInteger(n) || n < 0 || n > 0xffff_ffff) {
    throw new RandomError(
      'length',
      `permutation(n) needs an integer from 0 to 4294967295, not ${n}.`,
    );
  }
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  shuffleInPlace(order, stream);
  return order;
}

/** Shuffles `values` where they lie; takes values.length - 1 integers from the stream. */
export function shuffleInPlace(values: Uint32Array, stream: RandomStream): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = stream.integer(0, i + 1);
    const kept = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = kept;
  }
}
