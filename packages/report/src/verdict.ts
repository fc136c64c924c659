/**
 * The judgement on one measured accuracy beside the study's: a verdict in plain words, and what in
 * the recipe differs. The words are explained under the comparison table.
 */

import { formatAccuracy, formatCount } from './format.ts';
import type { CnnRecipe, KnnRecipe } from './published.ts';
import type { CnnRun, KnnResult } from './results.ts';
import { wilsonInterval } from './statistics/proportions.ts';

export type Verdict = 'reproduced exactly' | 'within the interval' | 'above' | 'below';

/** Compares `correct` of `total` with a published accuracy, by the 95 % Wilson interval of ours. */
export function verdict(correct: number, total: number, published: number): Verdict {
  const measured = correct / total;
  // Published figures have four decimals at most: equal there is all that can be known.
  if (formatAccuracy(measured) === formatAccuracy(published)) return 'reproduced exactly';
  const { low, high } = wilsonInterval(correct, total);
  if (published >= low && published <= high) return 'within the interval';
  return measured > published ? 'above' : 'below';
}

/** What differs from the recipe behind a figure, each as `setting ours instead of theirs`. */
export function knnDepartures(result: KnnResult, recipe: KnnRecipe): readonly string[] {
  return differences([
    ['k', String(result.k), String(recipe.k)],
    ['weights', result.weights, recipe.weights],
    ['metric', result.metric, recipe.metric],
    ['pixels', pixels(result.standardised), pixels(recipe.standardised)],
  ]);
}

/** As `knnDepartures`, for a training run. */
export function cnnDepartures(run: CnnRun, recipe: CnnRecipe): readonly string[] {
  return differences([
    ['parameters', formatCount(run.network.parameters), formatCount(recipe.parameters)],
    ['optimizer', run.optimizer.name.toLowerCase(), recipe.optimizer.toLowerCase()],
    ['learning rate', ...rates(run, recipe)],
    ['batch size', String(run.batchSize), String(recipe.batchSize)],
    ['epochs', String(run.epochs.length), String(recipe.epochs ?? run.epochs.length)],
    ['Random Erasing', erasing(run.augment), erasing({ mode: recipe.augment, p: recipe.p })],
  ]);
}

/** Both the same where one of them is not stated. */
function rates({ optimizer: { settings } }: CnnRun, recipe: CnnRecipe): [string, string] {
  const ours = settings['learningRate'];
  const theirs = recipe.learningRate ?? ours;
  return [String(ours ?? theirs), String(theirs)];
}

function differences(settings: readonly (readonly [string, string, string])[]): readonly string[] {
  return settings
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([name, ours, theirs]) => `${name} ${ours} instead of ${theirs}`);
}

function pixels(standardised: boolean): string {
  return standardised ? 'standardised' : 'raw';
}

function erasing({ mode, p }: { mode: 'once' | 'epoch' | 'none'; p: number | null }): string {
  if (mode === 'none') return 'none';
  return `${mode === 'once' ? 'once' : 'every epoch'}${p === null ? '' : `, p = ${p}`}`;
}
