/** What `fit` reports while it trains. Times are in seconds. */
import type { TrainingSnapshot } from './position.ts';
import type { TrainerState } from '../trainer/trainer.ts';

/**
 * The first event: what ran before the first clock, to compile the graphs. Nothing of it is kept: the state is put back.
 * What a record says of a warm-up is made from this, so that it says what was done.
 */
export interface WarmUpEvent {
  readonly type: 'warm-up';
  /** The batch size of every step, in order. */
  readonly steps: readonly number[];
  /** What the steps saw: zeros, or the first training image over and over. */
  readonly images: 'blank' | 'first';
  /** Test images that were predicted. */
  readonly predicted: number;
}

/** After every step of the optimizer. */
export interface StepEvent {
  readonly type: 'step';
  /** From 1. */
  readonly epoch: number;
  /** From 1 within the epoch, up to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Means over the epoch's images so far, with dropout, as Keras shows them. */
  readonly loss: number;
  readonly accuracy: number;
}

/** After every epoch. */
export interface EpochEvent {
  readonly type: 'epoch';
  readonly epoch: number;
  /** Wall time of all steps of the epoch, batch preparation included, evaluation excluded. */
  readonly seconds: number;
  readonly loss: number;
  readonly accuracy: number;
  /** On the test images, where given, without dropout. */
  readonly testAccuracy?: number;
  /** Mean cross-entropy in nats, clipped as Keras clips it. */
  readonly testLoss?: number;
  readonly testCorrect?: number;
  readonly testTotal?: number;
  readonly evaluationSeconds?: number;
}

/** Where `FitOptions.checkpoint` asks for one. The snapshot is a copy: it can be kept, or written while the training goes on. */
export interface CheckpointEvent {
  readonly type: 'checkpoint';
  readonly snapshot: TrainingSnapshot;
}

/** Where `modelCheckpoint` asks for one, behind the epoch's event. */
export interface ModelEvent {
  readonly type: 'model';
  readonly epoch: number;
  /** A copy of the flat weights, Keras' order. */
  readonly weights: Float32Array;
}

/** The last event. */
export interface EndEvent {
  readonly type: 'end';
  readonly status: 'completed' | 'interrupted';
  readonly state: TrainerState;
}

export type TrainingEvent =
  WarmUpEvent | StepEvent | EpochEvent | ModelEvent | CheckpointEvent | EndEvent;
