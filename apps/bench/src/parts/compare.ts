/** `bench compare A B`: two stored runs against each other. Nothing is measured here. */

import { compareRuns, comparisonOf } from '@fashion-bench/report';

import type { Settings } from '../command-line/settings.ts';
import { readRecord } from '../output/folders.ts';
import { UsageError } from '../process/errors.ts';

interface Compared {
  /** Markdown, or JSON. */
  readonly text: string;
  /** `k-NN: search is slower`, for every verdict that `--fail-on` names. */
  readonly failures: readonly string[];
}

/** @throws UsageError, OutputError, RecordError, PredictionsError */
export async function compareStored(
  paths: readonly string[],
  { json, failOn }: Pick<Settings, 'json' | 'failOn'>,
): Promise<Compared> {
  const [first, second] = paths;
  if (first === undefined || second === undefined || paths.length !== 2) {
    throw new UsageError(
      `'compare' takes two runs, the earlier first, but got ${paths.length}: name two records or folders that hold one.`,
    );
  }
  const [a, b] = [await readRecord(first), await readRecord(second)];
  const comparison = comparisonOf(a, b);
  const named = [...comparison.accuracies, ...comparison.times].filter(({ verdict }) =>
    failOn.some((name) => name === verdict),
  );
  // An interval without an end is null in JSON.
  const text = json ? `${JSON.stringify(comparison, null, 2)}\n` : compareRuns(a, b);
  return { text, failures: named.map(({ what, verdict }) => `${what} is ${verdict}`) };
}
