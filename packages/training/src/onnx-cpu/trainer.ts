/**
 * Trainer on onnxruntime: one compiled graph per batch size (the last batch of an epoch may be smaller) and number of steps.
 * A run of several steps hands weights and moments from one to the next inside the graph; outside they live in two sets of
 * buffers that change roles at every run: onnxruntime reads one set in place, and its results go to the other. (The
 * binding of onnxruntime-node 1.30 still makes a copy of each output on the way.)
 */
import { types } from 'node:util';
import { OnnxSession, type TensorValue } from '@fashion-bench/onnx';
import { featureCount } from '../network/network.ts';
import {
  slotCount,
  stepInputs,
  stepValue,
  withLearningRate,
  type OptimizerConfig,
} from '../trainer/optimizer.ts';
import {
  defaultScale,
  type Batch,
  type ImageArray,
  type Labels,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from '../trainer/trainer.ts';
import { predictInParts } from '../trainer/prediction.ts';
import { inRuns } from '../trainer/runs.ts';
import { copyOfState } from '../trainer/state.ts';
import { detectBlockSize } from './blocked/block-size.ts';
import { ofStep, type GraphOptions } from '../graph/graph-options.ts';
import { Sessions } from '../graph/sessions.ts';
import { gradientGraph, predictionGraph, trainingGraph } from './graphs.ts';
import { MaskBuffers } from './mask-buffers.ts';
import { StateBuffers } from './state-buffers.ts';
import { grouped, type GroupedNetwork } from './weight-groups.ts';

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

interface CompiledGraph {
  readonly session: OnnxSession;
  readonly masks: MaskBuffers;
  dispose(): Promise<void>;
}

export class OnnxTrainer implements Trainer {
  readonly stepsPerRun: number;
  readonly #options: OnnxTrainerOptions;
  readonly #network: GroupedNetwork;
  readonly #block: number;
  readonly #graphs = new Sessions<CompiledGraph>();
  #current: StateBuffers;
  #next: StateBuffers;
  #step = 0;
  #optimizer: OptimizerConfig;

  private constructor(options: OnnxTrainerOptions, block: number) {
    const { batchSize, optimizer, weights } = options;
    const network = grouped(options.network);
    this.#options = options;
    this.#optimizer = optimizer;
    this.#network = network;
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

  steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    const sizeOf = ({ size }: Batch): number => size;
    return inRuns(batches, this.stepsPerRun, sizeOf, (run) => this.#run(run));
  }

  async gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    const { parameters } = this.#network;
    const { session, masks } = await this.#compiled('gradients', batch.size, 1, batch.labels);
    const feeds = { ...this.#current.weightTensors(), ...this.#batchFeeds(batch, 0) };
    masks.drawInto(feeds, this.#options.seed, this.#step, 0);
    const gradients = new Float32Array(parameters);
    const into: TensorValue = { dtype: 'float32', shape: [parameters], data: gradients };
    const results = await session.run(feeds, { gradients: into });
    return { gradients, ...resultOf(results, 0) };
  }

  predict(images: ImageArray, count: number): Promise<Float32Array> {
    const network = this.#network;
    return predictInParts(network, images, count, async (part, n, data) => {
      const { session } = await this.#compiled('prediction', n, 0);
      const feeds = {
        ...this.#current.weightTensors(),
        [ofStep('images', 0)]: this.#imageTensor(part, n),
      };
      const into: TensorValue = { dtype: 'float32', shape: [n, network.classes], data };
      await session.run(feeds, { probabilities: into });
    });
  }

  state(): Promise<TrainerState> {
    const { weights, slots } = this.#current;
    return Promise.resolve(copyOfState({ weights, slots, step: this.#step }));
  }

  restore(state: TrainerState): void {
    const { weights, slots } = this.#current;
    weights.set(state.weights);
    slots.forEach((slot, i) => {
      slot.set(state.slots[i] ?? []);
    });
    this.#step = state.step;
  }

  setLearningRate(learningRate: number): void {
    this.#optimizer = withLearningRate(this.#optimizer, learningRate);
  }

  dispose(): Promise<void> {
    return this.#graphs.dispose();
  }

  /** One run of the training graph; all batches of one size. */
  async #run(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    const { seed } = this.#options;
    const optimizer = this.#optimizer;
    const size = batches[0]?.size ?? 0;
    const { session, masks } = await this.#compiled(
      'training',
      size,
      batches.length,
      batches[0]?.labels,
    );
    const feeds = this.#current.tensors('inputs');
    batches.forEach((batch, i) => {
      Object.assign(feeds, this.#batchFeeds(batch, i));
      masks.drawInto(feeds, seed, this.#step + i, i);
      const t = this.#step + i + 1;
      for (const name of stepInputs(optimizer)) {
        feeds[ofStep(name, i)] = scalar(stepValue(name, optimizer, t));
      }
    });
    const results = await session.run(feeds, this.#next.tensors('outputs'));
    [this.#current, this.#next] = [this.#next, this.#current];
    this.#step += batches.length;
    return batches.map((_, i) => resultOf(results, i));
  }

  #imageTensor(images: ImageArray, n: number): TensorValue {
    const { rows, columns, channels } = this.#network.input;
    const shape = [n, rows, columns, channels];
    return types.isUint8Array(images)
      ? { dtype: 'uint8', shape, data: images }
      : { dtype: 'float32', shape, data: images };
  }

  #batchFeeds({ images, labels, size }: Batch, step: number): Record<string, TensorValue> {
    const pixels = images.subarray(0, size * featureCount(this.#network.input));
    return {
      [ofStep('images', step)]: this.#imageTensor(pixels, size),
      ...this.#labelFeed(labels, size, step),
    };
  }

  #labelFeed(labels: Labels, size: number, step: number): Record<string, TensorValue> {
    if (types.isUint8Array(labels)) {
      const data = labels.subarray(0, size);
      return { [ofStep('labels', step)]: { dtype: 'uint8', shape: [size], data } };
    }
    const { classes } = this.#network;
    const data = labels.subarray(0, size * classes);
    return { [ofStep('targets', step)]: { dtype: 'float32', shape: [size, classes], data } };
  }

  /** @param steps 0 for a prediction */
  #compiled(
    kind: 'training' | 'gradients' | 'prediction',
    batch: number,
    steps: number,
    labels?: Labels,
  ): Promise<CompiledGraph> {
    const network = this.#network;
    const { optimizer, threads, images, scale, rewrites } = this.#options;
    const options: GraphOptions = {
      batch,
      block: this.#block,
      labels: types.isFloat32Array(labels) ? 'targets' : 'classes',
      images: { dtype: images, scale: scale ?? defaultScale(images) },
      ...(rewrites === undefined ? {} : { rewrites }),
    };
    const graphs = {
      training: () => trainingGraph(network, options, optimizer, steps),
      gradients: () => gradientGraph(network, options),
      prediction: () => ({ model: predictionGraph(network, options), masks: [] }),
    };
    return this.#graphs.get(`${kind} ${batch} x ${steps} ${options.labels}`, async () => {
      const graph = graphs[kind]();
      const masks = new MaskBuffers(network, batch, this.#block, steps, graph.masks);
      const session = await OnnxSession.create(
        graph.model,
        threads === undefined ? {} : { threads },
      );
      return { session, masks, dispose: () => session.dispose() };
    });
  }
}

function scalar(value: number): TensorValue {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

function resultOf(outputs: Readonly<Record<string, TensorValue>>, step: number): StepResult {
  const number = (name: string): number => Number(outputs[ofStep(name, step)]?.data[0] ?? NaN);
  return { loss: number('loss'), correct: number('correct') };
}
