/**
 * What a trainer is: it holds the weights and takes steps. One per engine, one mathematics.
 */
import type { NetworkSpec } from '../network/network.ts';
import type { OptimizerConfig } from './optimizer.ts';

/** Images in, row-major [n, rows, columns, channels]. */
export type ImageArray = Uint8Array | Float32Array;

/** What images are to give: the class of each, 0 .. classes - 1, [n]; or targets, row-major [n, classes]. */
export type Labels = Uint8Array | Float32Array;

/** One batch. `images` and `labels` may be longer than needed; those of the first `size` images count. */
export interface Batch {
  readonly images: ImageArray;
  readonly labels: Labels;
  readonly size: number;
}

export interface StepResult {
  /** The network's loss, mean over the batch (and over all targets of an image), with dropout, before the update. */
  readonly loss: number;
  /**
   * How many of the batch were classified right, with dropout, before the update: largest value at the label (or at the largest target);
   * with binary cross-entropy the part of an image's targets that the values are on the same side of 0.5 with; 0 in a regression.
   */
  readonly correct: number;
}

/** All that must be kept to go on as if never interrupted. */
export interface TrainerState {
  /** Flat weights, Keras' order. */
  readonly weights: Float32Array;
  /** The optimizer's flat vectors: for Adam first and second moments. */
  readonly slots: readonly Float32Array[];
  /** Steps taken. */
  readonly step: number;
}

export interface TrainerOptions {
  readonly network: NetworkSpec;
  /** Flat initial weights; copied. */
  readonly weights: Float32Array;
  readonly optimizer: OptimizerConfig;
  /** Images of a full step; the last of an epoch may be smaller. */
  readonly batchSize: number;
  /** Of the dropout masks, integer 0 .. 2^32 - 1. */
  readonly seed: number;
  /** What images are multiplied with. Default 1/255 for uint8, 1 for float32. */
  readonly scale?: number | undefined;
  readonly images: 'uint8' | 'float32';
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
}

export interface Trainer {
  /** How many steps `steps` likes to get at once: more than one where that saves copies between them. */
  readonly stepsPerRun: number;
  /** One step of the optimizer. Results of steps with the same state are the same to the bit. */
  step(batch: Batch): Promise<StepResult>;
  /** Steps one after the other, to the bit as `step` takes them one by one. */
  steps(batches: readonly Batch[]): Promise<readonly StepResult[]>;
  /** Loss gradients by all weights, flat, for the masks that the next step would use; changes nothing. */
  gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult>;
  /** Class probabilities [count, classes], without dropout. */
  predict(images: ImageArray, count: number): Promise<Float32Array>;
  /** A copy of the state. On a device it waits for all steps, and reads the result back. */
  state(): Promise<TrainerState>;
  /** Goes on from a state. @throws TrainingError where sizes do not fit. */
  restore(state: TrainerState): void;
  /**
   * What the optimizer's learning rate is from the next step on; the state does not hold it.
   * @throws TrainingError for a rate that the optimizer may not have, or where it follows a schedule.
   */
  setLearningRate(learningRate: number): void;
  dispose(): Promise<void>;
}

/** A trainer that can keep the training set in the memory of its device, and takes its batches from there. */
export interface ResidentTrainer extends Trainer {
  /**
   * Puts a training set on the device, in place of the one before.
   * @param images row-major [n, rows, columns, channels]. @param labels [n], each 0 .. classes - 1.
   */
  load(images: ImageArray, labels: Labels): Promise<void>;
  /** As `steps`, for batches that are given as indices into the set that was loaded last. */
  stepsByIndex(batches: readonly Uint32Array[]): Promise<readonly StepResult[]>;
}

export function isResident(trainer: Trainer): trainer is ResidentTrainer {
  return 'stepsByIndex' in trainer;
}

/** `Trainer.steps` for an engine that gains nothing by several at once. */
export async function oneByOne(
  trainer: Pick<Trainer, 'step'>,
  batches: readonly Batch[],
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const batch of batches) results.push(await trainer.step(batch));
  return results;
}

/** Default factor for images of a kind. */
export function defaultScale(images: 'uint8' | 'float32'): number {
  return images === 'uint8' ? 1 / 255 : 1;
}
