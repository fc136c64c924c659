// A stream of random numbers is a pure function of (seed, name, ...counters): who else draws numbers, and in which
// order, does not matter. So image 17 of epoch 3 gets the same numbers on one thread or on eight.
// The key is hashed to 128 bits (murmur3.ts), which become the state of xoroshiro128+ (Blackman and Vigna), as
// implemented by pure-rand. 128 hashed bits make a shared or overlapping stretch of two streams a matter of 2^-60.
// Not for cryptography.

import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { InvalidSeedError, RandomError, shown } from './errors.ts';
import { murmur3x86x128 } from './murmur3.ts';

const TWO_32 = 0x1_0000_0000;

/** Numbers drawn one after the other; each call moves the stream on. */
export interface RandomStream {
  /** 32 random bits as an integer in 0..4294967295. The cheapest draw: one step of the generator. */
  nextUint32(): number;

  /**
   * A float64 in [low, high) with 53 random bits (two steps of the generator); `low` when both are equal.
   * @param low default 0
   * @param high default 1
   * @throws RandomError 'range' when a bound or their difference is not finite, or low > high.
   */
  uniform(low?: number, high?: number): number;

  /**
   * An integer in low..highExclusive-1, each exactly equally likely (draws that would favour some are repeated).
   * @throws RandomError 'range' unless both are safe integers and 1 <= highExclusive - low <= 2^32.
   */
  integer(low: number, highExclusive: number): number;
}

/**
 * The stream that belongs to this key. Same key, same numbers; another seed, name, counter or number of counters gives
 * an unrelated stream.
 *
 * @param seed integer in 0..4294967295.
 * @param name what the numbers are for, such as 'shuffle'.
 * @param counters non-negative safe integers, such as epoch and image index.
 * @throws InvalidSeedError for a seed outside its range, RandomError 'counter' for such a counter.
 */
export function randomStream(
  seed: number,
  name: string,
  ...counters: readonly number[]
): RandomStream {
  if (!Number.isInteger(seed) || seed < 0 || seed >= TWO_32) throw new InvalidSeedError(seed);
  checkName(name);
  const [h1, h2, h3, h4] = murmur3x86x128(keyWords(name, counters), seed);
  // All zeros is the one state that xoroshiro never leaves.
  const state = (h1 | h2 | h3 | h4) === 0 ? [0, 1, 0, 0] : [h1, h2, h3, h4];
  return new XoroshiroStream(state);
}

function checkName(name: unknown): void {
  if (typeof name === 'string') return;
  throw new RandomError('name', `The name of a stream must be a string, not ${shown(name)}.`);
}

/**
 * The key as 32-bit words, no two keys alike: length of the name, its UTF-16 units, number of counters, each counter
 * as low and high word; then zeros up to a multiple of four words.
 */
function keyWords(name: string, counters: readonly number[]): number[] {
  const words = [name.length];
  for (let i = 0; i < name.length; i++) words.push(name.charCodeAt(i));
  words.push(counters.length);
  for (const counter of counters) {
    if (!Number.isSafeInteger(counter) || counter < 0) {
      throw new RandomError(
        'counter',
        `A counter of the stream "${name}" must be a non-negative safe integer, not ${shown(counter)}.`,
      );
    }
    words.push(counter | 0, Math.floor(counter / TWO_32));
  }
  while (words.length % 4 !== 0) words.push(0);
  return words;
}

/** NaN where one is no number. */
function differenceOf(high: unknown, low: unknown): number {
  return typeof high === 'number' && typeof low === 'number' ? high - low : NaN;
}

class XoroshiroStream implements RandomStream {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(state: readonly number[]) {
    this.#generator = xoroshiro128plusFromState(state);
  }

  nextUint32(): number {
    return this.#generator.next() >>> 0;
  }

  uniform(low = 0, high = 1): number {
    const width = differenceOf(high, low);
    if (!(width >= 0 && width < Infinity)) {
      throw new RandomError(
        'range',
        `uniform(low, high) needs finite bounds with low <= high, not ${shown(low)} and ${shown(high)}.`,
      );
    }
    if (width === 0) return low;
    for (;;) {
      const upper = this.nextUint32() >>> 5; // 27 bits
      const lower = this.nextUint32() >>> 6; // 26 bits
      const value = low + width * ((upper * 0x400_0000 + lower) / 0x20_0000_0000_0000);
      // With a large `low` the sum may round up to `high`, which the half-open range excludes: draw again.
      if (value < high) return value;
    }
  }

  integer(low: number, highExclusive: number): number {
    const count = differenceOf(highExclusive, low);
    if (
      !Number.isSafeInteger(low) ||
      !Number.isSafeInteger(highExclusive) ||
      !(count >= 1 && count <= TWO_32)
    ) {
      throw new RandomError(
        'range',
        `integer(low, highExclusive) needs integers that hold 1 to 2^32 values, not ${shown(low)} and ${shown(highExclusive)}.`,
      );
    }
    // Equal buckets over 0..2^32-1; what lies above the last whole bucket is drawn again. Division takes the upper
    // bits, which in xoroshiro128+ are better than the lowest ones that a modulo would take.
    const bucket = Math.floor(TWO_32 / count);
    const limit = bucket * count;
    let bits = this.nextUint32();
    while (bits >= limit) bits = this.nextUint32();
    return low + Math.floor(bits / bucket);
  }
}
