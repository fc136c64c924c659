/** How a list of batches is cut into runs of an engine that takes several steps at once. */
import type { StepResult } from './trainer.ts';

/**
 * A graph is compiled for one batch size, and for one or for `stepsPerRun` steps: where the next batches are fewer or of
 * several sizes, they are taken one by one.
 */
export async function inRuns<B>(
  batches: readonly B[],
  stepsPerRun: number,
  sizeOf: (batch: B) => number,
  run: (batches: readonly B[]) => Promise<readonly StepResult[]>,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  while (results.length < batches.length) {
    const next = batches.slice(results.length, results.length + stepsPerRun);
    const sizes = new Set(next.map(sizeOf));
    const isWhole = next.length === stepsPerRun && sizes.size === 1;
    results.push(...(await run(isWhole ? next : next.slice(0, 1))));
  }
  return results;
}
