export { fashionCnn } from './fashion-cnn.ts';
export { glorotUniform } from './glorot-uniform.ts';
export { publishedCnn } from './published-cnn.ts';
export { publishedRecipe, studyRecipe } from './recipes.ts';
export { fitOptionsOf, trainCnn } from './train-cnn.ts';
export { evaluate } from './evaluate.ts';
export { predict } from './predict.ts';
export { CnnError } from './errors.ts';
export { loadModel, ModelFileError, saveModel } from '@fashion-bench/model-files';
export type { FashionCnnOptions } from './fashion-cnn.ts';
export type { Recipe } from './recipes.ts';
export type { TrainCnnOptions } from './train-cnn.ts';
export type { Evaluation } from './evaluate.ts';
export type { PredictOptions, Predictions } from './predict.ts';
export type { CnnErrorCode } from './errors.ts';
export type { ModelFileErrorCode } from '@fashion-bench/model-files';
export type {
  AdamConfig,
  CheckpointEvent,
  CheckpointSchedule,
  EndEvent,
  EpochEvent,
  ImageArray,
  LabelledSet,
  OptimizerConfig,
  SgdConfig,
  StepEvent,
  TrainerEngine,
  TrainerState,
  TrainingEvent,
  TrainingPosition,
  TrainingSnapshot,
} from '@fashion-bench/training';
