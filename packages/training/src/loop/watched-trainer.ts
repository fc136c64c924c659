/**
 * A trainer under the eyes of its callbacks: what they ask for after an epoch is done here. What is evaluated, handed out and ended with is the
 * running mean of the weights, where the optimizer keeps one.
 */
import { resultOf } from '../trainer/state.ts';
import type { Trainer, TrainerState } from '../trainer/trainer.ts';
import { Watch } from './callbacks.ts';
import type { EpochEvent, ModelEvent } from './events.ts';
import type { FitOptions } from './options.ts';
import type { TrainingPosition, TrainingSnapshot } from './position.ts';

export class WatchedTrainer {
  readonly #trainer: Trainer;
  readonly #options: FitOptions;
  readonly #watch: Watch | undefined;
  #best: Float32Array | undefined;

  /** Goes on where a snapshot says: the trainer has its state already. */
  constructor(trainer: Trainer, options: FitOptions) {
    const { callbacks, optimizer, resume } = options;
    const { figures, best } = resume?.watched ?? {};
    this.#trainer = trainer;
    this.#options = options;
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

  /** The state at the end of the training, with the weights to end with. */
  async end(): Promise<TrainerState> {
    const state = await this.#trainer.state();
    return { ...state, weights: this.#best?.slice() ?? this.#result(state) };
  }

  /** What `work` gives with the weights that the training would end with here; they are put back. */
  async judged<T>(work: () => Promise<T>): Promise<T> {
    if (this.#options.optimizer.useEma !== true) return work();
    const state = await this.#trainer.state();
    this.#trainer.restore({ ...state, weights: this.#result(state) });
    try {
      return await work();
    } finally {
      this.#trainer.restore(state);
    }
  }

  #result(state: TrainerState): Float32Array {
    const { network, optimizer } = this.#options;
    return resultOf(state, network, optimizer);
  }

  async *after(event: EpochEvent): AsyncGenerator<ModelEvent, void, undefined> {
    const watch = this.#watch;
    if (!watch) return;
    const before = watch.learningRate;
    const { best, save } = watch.after(event);
    if (watch.learningRate !== before) this.#trainer.setLearningRate(watch.learningRate);
    if (best !== true && save !== true) return;
    const weights = this.#result(await this.#trainer.state());
    if (best === true) this.#best = weights;
    if (save === true) yield { type: 'model', epoch: event.epoch, weights: weights.slice() };
  }

  async snapshot(position: TrainingPosition): Promise<TrainingSnapshot> {
    const state = await this.#trainer.state();
    const [watch, best] = [this.#watch, this.#best?.slice()];
    return {
      ...{ state, position },
      ...(watch && { watched: { figures: [...watch.figures], ...(best && { best }) } }),
    };
  }
}
