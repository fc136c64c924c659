/** A trainer under the eyes of its callbacks: what they ask for after an epoch is done here. */
import type { Trainer } from '../trainer/trainer.ts';
import { Watch } from './callbacks.ts';
import type { EpochEvent, ModelEvent } from './events.ts';
import type { FitOptions } from './options.ts';
import type { TrainingPosition, TrainingSnapshot } from './position.ts';

export class WatchedTrainer {
  readonly #trainer: Trainer;
  readonly #watch: Watch | undefined;
  #best: Float32Array | undefined;

  /** Goes on where a snapshot says: the trainer has its state already. */
  constructor(trainer: Trainer, { callbacks, optimizer, resume }: FitOptions) {
    const { figures, best } = resume?.watched ?? {};
    this.#trainer = trainer;
    this.#watch = callbacks && new Watch(callbacks, optimizer.learningRate, figures);
    this.#best = best;
    if (this.#watch && this.#watch.learningRate !== optimizer.learningRate) {
      trainer.setLearningRate(this.#watch.learningRate);
    }
  }

  /** Whether the training is to end here. */
  get stopped(): boolean {
    return this.#watch?.stopped === true;
  }

  /** A copy of the weights to end with; undefined for the last ones. */
  get best(): Float32Array | undefined {
    return this.#best?.slice();
  }

  async *after(event: EpochEvent): AsyncGenerator<ModelEvent, void, undefined> {
    const watch = this.#watch;
    if (!watch) return;
    const before = watch.learningRate;
    const { best, save } = watch.after(event);
    if (watch.learningRate !== before) this.#trainer.setLearningRate(watch.learningRate);
    if (best !== true && save !== true) return;
    const { weights } = await this.#trainer.state();
    if (best === true) this.#best = weights;
    if (save === true) yield { type: 'model', epoch: event.epoch, weights: weights.slice() };
  }

  async snapshot(position: TrainingPosition): Promise<TrainingSnapshot> {
    const state = await this.#trainer.state();
    const [watch, best] = [this.#watch, this.best];
    return {
      ...{ state, position },
      ...(watch && { watched: { figures: [...watch.figures], ...(best && { best }) } }),
    };
  }
}
