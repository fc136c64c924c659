/**
 * Trainer on onnxruntime: one compiled graph per batch size (the last batch of an epoch may be smaller) and number of steps.
 * A run of several steps hands weights and moments from one to the next inside the graph; outside they live in two sets of
 * buffers that change roles at every run: onnxruntime reads one set in place, and its results go to the other. (The
 * binding of onnxruntime-node 1.30 still makes a copy of each output on the way.)
 */
import { types } from 'node:util';
import {
  OnnxSession,
  type OnnxModel,
  type SessionOptions,
  type TensorValue,
} from '@fashion-bench/onnx';
import { TrainingError } from '../errors.ts';
import { featureCount } from '../network/network.ts';
import { slotCount, stepRate } from '../trainer/optimizer.ts';
import {
  defaultScale,
  PREDICTION_BATCH,
  type Batch,
  type ImageArray,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from '../trainer/trainer.ts';
import { detectBlockSize } from './blocked/block-size.ts';
import { ofStep, type GraphOptions } from '../graph/graph-options.ts';
import { gradientGraph, predictionGraph, trainingGraph, type MaskedGraph } from './graphs.ts';
import { MaskBuffers } from './mask-buffers.ts';
import { StateBuffers } from './state-buffers.ts';

export interface OnnxTrainerOptions extends TrainerOptions {
  /** Overrides the probed channel block (1 forbids the blocked layout): for tests. */
  readonly block?: number;
  /** False for the plain graph: for tests. */
  readonly rewrites?: boolean;
}

/**
 * Images that a run of several steps should have at least: below, the copies between runs show. 512 measured no better
 * (benchmarks/notes/training-speed.md).
 */
const IMAGES_PER_RUN = 256;

interface MaskedSession {
  readonly session: OnnxSession;
  readonly masks: MaskBuffers;
}

export class OnnxTrainer implements Trainer {
  readonly stepsPerRun: number;
  readonly #options: OnnxTrainerOptions;
  readonly #block: number;
  readonly #masked = new Map<string, Promise<MaskedSession>>();
  readonly #predictions = new Map<number, Promise<OnnxSession>>();
  #current: StateBuffers;
  #next: StateBuffers;
  #step = 0;

  private constructor(options: OnnxTrainerOptions, block: number) {
    const { network, batchSize, optimizer, weights } = options;
    this.#options = options;
    this.#block = block;
    this.stepsPerRun = Math.ceil(IMAGES_PER_RUN / batchSize);
    this.#current = new StateBuffers(network, slotCount(optimizer));
    this.#next = new StateBuffers(network, slotCount(optimizer));
    this.#current.weights.set(weights);
  }

  /** Probes the processor; graphs are compiled when first used. */
  static async create(options: OnnxTrainerOptions): Promise<OnnxTrainer> {
    return new OnnxTrainer(options, options.block ?? (await detectBlockSize()));
  }

  async step(batch: Batch): Promise<StepResult> {
    const [result] = await this.#run([batch]);
    if (!result) throw new Error('a run of one step has one result');
    return result;
  }

  async steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    const results: StepResult[] = [];
    while (results.length < batches.length) {
      const next = batches.slice(results.length, results.length + this.stepsPerRun);
      // A graph is compiled for one batch size and for one or all steps of a run; what does not fit goes one by one.
      const fits = next.length === this.stepsPerRun && next.every((b) => b.size === next[0]?.size);
      results.push(...(await this.#run(fits ? next : next.slice(0, 1))));
    }
    return results;
  }

  async gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    const { network, seed } = this.#options;
    const { session, masks } = await this.#maskedSession('gradients', batch.size, 1);
    const feeds = { ...this.#current.weightTensors(), ...this.#batchFeeds(batch, 0) };
    masks.drawInto(feeds, seed, this.#step, 0);
    const gradients = new Float32Array(network.parameters);
    const into: TensorValue = { dtype: 'float32', shape: [network.parameters], data: gradients };
    const results = await session.run(feeds, { gradients: into });
    return { gradients, ...resultOf(results, 0) };
  }

  async predict(images: ImageArray, count: number): Promise<Float32Array> {
    const { network } = this.#options;
    const size = featureCount(network.input);
    const probabilities = new Float32Array(count * network.classes);
    for (let start = 0; start < count; start += PREDICTION_BATCH) {
      const n = Math.min(PREDICTION_BATCH, count - start);
      const session = await this.#predictionSession(n);
      const part: TensorValue = {
        dtype: 'float32',
        shape: [n, network.classes],
        data: probabilities.subarray(start * network.classes, (start + n) * network.classes),
      };
      const feeds = {
        ...this.#current.weightTensors(),
        [ofStep('images', 0)]: this.#imageTensor(
          images.subarray(start * size, (start + n) * size),
          n,
        ),
      };
      await session.run(feeds, { probabilities: part });
    }
    return probabilities;
  }

  state(): Promise<TrainerState> {
    const { weights, slots } = this.#current;
    return Promise.resolve({
      weights: weights.slice(),
      slots: slots.map((slot) => slot.slice()),
      step: this.#step,
    });
  }

  restore(state: TrainerState): void {
    const { parameters } = this.#options.network;
    const { weights, slots } = this.#current;
    const vectors = [state.weights, ...state.slots];
    if (vectors.length !== 1 + slots.length || vectors.some((v) => v.length !== parameters)) {
      throw new TrainingError(
        `The state does not fit a network of ${parameters} parameters with this optimizer.`,
      );
    }
    weights.set(state.weights);
    slots.forEach((slot, i) => {
      slot.set(state.slots[i] ?? []);
    });
    this.#step = state.step;
  }

  async dispose(): Promise<void> {
    const masked = await Promise.all(this.#masked.values());
    const predictions = await Promise.all(this.#predictions.values());
    this.#masked.clear();
    this.#predictions.clear();
    for (const session of [...masked.map((one) => one.session), ...predictions])
      await session.dispose();
  }

  /** One run of the training graph; all batches of one size. */
  async #run(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    const { optimizer, seed } = this.#options;
    const size = batches[0]?.size ?? 0;
    const { session, masks } = await this.#maskedSession('training', size, batches.length);
    const feeds = this.#current.tensors('inputs');
    batches.forEach((batch, i) => {
      Object.assign(feeds, this.#batchFeeds(batch, i));
      masks.drawInto(feeds, seed, this.#step + i, i);
      feeds[ofStep('rate', i)] = {
        dtype: 'float32',
        shape: [],
        data: Float32Array.of(stepRate(optimizer, this.#step + i + 1)),
      };
    });
    const results = await session.run(feeds, this.#next.tensors('outputs'));
    [this.#current, this.#next] = [this.#next, this.#current];
    this.#step += batches.length;
    return batches.map((_, i) => resultOf(results, i));
  }

  #imageTensor(images: ImageArray, n: number): TensorValue {
    const { rows, columns, channels } = this.#options.network.input;
    const shape = [n, rows, columns, channels];
    return types.isUint8Array(images)
      ? { dtype: 'uint8', shape, data: images }
      : { dtype: 'float32', shape, data: images };
  }

  #batchFeeds({ images, labels, size }: Batch, step: number): Record<string, TensorValue> {
    const pixels = images.subarray(0, size * featureCount(this.#options.network.input));
    return {
      [ofStep('images', step)]: this.#imageTensor(pixels, size),
      [ofStep('labels', step)]: { dtype: 'uint8', shape: [size], data: labels.subarray(0, size) },
    };
  }

  #maskedSession(
    kind: 'training' | 'gradients',
    batch: number,
    steps: number,
  ): Promise<MaskedSession> {
    const { network, optimizer } = this.#options;
    const create = async (): Promise<MaskedSession> => {
      const options = this.#graphOptions(batch);
      const graph: MaskedGraph =
        kind === 'training'
          ? trainingGraph(network, options, optimizer, steps)
          : gradientGraph(network, options);
      const masks = new MaskBuffers(network, batch, this.#block, steps, graph.masks);
      return { session: await this.#session(graph.model), masks };
    };
    return remembered(this.#masked, `${kind} ${batch} x ${steps}`, create);
  }

  #predictionSession(batch: number): Promise<OnnxSession> {
    return remembered(this.#predictions, batch, () =>
      this.#session(predictionGraph(this.#options.network, this.#graphOptions(batch))),
    );
  }

  #graphOptions(batch: number): GraphOptions {
    const { images, scale, rewrites } = this.#options;
    return {
      batch,
      block: this.#block,
      images: { dtype: images, scale: scale ?? defaultScale(images) },
      ...(rewrites === undefined ? {} : { rewrites }),
    };
  }

  #session(model: OnnxModel): Promise<OnnxSession> {
    const { threads } = this.#options;
    const options: SessionOptions = threads === undefined ? {} : { threads };
    return OnnxSession.create(model, options);
  }
}

function remembered<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function resultOf(outputs: Readonly<Record<string, TensorValue>>, step: number): StepResult {
  const number = (name: string): number => Number(outputs[ofStep(name, step)]?.data[0] ?? NaN);
  return { loss: number('loss'), correct: number('correct') };
}
