/** How many times as long one contestant of a race took as another. */

import type { Contestant, Race } from './peers.ts';
import { quantile } from './statistics/proportions.ts';

/** What the two figures are, for the foot of a table. */
export const RATIO_WORDS =
  "Ratio: our median divided by theirs, so below 1 is faster; in brackets the smallest and the largest of the rounds' own ratios.";

export interface Ratio {
  /** Ratio of the two medians. */
  readonly ratio: number;
  /** The smallest of the rounds' own ratios: two laps that ran one after the other. */
  readonly low: number;
  /** The largest of them. */
  readonly high: number;
}

/** Seconds of every lap by one clock, in the order of the rounds. */
export function lapSeconds({ laps }: Contestant, clock: string): readonly number[] {
  return laps.map(({ seconds }) => seconds[clock] ?? Number.NaN);
}

/** The contestant that a race is about. @throws RangeError when the record does not have it */
export function oursOf({ contestants, ours }: Race): Contestant {
  const found = contestants.find(({ id }) => id === ours);
  if (found === undefined) throw new RangeError(`The race has no contestant "${ours}".`);
  return found;
}

/**
 * @param a seconds of each round
 * @param b seconds of each round, as many
 * @throws RangeError without a round, or with different numbers of them
 */
export function ratioOf(a: readonly number[], b: readonly number[]): Ratio {
  if (a.length !== b.length) {
    throw new RangeError(`A ratio needs as many laps of each, not ${a.length} and ${b.length}.`);
  }
  const ratio = quantile(a, 0.5) / quantile(b, 0.5);
  const each = a.map((seconds, round) => seconds / (b[round] ?? Number.NaN));
  return { ratio, low: Math.min(...each), high: Math.max(...each) };
}
