/** What the two threads say to each other. */
import type { TrainingEvent } from '../loop/events.ts';
import type { FitOptions } from '../loop/options.ts';
import type { ImageArray } from '../trainer/trainer.ts';

/** FitOptions as they cross into the thread: functions and signals stay behind. */
export interface WorkerInput {
  readonly options: Omit<FitOptions, 'imagesOfEpoch' | 'signal'>;
  /** Whether the caller has other images for every epoch, to be asked for. */
  readonly asksForImages: boolean;
}

export type FromWorker =
  | { readonly kind: 'event'; readonly event: TrainingEvent }
  | { readonly kind: 'images'; readonly epoch: number }
  | { readonly kind: 'error'; readonly error: ErrorFields };

/** An error as it crosses: structured cloning keeps neither class nor code. */
export interface ErrorFields {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export type ToWorker =
  | { readonly kind: 'stop' }
  | { readonly kind: 'images'; readonly epoch: number; readonly images: ImageArray };
