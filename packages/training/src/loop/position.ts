/**
 * Where a training stands, so that it can go on from there as if it had never stopped: the trainer's state, the place
 * within the epoch, and the sums that the epoch's figures are made of. Nothing of the random numbers needs keeping
 * but these counters: every stream is a pure function of seed, name and counters (\@fashion-bench/random).
 */
import { permutation, randomStream } from '@fashion-bench/random';
import { z } from 'zod';
import { floats, isObject } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import { isState } from '../trainer/state.ts';
import type { TrainerState } from '../trainer/trainer.ts';
import type { EpochFigures, Monitor } from './callbacks.ts';

/** A place between two steps. `step` is always below the steps of an epoch: the end of one is the start of the next. */
export interface TrainingPosition {
  /** The epoch that the next step belongs to, from 1; one more than there are when the training is complete. */
  readonly epoch: number;
  /** Steps taken in that epoch. */
  readonly step: number;
  /** Sum of the loss over the images of these steps. */
  readonly lossSum: number;
  /** Images of these steps that were classified right. */
  readonly correct: number;
  /** Time of these steps in seconds. */
  readonly seconds: number;
}

/** Everything that `fit` needs to go on. */
export interface TrainingSnapshot {
  readonly state: TrainerState;
  readonly position: TrainingPosition;
  /** What the callbacks have seen; undefined without any. */
  readonly watched?: Watched;
}

/** Callbacks are functions of the figures of all epochs. */
export interface Watched {
  /** Of every finished epoch. */
  readonly figures: readonly EpochFigures[];
  /** Flat weights of the best epoch, where the training is to end with them. */
  readonly best?: Float32Array;
}

/** When `fit` yields a `checkpoint` event: both rules may be given; always at the end and where a signal stops it, too. */
export interface CheckpointSchedule {
  /** After every so many epochs. */
  readonly everyEpochs?: number;
  /** After every so many steps of the whole training. */
  readonly everySteps?: number;
}

export const positionSchema: z.ZodType<TrainingPosition> = z.strictObject({
  epoch: z.int().positive(),
  step: z.int().nonnegative(),
  lossSum: z.number(),
  correct: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
} satisfies Record<keyof TrainingPosition, z.ZodType>);

const figure = z.exactOptional(z.number());
export const figuresSchema: z.ZodType<EpochFigures[]> = z.array(
  z.strictObject({
    ...{ loss: figure, accuracy: figure, testLoss: figure, testAccuracy: figure },
  } satisfies Record<Monitor, z.ZodType>),
);
const watchedSchema = z.object({ figures: figuresSchema, best: z.exactOptional(floats) });

/** Whether a `checkpoint` event may have brought it. */
export function isSnapshot(value: unknown): boolean {
  return (
    isObject(value) &&
    isState(value['state']) &&
    positionSchema.safeParse(value['position']).success &&
    watchedSchema.optional().safeParse(value['watched']).success
  );
}

export function startOfEpoch(epoch: number): TrainingPosition {
  return { epoch, step: 0, lossSum: 0, correct: 0, seconds: 0 };
}

/** The order in which an epoch visits its `count` images, [count]. */
export function orderOfEpoch(seed: number, epoch: number, count: number): Uint32Array {
  return permutation(count, randomStream(seed, 'shuffle', epoch));
}

/**
 * Whether a checkpoint is due after so many steps of the whole training.
 * @param steps steps of one epoch.
 */
export function isCheckpointDue(
  { everyEpochs, everySteps }: CheckpointSchedule,
  taken: number,
  steps: number,
): boolean {
  if (everySteps !== undefined && taken % everySteps === 0) return true;
  return everyEpochs !== undefined && taken % (everyEpochs * steps) === 0;
}

/**
 * @param steps steps of one epoch.
 * @throws TrainingError for a snapshot of another training.
 */
export function checkSnapshot(
  { state, position }: TrainingSnapshot,
  epochs: number,
  steps: number,
): void {
  const { epoch, step } = position;
  const taken = (epoch - 1) * steps + step;
  if (epoch < 1 || epoch > epochs + 1 || step < 0 || step >= steps || taken !== state.step) {
    throw new TrainingError(
      `A state after ${state.step} steps cannot go on at epoch ${epoch}, step ${step} of a training of ${epochs} epochs with ${steps} steps each.`,
    );
  }
}
