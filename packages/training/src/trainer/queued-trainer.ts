/**
 * The border of every trainer: calls that come while one is at work wait for it, in their order; what they are given is
 * looked at; and nothing works after `dispose`.
 */
import { types } from 'node:util';
import { isImages, isObject, isWhole, kindOf, mustBe } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import { featureCount } from '../network/network.ts';
import {
  isResident,
  type Batch,
  type ImageArray,
  type Labels,
  type ResidentTrainer,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from './trainer.ts';
import { checkStateFits, isState } from './state.ts';

/** One call at a time, around the trainer of any engine. */
export function queued(inner: Trainer, options: TrainerOptions): Trainer {
  return isResident(inner)
    ? new QueuedResidentTrainer(inner, options)
    : new QueuedTrainer(inner, options);
}

class QueuedTrainer implements Trainer {
  readonly stepsPerRun: number;
  readonly #inner: Trainer;
  readonly #options: TrainerOptions;
  #last: Promise<unknown> = Promise.resolve();
  /** Calls that have not settled. */
  #pending = 0;
  #disposed: Promise<void> | undefined;

  constructor(inner: Trainer, options: TrainerOptions) {
    this.#inner = inner;
    this.#options = options;
    this.stepsPerRun = inner.stepsPerRun;
  }

  step(batch: Batch): Promise<StepResult> {
    return this.queue(() => this.#inner.step(this.#checked(batch)));
  }

  steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    return this.queue(() => {
      mustBe('The list of batches', batches, 'an array', Array.isArray(batches));
      return this.#inner.steps(batches.map((batch) => this.#checked(batch)));
    });
  }

  gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    return this.queue(() => this.#inner.gradients(this.#checked(batch)));
  }

  predict(images: ImageArray, count: number): Promise<Float32Array> {
    return this.queue(() => {
      mustBe('The number of images', count, 'a whole number from 0', isWhole(count, 0));
      this.checkImages(images, count);
      return this.#inner.predict(images, count);
    });
  }

  state(): Promise<TrainerState> {
    return this.queue(() => this.#inner.state());
  }

  restore(state: TrainerState): void {
    mustBe('The state', state, '{ weights, slots, step }, as state() gives', isState(state));
    this.#refuseAtWork('A state cannot be restored');
    checkStateFits(state, this.#options);
    this.#inner.restore(state);
  }

  setLearningRate(learningRate: number): void {
    this.#refuseAtWork('The learning rate cannot be set');
    this.#inner.setLearningRate(learningRate);
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#last.then(() => this.#inner.dispose());
    return this.#disposed;
  }

  /** Begins after every call before; a failed one does not hold up the next. */
  protected async queue<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseDisposed();
    this.#pending++;
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    try {
      return await run;
    } finally {
      this.#pending--;
    }
  }

  protected checkLabels(labels: Labels, count: number): void {
    const { classes, loss } = this.#options.network;
    if (loss !== 'softmaxCrossEntropy' || types.isFloat32Array(labels)) {
      const accepted = `a Float32Array of at least ${count * classes} targets`;
      const fits = types.isFloat32Array(labels) && labels.length >= count * classes;
      mustBe('The list of labels', labels, accepted, fits);
      return;
    }
    const accepted = `a Uint8Array of at least ${count} classes, each from 0 to ${classes - 1}`;
    mustBe('The list of labels', labels, accepted, types.isUint8Array(labels));
    mustBe('The list of labels', labels, accepted, labels.length >= count);
    for (let i = 0; i < count; i++) {
      const label = labels[i]!;
      if (label >= classes) mustBe(`Label ${i}`, label, `from 0 to ${classes - 1}`, false);
    }
  }

  protected checkImages(images: ImageArray, count: number): void {
    const { images: kind, network } = this.#options;
    const values = count * featureCount(network.input);
    const accepted = `a ${kind === 'uint8' ? 'Uint8Array' : 'Float32Array'} of at least ${values} values for ${count} images`;
    const fits = isImages(images) && kindOf(images) === kind && images.length >= values;
    mustBe('The array of images', images, accepted, fits);
  }

  #checked(batch: Batch): Batch {
    mustBe('The batch', batch, '{ images, labels, size }', isObject(batch));
    const { images, labels, size } = batch;
    const { batchSize } = this.#options;
    mustBe(
      'The size of the batch',
      size,
      `a whole number from 1 to ${batchSize}`,
      isWhole(size, 1, batchSize),
    );
    this.checkImages(images, size);
    this.checkLabels(labels, size);
    return batch;
  }

  /** For what answers at once, so that it cannot wait for its turn. */
  #refuseAtWork(what: string): void {
    this.#refuseDisposed();
    if (this.#pending > 0) {
      throw new TrainingError(
        `${what} while ${this.#pending} calls are at work; wait for their promises first.`,
      );
    }
  }

  #refuseDisposed(): void {
    if (this.#disposed) {
      throw new TrainingError('The trainer was disposed of; create another one to go on.');
    }
  }
}

class QueuedResidentTrainer extends QueuedTrainer implements ResidentTrainer {
  readonly #resident: ResidentTrainer;
  readonly #batchSize: number;
  /** Images on the device. */
  #loaded = 0;

  constructor(inner: ResidentTrainer, options: TrainerOptions) {
    super(inner, options);
    this.#resident = inner;
    this.#batchSize = options.batchSize;
  }

  load(images: ImageArray, labels: Labels): Promise<void> {
    return this.queue(async () => {
      mustBe('The list of labels', labels, 'a Uint8Array', types.isUint8Array(labels));
      this.checkImages(images, labels.length);
      this.checkLabels(labels, labels.length);
      await this.#resident.load(images, labels);
      this.#loaded = labels.length;
    });
  }

  stepsByIndex(batches: readonly Uint32Array[]): Promise<readonly StepResult[]> {
    return this.queue(() => {
      mustBe('The list of batches', batches, 'an array', Array.isArray(batches));
      for (const batch of batches) {
        const accepted = `a Uint32Array of 1 to ${this.#batchSize} indices into the ${this.#loaded} images that are loaded`;
        const fits =
          types.isUint32Array(batch) &&
          isWhole(batch.length, 1, this.#batchSize) &&
          batch.every((index) => index < this.#loaded);
        mustBe('The batch', batch, accepted, fits);
      }
      return this.#resident.stepsByIndex(batches);
    });
  }
}
