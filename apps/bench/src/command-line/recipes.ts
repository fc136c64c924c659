/**
 * How each network is trained where no option says otherwise. The same figures stand in \@fashion-bench/cnn, with their
 * source; they are repeated because that package brings TensorFlow.js, a second that --help need not wait for. A test
 * compares the two.
 */

export type NetworkChoice = 'study' | 'published';
export type OptimizerChoice = 'adam' | 'sgd';

export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly augment: 'once' | 'epoch' | 'none';
  readonly optimizer: OptimizerChoice;
  readonly learningRate: number;
}

export const RECIPES = {
  study: { epochs: 50, batchSize: 32, augment: 'once', optimizer: 'adam', learningRate: 0.001 },
  published: {
    ...{ epochs: 50, batchSize: 400, augment: 'none' },
    ...{ optimizer: 'sgd', learningRate: 0.001 },
  },
} as const satisfies Record<NetworkChoice, Recipe>;

/** Keras' rates, for an optimizer that is not the recipe's. */
const USUAL_RATE = { adam: 0.001, sgd: 0.01 } as const;

/** The rate that an optimizer gets with a network where none is given. */
export function usualRate(network: NetworkChoice, optimizer: OptimizerChoice): number {
  const recipe = RECIPES[network];
  return optimizer === recipe.optimizer ? recipe.learningRate : USUAL_RATE[optimizer];
}
