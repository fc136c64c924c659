/** What one result is called, the same in every table and on the terminal. Plain text, not Markdown. */

import { formatPlural } from './format.ts';
import type { CnnRun, KnnResult } from './results.ts';

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
export function cnnName(run: CnnRun): string {
  const epochs = formatPlural(run.epochs.length, 'epoch');
  return `${networkName(run)}, ${epochs}, batch ${run.batchSize}, seed ${run.seed}`;
}

/** `CNN`; another network than the study's is named, and an optimizer that is not its Adam: `2 Conv+pooling, sgd 0.001`. */
export function networkName({ network, optimizer }: Pick<CnnRun, 'network' | 'optimizer'>): string {
  const name = optimizer.name.toLowerCase();
  const rate = optimizer.settings['learningRate'];
  const isStudy = network.name === 'fashionCnn';
  const isUsual = isStudy && name === 'adam' && (rate === undefined || rate === 0.001);
  return [
    isStudy ? 'CNN' : network.name,
    ...(isUsual ? [] : [rate === undefined ? name : `${name} ${rate}`]),
  ].join(', ');
}
