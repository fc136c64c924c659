export { configurationOf } from './checkpoint/configuration.ts';
export { CheckpointFolder } from './checkpoint/folder.ts';
export { keepCheckpoints, resumable } from './checkpoint/keep.ts';
export { checkNetwork } from './network/checks.ts';
export { countCorrect } from './trainer/correct.ts';
export { createTrainer, isTrainerEngine, trainerEngines } from './trainer/create-trainer.ts';
export { meanCrossEntropy } from './loop/cross-entropy.ts';
export { CheckpointError, TrainingError, UnsupportedModelError } from './errors.ts';
export { earlyStopping, modelCheckpoint, reduceLROnPlateau } from './loop/callbacks.ts';
export { fit } from './loop/fit.ts';
export { checkFitOptions } from './loop/options.ts';
export { featureCount } from './network/network.ts';
export { adam, adamax, adamW, lion, rmsprop, sgd, stepRate } from './trainer/optimizer.ts';
export {
  cosineDecay,
  exponentialDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
} from './trainer/schedule.ts';
export { networkOf } from './network/model.ts';
export { setWeightsOf, weightsOf } from './network/model-weights.ts';
export { fitInWorker } from './worker/fit-in-worker.ts';
export { trainModel } from './loop/train-model.ts';
export type { Checkpoint } from './checkpoint/checkpoint.ts';
export type { Configuration, ConfigurationValue } from './checkpoint/configuration.ts';
export type { FoundCheckpoint } from './checkpoint/folder.ts';
export type { KeepOptions } from './checkpoint/keep.ts';
export type { StreamKey, StreamState } from './checkpoint/streams.ts';
export type { TrainerEngine } from './trainer/create-trainer.ts';
export type {
  CheckpointEvent,
  EndEvent,
  EpochEvent,
  ModelEvent,
  StepEvent,
  TrainingEvent,
  WarmUpEvent,
} from './loop/events.ts';
export type {
  CallbackConfig,
  EarlyStoppingConfig,
  EpochFigures,
  ModelCheckpointConfig,
  Monitor,
  ReduceLROnPlateauConfig,
} from './loop/callbacks.ts';
export type { FitOptions, LabelledSet, TrainingSet } from './loop/options.ts';
export type { History, ModelCallback, ModelData, TrainModelOptions } from './loop/train-model.ts';
export type { NetworkOptions } from './network/model.ts';
export type {
  ActivationSpec,
  Conv2dSpec,
  DenseSpec,
  DropoutSpec,
  FeatureShape,
  FlattenSpec,
  LayerSpec,
  LossName,
  LossOptions,
  MaxPooling2dSpec,
  NetworkSpec,
  WeightSpec,
} from './network/network.ts';
export type {
  AdamaxConfig,
  AdamConfig,
  LionConfig,
  OptimizerConfig,
  OptimizerOptions,
  RmspropConfig,
  SgdConfig,
} from './trainer/optimizer.ts';
export type { LearningRateSchedule } from './trainer/schedule.ts';
export type {
  CheckpointSchedule,
  TrainingPosition,
  TrainingSnapshot,
  Watched,
} from './loop/position.ts';
export type {
  Batch,
  ImageArray,
  Labels,
  StepResult,
  Trainer,
  TrainerOptions,
  TrainerState,
} from './trainer/trainer.ts';
