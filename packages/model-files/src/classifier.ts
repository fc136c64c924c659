/** A model file of any kind, told by its content, as something that gives probabilities. */
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { OnnxSession, SessionError } from '@fashion-bench/onnx';
import * as tf from '@tensorflow/tfjs';
import { fileError, ModelFileError, systemCode } from './errors.ts';
import { HDF5_MAGIC } from './keras/keras-file.ts';
import type { Hdf5Reader } from './keras/hdf5-thread.ts';
import { loadKerasH5 } from './keras/load-keras-h5.ts';
import { MAX_WORK } from './layers/limits.ts';
import { elements } from './layers/topology.ts';
import { loadOnnx } from './onnx/load-onnx.ts';
import { ONNX_INPUT, ONNX_OUTPUT } from './onnx/names.ts';
import { loadModel } from './tfjs/load-model.ts';
import { MODEL_JSON } from './tfjs/model-json.ts';

export type ModelFormat = 'keras-h5' | 'onnx' | 'tfjs';

export interface Classifier {
  readonly format: ModelFormat;
  /** Of one image: [rows, columns, channels], or [units]. */
  readonly input: readonly number[];
  readonly classes: number;
  /** Where the file has them; only ONNX files do. */
  readonly classNames: readonly string[] | undefined;
  /**
   * @param images row-major, [n, ...input]; this project's networks take pixels / 255
   * @returns probabilities, [n, classes]
   * @throws RangeError where the images are not n; ModelFileError 'corrupt' where the weights, though finite, lead to
   * NaN or infinity
   */
  predict(images: Float32Array, n: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Opens an .h5 file of Keras, an .onnx file of `exportOnnx`, or a folder of TensorFlow.js (or its model.json). Which of
 * them it is, the content says, not the name. Keras and TensorFlow.js models run in TensorFlow.js, ONNX in onnxruntime.
 *
 * @param read how HDF5 is read; by default in a thread for this one file.
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported' (more arithmetic than a minute's, too), 'permission',
 * 'disk'.
 */
export async function openClassifier(path: string, read?: Hdf5Reader): Promise<Classifier> {
  const format = await formatOf(path);
  if (format === 'onnx') return onnxClassifier(path);
  if (format === 'keras-h5') {
    return tensorflowClassifier((await loadKerasH5(path, read)).model, format, path);
  }
  const folder = basename(path) === MODEL_JSON ? dirname(path) : path;
  return tensorflowClassifier(await loadModel(folder), format, path);
}

async function formatOf(path: string): Promise<ModelFormat> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'tfjs';
    if (found.isFile()) {
      const handle = await open(path);
      const { buffer: head } = await handle
        .read(Buffer.alloc(HDF5_MAGIC.length), 0, HDF5_MAGIC.length, 0)
        .finally(() => handle.close());
      if (HDF5_MAGIC.every((byte, i) => head[i] === byte)) return 'keras-h5';
      if (basename(path) === MODEL_JSON) return 'tfjs';
    }
    return 'onnx';
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, 'read', path);
    throw new ModelFileError(
      'not-found',
      `${path} does not exist; give an .h5 or .onnx file, or a folder with ${MODEL_JSON}.`,
      { cause: error },
    );
  }
}

async function onnxClassifier(path: string): Promise<Classifier> {
  const { model, input, classes, classNames } = await loadOnnx(path);
  const session = await ran(path, () =>
    OnnxSession.create(model, { threads: 1, memoryArena: false }),
  );
  return {
    format: 'onnx',
    ...{ input, classes, classNames },
    predict: async (data, n) => {
      checkImages(data, n, input);
      const feed = { dtype: 'float32', shape: [n, ...input], data } as const;
      const { [ONNX_OUTPUT]: output } = await ran(path, () => session.run({ [ONNX_INPUT]: feed }));
      return checked(output?.data, n * classes, path);
    },
    dispose: () => session.dispose(),
  };
}

/** onnxruntime's refusals, which the checks of the file should have come before, in this package's words. */
async function ran<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    throw new ModelFileError('unsupported', `${path} cannot be run: ${error.message}`, {
      cause: error,
    });
  }
}

function tensorflowClassifier(model: tf.Sequential, format: ModelFormat, path: string): Classifier {
  const sizes = (shape: unknown): number[] =>
    (Array.isArray(shape) ? shape : []).slice(1).map(Number);
  const input = sizes(model.inputs[0]?.shape);
  const output = sizes(model.outputs[0]?.shape);
  const work = model.layers.reduce((sum, layer) => {
    // A kernel is used once for every place of the output.
    const kernel = elements(layer.weights[0]?.shape.map(Number) ?? [1]);
    const shape = sizes(layer.outputShape);
    return sum + kernel * elements(shape.slice(0, -1)) + elements(shape);
  }, 0);
  const [classes] = output;
  if (work > MAX_WORK || classes === undefined || output.length > 1) {
    model.dispose();
    throw new ModelFileError(
      'unsupported',
      `The model in ${path} ${work > MAX_WORK ? 'takes more arithmetic than is allowed here' : `is no classifier: its output has the shape [${output.join(', ')}]`}.`,
    );
  }
  return {
    ...{ format, input, classes, classNames: undefined },
    predict: (data, n) =>
      new Promise((resolve) => {
        checkImages(data, n, input);
        const probabilities = tf.tidy(() => {
          const predicted = model.predict(tf.tensor(data, [n, ...input]));
          return Array.isArray(predicted) ? undefined : predicted.dataSync<'float32'>();
        });
        resolve(checked(probabilities, n * classes, path));
      }),
    dispose: () => {
      model.dispose();
      return Promise.resolve();
    },
  };
}

function checkImages(images: Float32Array, n: number, input: readonly number[]): void {
  if (images.length === n * elements(input)) return;
  throw new RangeError(
    `${images.length} numbers are not ${n} images of the shape [${input.join(', ')}].`,
  );
}

function checked(data: unknown, length: number, path: string): Float32Array {
  if (data instanceof Float32Array && data.length === length && data.every(Number.isFinite)) {
    return data;
  }
  throw new ModelFileError(
    'corrupt',
    `The model in ${path} makes NaN or infinity of an image: its weights are too large; train it anew with a lower learning rate.`,
  );
}
