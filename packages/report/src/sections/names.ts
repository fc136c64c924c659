/** What one result is called, the same in every table and on the terminal. Plain text, not Markdown. */

import { formatPlural } from '../format.ts';
import type { CnnRun, KnnResult } from '../results.ts';

/** `k-NN, k = 5, distance weights`; what is unusual is named, what is usual is not. */
export function knnName({
  k,
  weights,
  metric,
  standardised,
}: Pick<KnnResult, 'k' | 'weights' | 'metric' | 'standardised'>): string {
  return [
    `k-NN, k = ${k}`,
    `${weights} weights`,
    ...(metric === 'euclidean' ? [] : [metric]),
    ...(standardised ? ['standardised pixels'] : []),
  ].join(', ');
}

/** `CNN, 50 epochs, batch 32, seed 42`, with the epochs that were finished. */
export function cnnName({ epochs, batchSize, seed }: CnnRun): string {
  return `CNN, ${formatPlural(epochs.length, 'epoch')}, batch ${batchSize}, seed ${seed}`;
}
