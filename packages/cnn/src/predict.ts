/** Class probabilities of a model, computed on an engine. */
import { types } from 'node:util';
import { OnnxSession } from '@fashion-bench/onnx';
import { toOnnx } from '@fashion-bench/model-files';
import {
  createTrainer,
  networkOf,
  sgd,
  UnsupportedModelError,
  weightsOf,
  type ImageArray,
  type NetworkSpec,
  type TrainerEngine,
} from '@fashion-bench/training';
import type * as tf from '@tensorflow/tfjs';
import { checkEngine, checkOptions, countImages, isBytes } from './checks.ts';
import { CnnError } from './errors.ts';

export interface PredictOptions {
  readonly engine: TrainerEngine;
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
}

export const PREDICT_OPTIONS: readonly string[] = ['engine', 'threads'];

export interface Predictions {
  /** Row-major [n, classes]; every row sums to 1. */
  readonly probabilities: Float32Array;
  /** [n]: the class with the largest probability, the lowest one among equals. */
  readonly labels: Uint8Array;
}

/**
 * Predicts without dropout, in the calling thread.
 *
 * @param images [n, rows, columns, channels]: uint8 0..255, which the engine divides by 255, or float32, used as they are.
 * No images give no predictions.
 * @throws CnnError 'images' for images that do not fit the model, 'classes' for more than 256 classes, 'not-finite'
 * where the model gives NaN; 'options' for options that are none or do not exist; TrainingError for weights that are NaN or
 * infinite; ModelFileError 'unsupported' for layers that \@fashion-bench/model-files does not know.
 */
export async function predict(
  model: tf.LayersModel,
  images: ImageArray,
  options: PredictOptions,
): Promise<Predictions> {
  const predictor = predictorOf(model);
  const count = countImages(predictor, images);
  checkOptions(options, PREDICT_OPTIONS);
  const probabilities = await probabilitiesOf(predictor, images, count, options);
  return { probabilities, labels: argMax(probabilities, predictor.classes) };
}

/** What a model takes and gives, and how it is computed. */
export interface Predictor {
  /** Of one image. */
  readonly shape: readonly number[];
  readonly classes: number;
  readonly run: (
    images: ImageArray,
    count: number,
    options: PredictOptions,
  ) => Promise<Float32Array>;
}

/** @throws ModelFileError 'unsupported', or 'corrupt' for weights that are not finite */
export function predictorOf(model: tf.LayersModel): Predictor {
  try {
    const network = networkOf(model);
    const { rows, columns, channels } = network.input;
    return {
      shape: [rows, columns, channels],
      classes: network.classes,
      run: async (images, count, options) => {
        try {
          return await trainerPredicts(model, network, images, count, options);
        } catch (error) {
          // This engine lacks a layer.
          if (!(error instanceof UnsupportedModelError)) throw error;
          return exported(model).run(images, count, options);
        }
      },
    };
  } catch (error) {
    if (!(error instanceof UnsupportedModelError)) throw error;
    return exported(model);
  }
}

async function trainerPredicts(
  model: tf.LayersModel,
  network: NetworkSpec,
  images: ImageArray,
  count: number,
  { engine, threads }: PredictOptions,
): Promise<Float32Array> {
  const trainer = await createTrainer(engine, {
    network,
    weights: weightsOf(model),
    images: isBytes(images) ? 'uint8' : 'float32',
    // Nothing is trained: the optimizer without memory, the smallest batch.
    optimizer: sgd(),
    batchSize: 1,
    seed: 0,
    ...(threads !== undefined && { threads }),
  });
  try {
    return await trainer.predict(images, count);
  } finally {
    await trainer.dispose();
  }
}

/** Images that onnxruntime takes at once. */
const PREDICTION_BATCH = 250;

/** What the engine cannot train (regularized layers, say) is exported, and predicted by onnxruntime. */
function exported(model: tf.LayersModel): Predictor {
  const onnx = toOnnx(model);
  const shape = (onnx.inputs[0]?.shape ?? []).slice(1).map(Number);
  const classes = Number(onnx.outputs[0]?.shape.at(-1));
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    ...{ shape, classes },
    run: async (images, count, { engine, threads }) => {
      checkEngine(engine);
      const session = await OnnxSession.create(onnx, threads === undefined ? {} : { threads });
      const probabilities = new Float32Array(count * classes);
      try {
        for (let start = 0; start < count; start += PREDICTION_BATCH) {
          const n = Math.min(PREDICTION_BATCH, count - start);
          const part = images.subarray(start * size, (start + n) * size);
          const data = isBytes(part) ? Float32Array.from(part, (x) => x / 255) : part;
          const feed = { dtype: 'float32', shape: [n, ...shape], data } as const;
          const [output] = Object.values(await session.run({ [onnx.inputs[0]?.name ?? '']: feed }));
          if (types.isFloat32Array(output?.data)) probabilities.set(output.data, start * classes);
        }
        return probabilities;
      } finally {
        await session.dispose();
      }
    },
  };
}

/** [count, classes]; the images have been checked. */
export async function probabilitiesOf(
  predictor: Predictor,
  images: ImageArray,
  count: number,
  options: PredictOptions,
): Promise<Float32Array> {
  const { classes } = predictor;
  if (classes > 256) {
    throw new CnnError(
      'classes',
      `The model has ${classes} classes, but labels are bytes, which tell 256 apart.`,
    );
  }
  const probabilities = await predictor.run(images, count, options);
  const wrong = probabilities.findIndex((p) => !Number.isFinite(p));
  if (wrong < 0) return probabilities;
  throw new CnnError(
    'not-finite',
    `The model gives ${probabilities[wrong]!} for image ${Math.floor(wrong / classes)}; its weights or the pixels are too large or not numbers.`,
  );
}

/** Of each row of [n, classes] the position of its largest value, the first one among equals. */
export function argMax(probabilities: Float32Array, classes: number): Uint8Array {
  const labels = new Uint8Array(probabilities.length / classes);
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[i * classes + c]! > probabilities[i * classes + best]!) best = c;
    }
    labels[i] = best;
  }
  return labels;
}
