/**
 * Trainer on onnxruntime's WebGPU provider. Weights, moments and the training set stay on the device; a run takes several
 * steps, and brings back one loss and one count for each. No node may run on the CPU: such a graph is refused.
 */
import { types } from 'node:util';
import {
  DeviceSession,
  type DeviceFeeds,
  type DeviceTensor,
  type TensorValue,
} from '@fashion-bench/onnx';
import { DropoutMask } from '../trainer/dropout-masks.ts';
import { TrainingError } from '../errors.ts';
import { featureCount } from '../network/network.ts';
import { classesOnly } from '../network/refused.ts';
import { dropoutLayers } from '../graph/graph-options.ts';
import {
  stepInputs,
  stepValue,
  withLearningRate,
  type OptimizerConfig,
} from '../trainer/optimizer.ts';
import {
  defaultScale,
  oneByOne,
  type Batch,
  type ImageArray,
  type Labels,
  type ResidentTrainer,
  type StepResult,
  type TrainerOptions,
  type TrainerState,
} from '../trainer/trainer.ts';
import { predictInParts } from '../trainer/prediction.ts';
import { inRuns } from '../trainer/runs.ts';
import { initialState } from '../trainer/state.ts';
import { Sessions } from '../graph/sessions.ts';
import { DeviceSet } from './device-set.ts';
import { DeviceState } from './device-state.ts';
import { stepKey } from './dropout-hash.ts';
import { gradientGraph, predictionGraph, stepsGraph, type DeviceGraphOptions } from './graphs.ts';

export interface WebgpuTrainerOptions extends TrainerOptions {
  /**
   * `fed` takes the masks of the engines on the processor instead of making its own on the device, one step a run: for tests,
   * in which the same elements must be dropped. Default `hashed`.
   */
  readonly dropout?: 'hashed' | 'fed';
  /** Steps of one run, for tests; by the batch size when left out. */
  readonly stepsPerRun?: number;
}

/** Images of one run: enough for a run to be long against its start and the reading of its figures. */
const IMAGES_AT_ONCE = 2048;
const MOST_STEPS = 16;

export class WebgpuTrainer implements ResidentTrainer {
  readonly stepsPerRun: number;
  readonly #options: WebgpuTrainerOptions;
  readonly #state: DeviceState;
  readonly #masks: readonly DropoutMask[];
  readonly #sessions = new Sessions<DeviceSession>();
  #set: DeviceSet | undefined;
  #step = 0;
  #optimizer: OptimizerConfig;

  private constructor(options: WebgpuTrainerOptions) {
    const { network, batchSize, dropout } = options;
    const { weights, slots } = initialState(options);
    this.#options = options;
    this.#optimizer = options.optimizer;
    this.#state = new DeviceState([weights, ...slots]);
    this.#masks =
      dropout === 'fed'
        ? dropoutLayers(network).map(
            (layer) => new DropoutMask(batchSize * featureCount(layer.input), layer.rate),
          )
        : [];
    const fitting = Math.max(1, Math.min(MOST_STEPS, Math.floor(IMAGES_AT_ONCE / batchSize)));
    this.stepsPerRun = dropout === 'fed' ? 1 : (options.stepsPerRun ?? fitting);
  }

  /** Graphs are compiled when first used. */
  static create(options: WebgpuTrainerOptions): Promise<WebgpuTrainer> {
    return Promise.resolve(new WebgpuTrainer(options));
  }

  async load(images: ImageArray, labels: Labels): Promise<void> {
    await this.#set?.dispose();
    this.#set = undefined;
    this.#set = await DeviceSet.upload(images, classesOnly('onnx-webgpu', labels));
  }

  steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    return oneByOne(this, batches);
  }

  async stepsByIndex(batches: readonly Uint32Array[]): Promise<readonly StepResult[]> {
    const set = this.#set;
    if (!set) throw new TrainingError('No training set was loaded.');
    const source = { set: set.images, labels: set.labels };
    const sizeOf = ({ length }: Uint32Array): number => length;
    return inRuns(batches, this.stepsPerRun, sizeOf, (run) => this.#run(source, run));
  }

  async step(batch: Batch): Promise<StepResult> {
    const [result] = await this.#run(this.#sourceOf(batch), [everyIndex(batch.size)]);
    if (!result) throw new Error('a step gave no result');
    return result;
  }

  async gradients(batch: Batch): Promise<{ readonly gradients: Float32Array } & StepResult> {
    const session = await this.#session('gradients', batch.size, 1);
    const { weights } = this.#state.feeds();
    const { host } = await session.run({
      ...(weights ? { weights } : {}),
      ...this.#batchFeeds(this.#sourceOf(batch), [everyIndex(batch.size)]),
    });
    const [result] = resultsOf(host['losses'], host['correct']);
    const gradients = host['gradients']?.data;
    if (!result || !(gradients instanceof Float32Array)) throw new Error('no gradients came back');
    return { gradients, ...result };
  }

  predict(images: ImageArray, count: number): Promise<Float32Array> {
    return predictInParts(this.#options.network, images, count, async (part, n, probabilities) => {
      const session = await this.#session('prediction', n, 1);
      const { weights } = this.#state.feeds();
      const { host } = await session.run({
        ...(weights ? { weights } : {}),
        images: imageTensor(part, n),
      });
      const data = host['probabilities']?.data;
      if (!(data instanceof Float32Array)) throw new Error('no probabilities came back');
      probabilities.set(data);
    });
  }

  async state(): Promise<TrainerState> {
    const [weights = new Float32Array(0), ...slots] = await this.#state.read();
    return { weights, slots, step: this.#step };
  }

  restore({ weights, slots, step }: TrainerState): void {
    this.#state.set([weights, ...slots]);
    this.#step = step;
  }

  setLearningRate(learningRate: number): void {
    this.#optimizer = withLearningRate(this.#optimizer, learningRate);
  }

  async dispose(): Promise<void> {
    await this.#set?.dispose();
    this.#set = undefined;
    await this.#state.dispose();
    await this.#sessions.dispose();
  }

  async #run(source: Source, batches: readonly Uint32Array[]): Promise<StepResult[]> {
    const optimizer = this.#optimizer;
    const count = batches.length;
    const session = await this.#session('steps', batches[0]?.length ?? 0, count);
    const values = stepInputs(optimizer).map((name): [string, TensorValue] => {
      const data = Float32Array.from(batches, (_, i) =>
        stepValue(name, optimizer, this.#step + 1 + i),
      );
      return [`${name}s`, { dtype: 'float32', shape: [count], data }];
    });
    const results = await session.run({
      ...this.#state.feeds(),
      ...this.#batchFeeds(source, batches),
      ...Object.fromEntries(values),
    });
    this.#state.replace(results);
    this.#step += count;
    return resultsOf(results.host['losses'], results.host['correct']);
  }

  /** Everything that the gradients of these batches need but the weights. */
  #batchFeeds(source: Source, batches: readonly Uint32Array[]): DeviceFeeds {
    const { network, seed } = this.#options;
    const [{ length: n } = new Uint32Array(0)] = batches;
    const indices = new Int32Array(batches.length * n);
    batches.forEach((batch, i) => {
      indices.set(batch, i * n);
    });
    const feeds: Record<string, TensorValue | DeviceTensor> = {
      ...source,
      indices: { dtype: 'int32', shape: [indices.length], data: indices },
    };
    const layers = dropoutLayers(network);
    if (this.#options.dropout === 'fed') {
      this.#masks.forEach((mask, i) => {
        mask.draw(seed, i, this.#step);
        const { rows = 0, columns = 0, channels = 0 } = layers[i]?.input ?? {};
        const shape = [n, rows, columns, channels];
        const data = mask.values.subarray(0, n * rows * columns * channels);
        feeds[`mask${i}`] = { dtype: 'float32', shape, data };
      });
    } else if (layers.length > 0) {
      const keys = Uint32Array.from(batches, (_, i) => stepKey(seed, this.#step + i));
      feeds['keys'] = { dtype: 'uint32', shape: [batches.length], data: keys };
    }
    return feeds;
  }

  #sourceOf({ images, labels, size }: Batch): Source {
    const classes = classesOnly('onnx-webgpu', labels);
    const pixels = featureCount(this.#options.network.input);
    return {
      set: imageTensor(images.subarray(0, size * pixels), size),
      labels: { dtype: 'int32', shape: [size], data: Int32Array.from(classes.subarray(0, size)) },
    };
  }

  #session(kind: keyof typeof READ_BACK, batch: number, count: number): Promise<DeviceSession> {
    const { network, optimizer, images, scale, dropout = 'hashed' } = this.#options;
    const graph: DeviceGraphOptions = {
      ...{ batch, dropout },
      images: { dtype: images, scale: scale ?? defaultScale(images) },
    };
    const graphs = {
      steps: () => stepsGraph(network, graph, optimizer, count),
      gradients: () => gradientGraph(network, graph),
      prediction: () => predictionGraph(network, graph),
    };
    return this.#sessions.get(`${kind} ${batch} ${count}`, () =>
      DeviceSession.create(graphs[kind](), { host: READ_BACK[kind] }),
    );
  }
}

/** What a run brings back to the processor. */
const READ_BACK = {
  steps: ['losses', 'correct'],
  gradients: ['gradients', 'losses', 'correct'],
  prediction: ['probabilities'],
};

/** Where a batch comes from: a set on the device, or images that are fed. */
interface Source {
  readonly set: TensorValue | DeviceTensor;
  readonly labels: TensorValue | DeviceTensor;
}

function everyIndex(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

function imageTensor(images: ImageArray, n: number): TensorValue {
  const shape = [n, images.length / n];
  return types.isUint8Array(images)
    ? { dtype: 'uint8', shape, data: images }
    : { dtype: 'float32', shape, data: images };
}

function resultsOf(losses?: TensorValue, correct?: TensorValue): StepResult[] {
  const counts = correct?.data;
  if (!(losses?.data instanceof Float32Array) || !(counts instanceof Float32Array)) {
    throw new Error('no losses came back');
  }
  return Array.from(losses.data, (loss, i) => ({ loss, correct: counts[i]! }));
}
