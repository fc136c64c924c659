/** Whether one run classifies better than another, and by which test. */

import { decodeClasses } from '../encoding.ts';
import type { StoredRun } from '../figures/figures.ts';
import { meanAndSd } from '../statistics/spread.ts';
import { mcnemar, twoProportions, welch } from '../statistics/tests.ts';
import type { Measured, Score } from './measured.ts';

export interface AccuracyPair {
  readonly what: string;
  readonly first: number;
  readonly second: number;
  readonly p: number;
  readonly test: string;
}

/**
 * Several seeds in both runs: Welch's t test over their accuracies. Else the first of each, on the same images McNemar's
 * exact test, and the pooled z test of two proportions where the predictions were not kept.
 *
 * @returns `null` where one has no final accuracy
 */
export function accuracyPair(
  [a, b]: readonly [Measured, Measured],
  [runA, runB]: readonly [StoredRun, StoredRun],
): AccuracyPair | null {
  const [one, other] = [a.scores[0], b.scores[0]];
  if (one === undefined || other === undefined) return null;
  const [accuraciesA, accuraciesB] = [a.scores.map(accuracyOf), b.scores.map(accuracyOf)];
  const overSeeds = welch(accuraciesA, accuraciesB);
  if (overSeeds !== null) {
    return {
      what: a.name,
      ...{ first: meanAndSd(accuraciesA).mean, second: meanAndSd(accuraciesB).mean },
      ...{ p: overSeeds, test: `Welch's t over ${a.scores.length} and ${b.scores.length} seeds` },
    };
  }
  const seeds = one.seed === null ? '' : ` (seeds ${one.seed} and ${other.seed ?? ''})`;
  return {
    what: `${a.name}${seeds}`,
    ...{ first: accuracyOf(one), second: accuracyOf(other) },
    ...testOf(one, other, runA.predictions?.labels, runB.predictions?.labels),
  };
}

function accuracyOf({ correct, total }: Score): number {
  return correct / total;
}

function testOf(
  one: Score,
  other: Score,
  labels: string | undefined,
  labelsOfOther: string | undefined,
): Pick<AccuracyPair, 'p' | 'test'> {
  if (
    one.predicted === undefined ||
    other.predicted === undefined ||
    labels === undefined ||
    labels !== labelsOfOther
  ) {
    return { p: twoProportions(one, other), test: 'two proportions (predictions not kept)' };
  }
  const [truth, a, b] = [labels, one.predicted, other.predicted].map(decodeClasses);
  const { p } = mcnemar(truth ?? [], a ?? [], b ?? []);
  return { p, test: 'McNemar, exact, same images' };
}
