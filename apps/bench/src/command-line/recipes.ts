/** How each network is trained where no option says otherwise, and what is less in a quick run. */

import { publishedRecipe, type Recipe, studyRecipe } from '@fashion-bench/cnn/recipes';

export type NetworkChoice = 'study' | 'published';
export type OptimizerChoice = Recipe['optimizer']['name'];

export const RECIPES: Readonly<Record<NetworkChoice, Recipe>> = {
  study: studyRecipe,
  published: publishedRecipe,
};

/** What `--quick` puts in the place of the defaults; options given explicitly still win. */
export const QUICK = { epochs: 2, trainLimit: 6000, testLimit: 2000 } as const;

/** Keras' rates, for an optimizer that is not the recipe's. */
const USUAL_RATE: Readonly<Record<OptimizerChoice, number>> = {
  ...{ adam: 0.001, sgd: 0.01, rmsprop: 0.001, adamax: 0.001, lion: 0.001 },
};

export const OPTIMIZER_CHOICES: readonly OptimizerChoice[] = [
  ...(['adam', 'sgd', 'rmsprop', 'adamax', 'lion'] as const),
];

/** The rate that an optimizer gets with a network where none is given. */
export function usualRate(network: NetworkChoice, optimizer: OptimizerChoice): number {
  const recipe = RECIPES[network].optimizer;
  return optimizer === recipe.name ? recipe.learningRate : USUAL_RATE[optimizer];
}
