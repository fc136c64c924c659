/** `bench compare A B`: two stored runs against each other. Nothing is measured here. */

import { compareRuns } from '@fashion-bench/report';

import { readRecord } from '../output/folders.ts';
import { UsageError } from '../process/errors.ts';

/** @returns Markdown. @throws UsageError, OutputError, RecordError, PredictionsError */
export async function compareStored(paths: readonly string[]): Promise<string> {
  const [first, second] = paths;
  if (first === undefined || second === undefined || paths.length !== 2) {
    throw new UsageError(
      `'compare' takes two runs, the earlier first, but got ${paths.length}: name two records or folders that hold one.`,
    );
  }
  return compareRuns(await readRecord(first), await readRecord(second));
}
