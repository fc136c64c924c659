// Orders drawn at random: Fisher and Yates' shuffle, in which every permutation is equally likely (given ideal bits).

import { types } from 'node:util';
import { RandomError, shown } from './errors.ts';
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
      `permutation(n) needs an integer from 0 to 4294967295, not ${shown(n)}.`,
    );
  }
  checkStream(stream);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  shuffleInPlace(order, stream);
  return order;
}

function checkStream(stream: unknown): void {
  const isStream = typeof stream === 'object' && stream !== null && 'integer' in stream;
  if (isStream && typeof stream.integer === 'function') return;
  throw new RandomError(
    'stream',
    `The stream must be what randomStream gives, not ${shown(stream)}.`,
  );
}

/** Shuffles `values` where they lie; takes values.length - 1 integers from the stream. @throws RandomError for another array or no stream. */
export function shuffleInPlace(values: Uint32Array, stream: RandomStream): void {
  if (!types.isUint32Array(values)) {
    throw new RandomError('length', `The values must be a Uint32Array, not ${shown(values)}.`);
  }
  checkStream(stream);
  for (let i = values.length - 1; i > 0; i--) {
    const j = stream.integer(0, i + 1);
    const kept = values[i]!;
    values[i] = values[j]!;
    values[j] = kept;
  }
}
