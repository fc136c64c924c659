/**
 * Trainer on TensorFlow through single operations: about fifty for a step of the study's network. Weights and moments are
 * variables that stay on the device. A step ends with reading back the loss, which waits for everything queued before it,
 * the update included: no time is taken at enqueue.
 */
import { loadTensorflow, type Tensorflow, type TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import { countCorrect } from '../trainer/correct.ts';
import { featureCount, type DropoutSpec, type WeightSpec } from '../network/network.ts';
import { classesOnly } from '../network/refused.ts';
import { slotCount, withLearningRate, type OptimizerConfig } from '../trainer/optimizer.ts';
import {
  type Batch,
  defaultScale,
  oneByOne,
  type ImageArray,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from '../trainer/trainer.ts';
import { predictInParts } from '../trainer/prediction.ts';
import { initialState } from '../trainer/state.ts';
import { deviceMasks, type Masks, streamMasks } from './masks.ts';
import { type Operations, operationsOf } from './operations.ts';
import { type Backward, Passes } from './pass.ts';
import { dropoutPlaces, startsFlat } from './shapes.ts';
import { Variables } from './variables.ts';

export interface TensorflowTrainerOptions extends TrainerOptions {
  readonly device: 'cpu' | 'gpu';
  /** Whose dropout masks: the streams that all engines share, or the device's own. Default: the device's on a GPU. */
  readonly masks?: 'streams' | 'device';
}

export class TensorflowTrainer implements Trainer {
  readonly stepsPerRun = 1;
  readonly #tf: Tensorflow;
  readonly #options: TensorflowTrainerOptions;
  readonly #ops: Operations;
  readonly #passes: Passes;
  readonly #variables: Variables;
  #optimizer: OptimizerConfig;
  #update: (t: number, gradients: ReadonlyMap<WeightSpec, TensorId>) => void;
  readonly #masks: Masks;
  /** Tensors that live as long as the trainer. */
  readonly #constants: TensorId[] = [];
  readonly #scale: TensorId;
  #step = 0;

  private constructor(tf: Tensorflow, options: TensorflowTrainerOptions) {
    const { network, optimizer, batchSize, seed, images } = options;
    this.#tf = tf;
    this.#options = options;
    this.#ops = operationsOf(tf);
    this.#scale = this.#constant(Float32Array.of(options.scale ?? defaultScale(images)), []);
    const shape = (dimensions: readonly number[]): TensorId =>
      this.#constant(Int32Array.from(dimensions), [dimensions.length]);
    const places = dropoutPlaces(network);
    const dropoutIndex = (dropout: DropoutSpec): number =>
      places.findIndex(({ layer }) => layer === dropout);
    this.#passes = new Passes({ tf, ops: this.#ops, shape, dropoutIndex }, network);
    this.#variables = new Variables(tf, network, slotCount(optimizer));
    this.#optimizer = optimizer;
    this.#update = this.#variables.optimizer(optimizer);
    this.#masks =
      (options.masks ?? (tf.gpu ? 'device' : 'streams')) === 'device'
        ? deviceMasks(tf, places, seed)
        : streamMasks(tf, places, batchSize, seed);
  }

  /**
   * Loads TensorFlow where that has not happened yet.
   * @throws TensorflowError where TensorFlow is not there.
   */
  static create(options: TensorflowTrainerOptions): Promise<TensorflowTrainer> {
    return promised(() => {
      const { device, threads } = options;
      const tf = loadTensorflow({ device, ...(threads !== undefined && { threads }) });
      const trainer = new TensorflowTrainer(tf, options);
      trainer.restore(initialState(options));
      return trainer;
    });
  }

  step(batch: Batch): Promise<StepResult> {
    return this.#tidy(() => {
      // The weights are let go before the update: TensorFlow copies a variable that someone still reads.
      const backward = this.#tf.scope(
        () => this.#backward(batch),
        ({ logits, losses, gradients, moved }) => [
          ...[logits, losses],
          ...[...gradients.values(), ...moved.values()],
        ],
      );
      this.#update(this.#step + 1, backward.gradients);
      this.#variables.move(backward.moved);
      this.#step++;
      return this.#resultOf(backward, batch);
    });
  }

  steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    return oneByOne(this, batches);
  }

  gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    return this.#tidy(() => {
      const { network } = this.#options;
      const backward = this.#backward(batch);
      const gradients = new Float32Array(network.parameters);
      backward.gradients.forEach((id, { offset }) => {
        gradients.set(this.#tf.readFloats(id), offset);
      });
      return { gradients, ...this.#resultOf(backward, batch) };
    });
  }

  predict(images: ImageArray, count: number): Promise<Float32Array> {
    return predictInParts(this.#options.network, images, count, (part, n, probabilities) =>
      this.#tidy(() => {
        const x = this.#imageTensor(part, n);
        const made = this.#passes.probabilities(x, this.#variables.weights());
        probabilities.set(this.#tf.readFloats(made));
      }),
    );
  }

  state(): Promise<TrainerState> {
    const [weights = new Float32Array(0), ...slots] = this.#variables.snapshot();
    return Promise.resolve({ weights, slots, step: this.#step });
  }

  restore({ weights, slots, step }: TrainerState): void {
    this.#variables.assign([weights, ...slots]);
    this.#step = step;
  }

  setLearningRate(learningRate: number): void {
    this.#optimizer = withLearningRate(this.#optimizer, learningRate);
    this.#update = this.#variables.optimizer(this.#optimizer);
  }

  dispose(): Promise<void> {
    return promised(() => {
      this.#variables.dispose();
      for (const id of this.#constants.splice(0)) this.#tf.free(id);
    });
  }

  #constant(data: Float32Array | Int32Array, shape: readonly number[]): TensorId {
    const id = this.#tf.tensor(data, shape);
    this.#constants.push(id);
    return id;
  }

  #backward({ images, labels, size }: Batch): Backward {
    const { input } = this.#options.network;
    const x = this.#imageTensor(images.subarray(0, size * featureCount(input)), size);
    const classes = this.#tf.tensor(
      Int32Array.from(classesOnly('tensorflow', labels).subarray(0, size)),
      [size],
    );
    const masks = this.#masks.draw(this.#step, size);
    return this.#passes.backward(x, classes, size, this.#variables.weights(), masks);
  }

  #imageTensor(images: ImageArray, n: number): TensorId {
    const { network, images: kind } = this.#options;
    const { rows, columns, channels } = network.input;
    const shape = startsFlat(network) ? [n, channels] : [n, rows, columns, channels];
    const values = this.#tf.tensor(images, shape);
    return this.#ops.mul(kind === 'uint8' ? this.#ops.bytesToFloats(values) : values, this.#scale);
  }

  #resultOf({ logits, losses }: Backward, { labels, size }: Batch): StepResult {
    let sum = 0;
    for (const loss of this.#tf.readFloats(losses)) sum += loss;
    const scores = this.#tf.readFloats(logits);
    const { classes } = this.#options.network;
    return {
      loss: sum / size,
      correct: countCorrect(scores, classesOnly('tensorflow', labels).subarray(0, size), classes),
    };
  }

  /** Frees what `work` made, and makes sure that it did. */
  #tidy<T>(work: () => T): Promise<T> {
    return promised(() => {
      const before = this.#tf.tensorCount;
      const result = this.#tf.scope(work);
      const left = this.#tf.tensorCount - before;
      if (left !== 0) {
        throw new TrainingError(
          `A step left ${left} tensors behind; this is a fault of the trainer.`,
        );
      }
      return result;
    });
  }
}

/** Synchronous work as the promise that the interface wants; what it throws rejects. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
