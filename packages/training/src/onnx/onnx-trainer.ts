/**
 * Trainer on onnxruntime: one compiled graph per batch size (the last batch of an epoch may be smaller).
 * Weights and moments live in two sets of buffers that change roles at every step: onnxruntime reads one set in place, and
 * its results go to the other. (The binding of onnxruntime-node 1.30 still makes a copy of each output on the way.)
 */
import {
  OnnxSession,
  type SessionOptions,
  type TensorMap,
  type TensorValue,
} from '@fashion-bench/onnx';
import { DropoutMask } from '../dropout-masks.ts';
import { TrainingError } from '../errors.ts';
import { featureCount } from '../network.ts';
import { stepRate } from '../optimizer.ts';
import {
  defaultScale,
  PREDICTION_BATCH,
  type Batch,
  type ImageArray,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from '../trainer.ts';
import { detectBlockSize } from './block-size.ts';
import {
  dropoutLayers,
  gradientGraph,
  maskInput,
  predictionGraph,
  trainingGraph,
  type GraphOptions,
} from './graphs.ts';
import { slotCount } from './optimizer-graph.ts';

interface Buffers {
  readonly weights: TensorValue<'float32'>;
  readonly slots: readonly TensorValue<'float32'>[];
}

function vector(size: number): TensorValue<'float32'> {
  return { dtype: 'float32', shape: [size], data: new Float32Array(size) };
}

export interface OnnxTrainerOptions extends TrainerOptions {
  /** Overrides the probed channel block (1 forbids the blocked layout): for tests. */
  readonly block?: number;
  /** False for the plain graph: for tests. */
  readonly rewrites?: boolean;
}

export class OnnxTrainer implements Trainer {
  readonly #options: OnnxTrainerOptions;
  readonly #block: number;
  readonly #masks: readonly DropoutMask[];
  readonly #sessions = new Map<string, Promise<OnnxSession>>();
  #current: Buffers;
  #next: Buffers;
  #step = 0;
  readonly #loss: TensorValue<'float32'> = {
    dtype: 'float32',
    shape: [],
    data: new Float32Array(1),
  };
  readonly #correct: TensorValue<'float32'> = {
    dtype: 'float32',
    shape: [],
    data: new Float32Array(1),
  };

  private constructor(options: OnnxTrainerOptions, block: number) {
    const { network, batchSize, optimizer } = options;
    this.#options = options;
    this.#block = block;
    this.#masks = dropoutLayers(network).map(
      (layer) => new DropoutMask(batchSize * featureCount(layer.input), layer.rate),
    );
    const buffers = (): Buffers => ({
      weights: vector(network.parameters),
      slots: Array.from({ length: slotCount(optimizer) }, () => vector(network.parameters)),
    });
    this.#current = buffers();
    this.#next = buffers();
    this.#current.weights.data.set(options.weights);
  }

  /** Probes the processor; graphs are compiled when first used. @throws TrainingError where sizes do not fit. */
  static async create(options: OnnxTrainerOptions): Promise<OnnxTrainer> {
    if (options.weights.length !== options.network.parameters) {
      throw new TrainingError(
        `The network has ${options.network.parameters} parameters, but ${options.weights.length} weights were given.`,
      );
    }
    return new OnnxTrainer(options, options.block ?? (await detectBlockSize()));
  }

  async step(batch: Batch): Promise<StepResult> {
    const { optimizer, seed } = this.#options;
    const session = await this.#session('training', batch.size);
    this.#drawMasks(seed, this.#step);
    const rate: TensorValue = {
      dtype: 'float32',
      shape: [],
      data: Float32Array.of(stepRate(optimizer, this.#step + 1)),
    };
    const feeds: Record<string, TensorValue> = { ...this.#feeds(batch), rate };
    const into: Record<string, TensorValue> = {
      newWeights: this.#next.weights,
      loss: this.#loss,
      correct: this.#correct,
    };
    this.#current.slots.forEach((slot, i) => (feeds[`slot${i}`] = slot));
    this.#next.slots.forEach((slot, i) => (into[`newSlot${i}`] = slot));
    await session.run(feeds, into);
    [this.#current, this.#next] = [this.#next, this.#current];
    this.#step++;
    return this.#result();
  }

  async gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    const session = await this.#session('gradients', batch.size);
    this.#drawMasks(this.#options.seed, this.#step);
    const gradients = vector(this.#options.network.parameters);
    await session.run(this.#feeds(batch), { gradients, loss: this.#loss, correct: this.#correct });
    return { gradients: gradients.data, ...this.#result() };
  }

  async predict(images: ImageArray, count: number): Promise<Float32Array> {
    const { network } = this.#options;
    const size = featureCount(network.input);
    const probabilities = new Float32Array(count * network.classes);
    for (let start = 0; start < count; start += PREDICTION_BATCH) {
      const n = Math.min(PREDICTION_BATCH, count - start);
      const session = await this.#session('prediction', n);
      const part: TensorValue = {
        dtype: 'float32',
        shape: [n, network.classes],
        data: probabilities.subarray(start * network.classes, (start + n) * network.classes),
      };
      const feeds: TensorMap = {
        weights: this.#current.weights,
        images: this.#imageTensor(images.subarray(start * size, (start + n) * size), n),
      };
      await session.run(feeds, { probabilities: part });
    }
    return probabilities;
  }

  state(): TrainerState {
    return {
      weights: this.#current.weights.data.slice(),
      slots: this.#current.slots.map((slot) => slot.data.slice()),
      step: this.#step,
    };
  }

  restore(state: TrainerState): void {
    const { parameters } = this.#options.network;
    const vectors = [state.weights, ...state.slots];
    if (
      vectors.length !== 1 + this.#current.slots.length ||
      vectors.some((v) => v.length !== parameters)
    ) {
      throw new TrainingError(
        `The state does not fit a network of ${parameters} parameters with this optimizer.`,
      );
    }
    this.#current.weights.data.set(state.weights);
    this.#current.slots.forEach((slot, i) => {
      slot.data.set(state.slots[i] ?? []);
    });
    this.#step = state.step;
  }

  async dispose(): Promise<void> {
    const sessions = await Promise.all(this.#sessions.values());
    this.#sessions.clear();
    for (const session of sessions) await session.dispose();
  }

  #result(): StepResult {
    return { loss: this.#loss.data[0] ?? NaN, correct: this.#correct.data[0] ?? NaN };
  }

  #drawMasks(seed: number, step: number): void {
    this.#masks.forEach((mask, layer) => {
      mask.draw(seed, layer, step);
    });
  }

  #imageTensor(images: ImageArray, n: number): TensorValue {
    const { rows, columns, channels } = this.#options.network.input;
    const shape = [n, rows, columns, channels];
    return images instanceof Uint8Array
      ? { dtype: 'uint8', shape, data: images }
      : { dtype: 'float32', shape, data: images };
  }

  #feeds({ images, labels, size }: Batch): Record<string, TensorValue> {
    const { network } = this.#options;
    const feeds: Record<string, TensorValue> = {
      weights: this.#current.weights,
      images: this.#imageTensor(images.subarray(0, size * featureCount(network.input)), size),
      labels: { dtype: 'uint8', shape: [size], data: labels.subarray(0, size) },
    };
    dropoutLayers(network).forEach(({ input: { rows, columns, channels } }, i) => {
      const values = this.#masks[i]?.values.subarray(0, size * rows * columns * channels);
      if (values)
        feeds[maskInput(i)] = {
          dtype: 'float32',
          shape: [size, rows, columns, channels],
          data: values,
        };
    });
    return feeds;
  }

  #session(kind: 'training' | 'gradients' | 'prediction', batch: number): Promise<OnnxSession> {
    const key = `${kind} ${batch}`;
    const known = this.#sessions.get(key);
    if (known) return known;
    const { network, optimizer, images, threads, scale, rewrites } = this.#options;
    const graph: GraphOptions = {
      batch,
      block: this.#block,
      images: { dtype: images, scale: scale ?? defaultScale(images) },
      ...(rewrites === undefined ? {} : { rewrites }),
    };
    const build = {
      training: () => trainingGraph(network, graph, optimizer),
      gradients: () => gradientGraph(network, graph),
      prediction: () => predictionGraph(network, graph),
    }[kind];
    const session: SessionOptions = threads === undefined ? {} : { threads };
    const created = OnnxSession.create(build(), session);
    this.#sessions.set(key, created);
    return created;
  }
}
