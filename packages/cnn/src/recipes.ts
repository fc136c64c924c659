/**
 * How the study trained its network, and how the published one was trained. What came of both stands with the other
 * published results, in \@fashion-bench/report. Plain data, exported as `@fashion-bench/cnn/recipes` as well: nothing here
 * loads TensorFlow.js.
 */
import type { OptimizerConfig } from '@fashion-bench/training';

export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** Random Erasing of the training images: share of images erased, and whether once, anew for every epoch, or never. */
  readonly erasing: { readonly p: number; readonly when: 'once' | 'epoch' | 'none' };
}

/**
 * 50 epochs in batches of 32 (Keras' default, which the study did not change), Adam with Keras' defaults, 15 percent
 * of the training images erased once before the training, no validation split, no early stop.
 */
export const studyRecipe: Recipe = {
  epochs: 50,
  batchSize: 32,
  optimizer: { name: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  erasing: { p: 0.15, when: 'once' },
};

/**
 * Batches of 400, plain SGD with rate 0.001, images as they are (zalandoresearch/fashion-mnist, benchmark/convnet.py).
 * That script goes on for 200,000 steps, 1,333 epochs, and tests after every 2,000; which of its tests gave the published
 * figure is not stated. The 50 epochs here are the study's number, not its.
 */
export const publishedRecipe: Recipe = {
  epochs: 50,
  batchSize: 400,
  optimizer: { name: 'sgd', learningRate: 0.001 },
  erasing: { p: 0, when: 'none' },
};
