/**
 * |q|^2 - 2 q.t + |t|^2 on TensorFlow, on the CPU or an NVIDIA GPU. Bytes stay the integers they are: they and their
 * doubles have at most 9 bits, which TF32 holds, so a GPU that rounds the inputs of products rounds nothing here. Only
 * sums round, as float32 does; a search measures again what that leaves in doubt.
 */
import { types } from 'node:util';
import type { Tensorflow, TensorId } from '@fashion-bench/tensorflow';

import { isBytes, squaredNorms } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import { refuseOutput } from './kernel.ts';
import type { CheckedKernel, CheckedPreparedKernel } from './kernel.ts';
import { missing } from './peers.ts';
import { float32Error } from './rounding.ts';

export interface TensorflowKernelOptions {
  readonly device: 'cpu' | 'gpu';
  /** TensorFlow's own choice when left out. */
  readonly threads?: number | undefined;
}

/** Inputs rounded to 11 significant bits: 2^-11 for each of two factors, doubled for safety. */
const TF32_ERROR = 2 ** -9;

/** The kernels `tensorflow` and `tensorflow-gpu`. Their output is float32. TensorFlow is loaded when one is prepared. */
export function tensorflowKernel(options: TensorflowKernelOptions): CheckedKernel {
  const id = options.device === 'gpu' ? 'tensorflow-gpu' : 'tensorflow';
  return { id, prepare: (train) => prepare(id, train, options) };
}

async function prepare(
  id: 'tensorflow' | 'tensorflow-gpu',
  train: CheckedMatrix,
  { device, threads }: TensorflowKernelOptions,
): Promise<CheckedPreparedKernel> {
  const { attribute, loadTensorflow } = await import('@fashion-bench/tensorflow').catch(
    missing(id, '@fashion-bench/tensorflow @tensorflow/tfjs-node-gpu'),
  );
  const tf = loadTensorflow({ device, ...(threads !== undefined && { threads }) });
  const T = attribute.type('float32');
  const add = tf.operation('AddV2', { T });
  const product = tf.operation('MatMul', {
    T,
    transpose_a: attribute.bool(false),
    transpose_b: attribute.bool(true),
  });
  const { rows, columns } = train;
  const t = tf.tensor(Float32Array.from(train.data), [rows, columns]);
  const tt = tf.tensor(Float32Array.from(squaredNorms(train)), [rows]);
  const roundsInputs = tf.gpu && !isBytes(train);
  const kernel: CheckedPreparedKernel = {
    id,
    path: `one float32 matrix product, TensorFlow ${tf.version}, ${tf.gpu ? 'GPU' : 'CPU'}`,
    rows,
    columns,
    output: 'float32',
    relativeError: float32Error(columns) + (roundsInputs ? TF32_ERROR : 0),
    squaredDistancesInto: (queries, out) =>
      new Promise((resolve) => {
        if (!types.isFloat32Array(out) || out.length !== queries.rows * rows)
          refuseOutput(kernel, queries, out);
        tf.scope(() => {
          const q = tf.tensor(minusTwice(queries), [queries.rows, columns]);
          const qq = tf.tensor(Float32Array.from(squaredNorms(queries)), [queries.rows, 1]);
          out.set(tf.readFloats(add(add(product(q, t), tt), qq)));
        });
        resolve();
      }),
    dispose: () => {
      free(tf, [t, tt]);
      return Promise.resolve();
    },
  };
  return kernel;
}

function minusTwice({ data }: Matrix): Float32Array {
  return Float32Array.from(data, (value) => -2 * value);
}

function free(tf: Tensorflow, ids: readonly TensorId[]): void {
  for (const id of ids) tf.free(id);
}
