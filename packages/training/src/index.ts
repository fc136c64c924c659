export { configurationOf } from './checkpoint/configuration.ts';
export { CheckpointFolder } from './checkpoint/folder.ts';
export { keepCheckpoints, resumable } from './checkpoint/keep.ts';
export { checkNetwork } from './checks.ts';
export { countCorrect } from './correct.ts';
export { createTrainer, isTrainerEngine, trainerEngines } from './create-trainer.ts';
export { meanCrossEntropy } from './cross-entropy.ts';
export { CheckpointError, TrainingError, UnsupportedModelError } from './errors.ts';
export { checkFitOptions, fit } from './fit.ts';
export { featureCount } from './network.ts';
export { adam, sgd, stepRate } from './optimizer.ts';
export { networkOf, setWeightsOf, weightsOf } from './sequential.ts';
export { fitInWorker } from './worker/fit-in-worker.ts';
export type { Checkpoint } from './checkpoint/checkpoint.ts';
export type { Configuration, ConfigurationValue } from './checkpoint/configuration.ts';
export type { FoundCheckpoint } from './checkpoint/folder.ts';
export type { KeepOptions } from './checkpoint/keep.ts';
export type { StreamKey, StreamState } from './checkpoint/streams.ts';
export type { TrainerEngine } from './create-trainer.ts';
export type {
  CheckpointEvent,
  EndEvent,
  EpochEvent,
  StepEvent,
  TrainingEvent,
  WarmUpEvent,
} from './events.ts';
export type { FitOptions, LabelledSet } from './fit.ts';
export type {
  Activation,
  ActivationSpec,
  Conv2dSpec,
  DenseSpec,
  DropoutSpec,
  FeatureShape,
  FlattenSpec,
  LayerSpec,
  MaxPooling2dSpec,
  NetworkSpec,
  WeightSpec,
} from './network.ts';
export type { AdamConfig, OptimizerConfig, SgdConfig } from './optimizer.ts';
export type { CheckpointSchedule, TrainingPosition, TrainingSnapshot } from './position.ts';
export type {
  Batch,
  ImageArray,
  StepResult,
  Trainer,
  TrainerOptions,
  TrainerState,
} from './trainer.ts';
