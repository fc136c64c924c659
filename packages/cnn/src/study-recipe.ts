/**
 * How the study trained its network. What came of it stands with the other published results, in
 * \@fashion-bench/report.
 */
import { adam, type OptimizerConfig } from '@fashion-bench/training';

export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** Random Erasing of the training images: share of images erased, and whether once or anew for every epoch. */
  readonly erasing: { readonly p: number; readonly when: 'once' | 'epoch' };
}

/**
 * 50 epochs in batches of 32 (Keras' default, which the study did not change), Adam with Keras' defaults, 15 percent
 * of the training images erased once before the training, no validation split, no early stop.
 */
export const studyRecipe: Recipe = {
  epochs: 50,
  batchSize: 32,
  optimizer: adam(),
  erasing: { p: 0.15, when: 'once' },
};
