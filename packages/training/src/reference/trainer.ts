/**
 * Trainer on TensorFlow.js' own autodiff in plain JavaScript: slow and obvious, what the others are checked against.
 * It reads the same NetworkSpec and drops the same elements.
 */
import * as tf from '@tensorflow/tfjs';
import { DropoutMask } from '../trainer/dropout-masks.ts';
import { TrainingError } from '../errors.ts';
import { featureCount, type LayerSpec, type WeightSpec } from '../network/network.ts';
import {
  defaultScale,
  oneByOne,
  type Batch,
  type ImageArray,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from '../trainer/trainer.ts';
import { predictInParts } from '../trainer/prediction.ts';
import { copyOfState, initialState } from '../trainer/state.ts';
import { applyLayers, type Pass } from './layers.ts';
import { withLearningRate, type OptimizerConfig } from '../trainer/optimizer.ts';
import { LOSSES, smoothed, targetsOf } from './loss.ts';
import { update } from './optimizer.ts';

interface TrainingPass {
  /** Images of the batch. */
  readonly size: number;
  /** Filled with the moving statistics after the step. */
  readonly moved: Map<WeightSpec, Float32Array>;
}

type Differentiated = StepResult & {
  readonly gradients: Float32Array;
  readonly moved: TrainingPass['moved'];
};

export class ReferenceTrainer implements Trainer {
  readonly stepsPerRun = 1;
  readonly #options: TrainerOptions;
  readonly #masks: ReadonlyMap<LayerSpec, DropoutMask>;
  #optimizer: OptimizerConfig;
  #state: TrainerState;

  private constructor(options: TrainerOptions) {
    const { network, batchSize } = options;
    this.#options = options;
    this.#masks = new Map(
      network.layers.flatMap((layer) =>
        layer.kind === 'dropout'
          ? [[layer, new DropoutMask(batchSize * featureCount(layer.input), layer.rate)] as const]
          : [],
      ),
    );
    this.#optimizer = options.optimizer;
    this.#state = initialState(options);
  }

  static async create(options: TrainerOptions): Promise<ReferenceTrainer> {
    // Otherwise the CPU backend prints advice to install a native one.
    tf.enableProdMode();
    await tf.setBackend('cpu');
    await tf.ready();
    return new ReferenceTrainer(options);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, this engine is not
  async step(batch: Batch): Promise<StepResult> {
    const { gradients, loss, correct, moved } = this.#differentiate(batch);
    const { network } = this.#options;
    const trained = network.weights.filter(({ trainable }) => trainable !== false);
    update(this.#optimizer, this.#state, trained, gradients, this.#state.step + 1);
    moved.forEach((values, { offset }) => {
      this.#state.weights.set(values, offset);
    });
    this.#state = { ...this.#state, step: this.#state.step + 1 };
    return { loss, correct };
  }

  steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    return oneByOne(this, batches);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    const { gradients, loss, correct } = this.#differentiate(batch);
    return { gradients, loss, correct };
  }

  #differentiate({ images, labels, size }: Batch): Differentiated {
    const { network, seed } = this.#options;
    let layer = 0;
    for (const mask of this.#masks.values()) mask.draw(seed, layer++, this.#state.step);
    const moved = new Map<WeightSpec, Float32Array>();
    const differentiated = tf.tidy(() => {
      const parts = this.#weightTensors();
      const x = this.#imageTensor(images, size);
      const targets = targetsOf(labels, size, network);
      let correct = 0;
      const trained = network.weights.filter(({ trainable }) => trainable !== false);
      const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
        const weights = network.weights.map((spec, i) => values[trained.indexOf(spec)] ?? parts[i]);
        const logits = this.#forward(x, weights, { size, moved });
        const rule = LOSSES[network.loss];
        correct = rule.correct(logits, targets).dataSync<'float32'>()[0]!;
        const wanted = smoothed(network, targets);
        return tf.mean(rule.losses(logits, wanted, network.lossOptions ?? {}));
      };
      const { value, grads } = tf.valueAndGrads(lossOf)(
        parts.filter((_, i) => network.weights[i]?.trainable !== false),
      );
      const gradients = new Float32Array(network.parameters);
      trained.forEach(({ offset }, i) => {
        gradients.set(grads[i]?.dataSync<'float32'>() ?? [], offset);
      });
      return { gradients, loss: value.dataSync<'float32'>()[0]!, correct };
    });
    return { ...differentiated, moved };
  }

  predict(images: ImageArray, count: number): Promise<Float32Array> {
    const { network } = this.#options;
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    return predictInParts(network, images, count, async (part, n, probabilities) => {
      tf.tidy(() => {
        const logits = this.#forward(this.#imageTensor(part, n), this.#weightTensors(), undefined);
        const made = LOSSES[network.loss].probabilities(logits);
        probabilities.set(made.dataSync<'float32'>());
      });
    });
  }

  state(): Promise<TrainerState> {
    return Promise.resolve(copyOfState(this.#state));
  }

  restore(state: TrainerState): void {
    this.#state = copyOfState(state);
  }

  setLearningRate(learningRate: number): void {
    this.#optimizer = withLearningRate(this.#optimizer, learningRate);
  }

  async dispose(): Promise<void> {
    // Every tensor lives inside a tidy.
  }

  #weightTensors(): tf.Tensor[] {
    const { weights } = this.#state;
    return this.#options.network.weights.map(({ shape, offset, size }) =>
      tf.tensor(weights.slice(offset, offset + size), [...shape]),
    );
  }

  #imageTensor(images: ImageArray, n: number): tf.Tensor4D {
    const { network, images: kind, scale } = this.#options;
    const { rows, columns, channels } = network.input;
    const data = Float32Array.from(images.subarray(0, n * rows * columns * channels));
    return tf.mul(tf.tensor4d(data, [n, rows, columns, channels]), scale ?? defaultScale(kind));
  }

  /** Logits; with dropout and the batch's statistics where it is a step of training. */
  #forward(
    x: tf.Tensor4D,
    weights: readonly (tf.Tensor | undefined)[],
    training: TrainingPass | undefined,
  ): tf.Tensor2D {
    const { network } = this.#options;
    const pass: Pass = {
      weight: (spec) => {
        const tensor = weights[network.weights.indexOf(spec)];
        if (!tensor) throw new TrainingError(`There is no weight tensor "${spec.name}".`);
        return tensor;
      },
      mask: (layer) =>
        training &&
        this.#masks.get(layer)?.values.slice(0, training.size * featureCount(layer.input)),
      moved: training?.moved,
    };
    return tf.reshape(applyLayers(pass, network.layers, x), [-1, network.classes]);
  }
}
