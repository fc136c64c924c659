/**
 * Whether one run took longer than another, from its timed repetitions.
 *
 * The verdict goes by an interval of the ratio and a smallest difference that is of interest, as criterion.rs does with
 * its noise threshold, not by p-values: a p-value says nothing of how much slower, and that it is large does not say that
 * nothing changed. Like Go's benchstat the interval takes no shape of the distribution for granted (timings have long
 * tails). tinybench, which takes the samples, compares nothing. Benchstat judges each row alone; here the intervals of all
 * rows of a part hold together (Bonferroni), because a run has up to a dozen rows and one false alarm is one too many.
 * The smallest difference also covers what repetitions in one run cannot show, that they share the state of the machine
 * (T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013): three trainings in one run of the
 * reference had epochs of 17.9, 16.4 and 18.0 s. How often the verdict is right is simulated in test/compare.test.ts.
 */

import { blockLength, blockMedians } from '../statistics/blocks.ts';
import { ratioInterval, type RatioInterval } from '../statistics/ratio-interval.ts';

/** Chance that any interval of a part misses its ratio. */
const ALPHA = 0.05;
/** A ratio nearer to 1 than this is not called faster or slower: 10 %. */
export const INTERESTING = 1.1;

/** Blocks never leave fewer values than this: 5 against 5 is the smallest comparison of two rows that has an interval. */
const FEWEST = 5;

export interface TimeVerdict extends RatioInterval {
  readonly verdict: 'faster' | 'slower' | 'the same' | 'cannot be told';
  /** Values that the interval is made of: timings, or blocks of alike ones. */
  readonly n: readonly [first: number, second: number];
  /** Timings that count as one. */
  readonly block: number;
}

/**
 * @param first timings in seconds, one list for each training or search, in the order measured; not empty
 * @param second timings of the other run
 * @param rows rows that are judged together
 */
export function judgeTimes(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
  rows: number,
): TimeVerdict {
  const fewest = Math.min(first.flat().length, second.flat().length);
  const block = Math.min(
    blockLength([...first, ...second]),
    Math.max(1, Math.floor(fewest / FEWEST)),
  );
  const values = (sequences: readonly (readonly number[])[]): number[] =>
    sequences.flatMap((sequence) => blockMedians(sequence, block));
  const [a, b] = [values(first), values(second)];
  const interval = ratioInterval(a, b, ALPHA / rows);
  return { ...interval, verdict: verdictOf(interval), n: [a.length, b.length], block };
}

function verdictOf({ low, high }: RatioInterval): TimeVerdict['verdict'] {
  if (low > INTERESTING) return 'slower';
  if (high < 1 / INTERESTING) return 'faster';
  return low >= 1 / INTERESTING && high <= INTERESTING ? 'the same' : 'cannot be told';
}
