/** A model file of any kind, told by its content, as something that gives probabilities. */
import { basename, dirname } from 'node:path';
import { types } from 'node:util';
import { OnnxSession, SessionError } from '@fashion-bench/onnx';
import * as tf from '@tensorflow/tfjs';
import { checkImages, checkPath } from './checks.ts';
import { ModelFileError } from './errors.ts';
import { isFolder, readHead } from './files.ts';
import type { Hdf5Reader } from './keras/hdf5-thread.ts';
import { loadKeras } from './keras/load-keras.ts';
import { loadKerasH5 } from './keras/load-keras-h5.ts';
import { partsOf } from './layers/model.ts';
import { endsInLogits } from './layers/topology.ts';
import { loadOnnx } from './onnx/load-onnx.ts';
import { ONNX_INPUT, ONNX_OUTPUT } from './onnx/names.ts';
import { HEAD_BYTES, recognize } from './recognize.ts';
import { loadModel, loadModelFile } from './tfjs/load-model.ts';
import { MODEL_JSON } from './tfjs/model-json.ts';

export type ModelFormat = 'keras' | 'keras-h5' | 'onnx' | 'tfjs';

export interface Classifier {
  readonly format: ModelFormat;
  /** Of one image: [rows, columns, channels], or [units]. */
  readonly input: readonly number[];
  readonly classes: number;
  /** Where the file has them; only ONNX files do. */
  readonly classNames: readonly string[] | undefined;
  /**
   * @param images row-major, [n, ...input]; this project's networks take pixels / 255
   * @returns probabilities, [n, classes]: what the last layer gives, through a softmax where it is linear (logits)
   * @throws ModelFileError 'argument' where the images are not n; 'corrupt' where the weights, though finite, lead to
   * NaN or infinity
   */
  predict(images: Float32Array, n: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Opens a .keras or .h5 file of Keras, an .onnx file of `exportOnnx`, or a folder of TensorFlow.js (or its model.json). Which of
 * them it is, the content says, not the name. Keras and TensorFlow.js models run in TensorFlow.js, ONNX in onnxruntime.
 *
 * @param read how HDF5 is read; by default in a thread for this one file.
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported' (more arithmetic than a minute's, too), 'permission',
 * 'disk'.
 */
export async function openClassifier(path: string, read?: Hdf5Reader): Promise<Classifier> {
  checkPath(path);
  switch (await kindOf(path)) {
    case 'onnx':
      return onnxClassifier(path);
    case 'keras-h5':
      return tensorflowClassifier((await loadKerasH5(path, read)).model, 'keras-h5', path);
    case 'keras':
      return tensorflowClassifier((await loadKeras(path)).model, 'keras', path);
    case 'json':
      return tensorflowClassifier(await loadModelFile(dirname(path), basename(path)), 'tfjs', path);
    case 'folder':
      return tensorflowClassifier(await loadModel(path), 'tfjs', path);
  }
}

/** @throws ModelFileError 'unsupported' for a kind of file that is known and not read. */
async function kindOf(path: string): Promise<'keras' | 'keras-h5' | 'json' | 'onnx' | 'folder'> {
  const hint = `give a .keras, .h5 or .onnx file, or a folder with ${MODEL_JSON}`;
  if (await isFolder(path)) return 'folder';
  const found = recognize(await readHead(path, HEAD_BYTES, hint));
  if (found.kind !== 'foreign') return found.kind;
  throw new ModelFileError('unsupported', `${path} ${found.words}.`);
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

function tensorflowClassifier(
  model: tf.LayersModel,
  format: ModelFormat,
  path: string,
): Classifier {
  const sizes = (shape: unknown): number[] =>
    (Array.isArray(shape) ? shape : []).slice(1).map(Number);
  const input = sizes(model.inputs[0]?.shape);
  const output = sizes(model.outputs[0]?.shape);
  const [classes] = output;
  if (classes === undefined || output.length > 1) {
    model.dispose();
    throw new ModelFileError(
      'unsupported',
      `The model in ${path} is no classifier: its output has the shape [${output.join(', ')}].`,
    );
  }
  const logits = endsInLogits(partsOf(model).topology);
  return {
    ...{ format, input, classes, classNames: undefined },
    predict: (data, n) =>
      new Promise((resolve) => {
        checkImages(data, n, input);
        const probabilities = tf.tidy(() => {
          const predicted = model.predict(tf.tensor(data, [n, ...input]));
          if (Array.isArray(predicted)) return undefined;
          return (logits ? predicted.softmax() : predicted).dataSync<'float32'>();
        });
        resolve(checked(probabilities, n * classes, path));
      }),
    dispose: () => {
      model.dispose();
      return Promise.resolve();
    },
  };
}

function checked(data: unknown, length: number, path: string): Float32Array {
  if (types.isFloat32Array(data) && data.length === length && data.every(Number.isFinite)) {
    return data;
  }
  throw new ModelFileError(
    'corrupt',
    `The model in ${path} makes NaN or infinity of an image: its weights are too large; train it anew with a lower learning rate.`,
  );
}
