/**
 * The study's formula, |q|^2 - 2 q.t + |t|^2, as one matrix product without a loop, on TensorFlow.js in float32.
 *
 * It is not exact: squared distances of bytes pass 2^24, the last integer that float32 holds, so results are off by a
 * few units and neighbours that are nearly as far may change places. Searches re-rank; who uses the kernel alone
 * should know. It runs on whatever backend TensorFlow.js has at that moment (`tf.setBackend`).
 */
import { types } from 'node:util';
import type * as TensorFlow from '@tensorflow/tfjs';

import type { CheckedMatrix } from '../matrix.ts';
import { refuseOutput } from './kernel.ts';
import type { CheckedKernel, CheckedPreparedKernel } from './kernel.ts';
import { missing } from './peers.ts';
import { float32Error } from './rounding.ts';

/** Backends whose products are float32 throughout; the others may round inputs (TF32, half floats). */
const FULL_FLOAT32 = new Set(['cpu', 'wasm']);

/** The kernel `expanded`. Its output is float32. TensorFlow.js is loaded when it is prepared, not before. */
export function expandedKernel(): CheckedKernel {
  return { id: 'expanded', prepare };
}

async function prepare(train: CheckedMatrix): Promise<CheckedPreparedKernel> {
  const tf = await import('@tensorflow/tfjs').catch(missing('expanded', '@tensorflow/tfjs'));
  await tf.ready();
  quietFirstUse(tf);
  const backend = tf.getBackend();
  const { rows, columns } = train;
  const t = tf.tensor2d(Float32Array.from(train.data), [rows, columns]);
  const tt = tf.tidy(() => tf.sum(tf.square(t), 1));
  const kernel: CheckedPreparedKernel = {
    id: 'expanded',
    path: `one float32 matrix product, tfjs ${tf.version_core}, backend ${backend}`,
    rows,
    columns,
    output: 'float32',
    relativeError: float32Error(columns) + (FULL_FLOAT32.has(backend) ? 0 : 2 ** -9),
    squaredDistancesInto: async (queries, out) => {
      if (!types.isFloat32Array(out) || out.length !== queries.rows * rows)
        refuseOutput(kernel, queries, out);
      const distances = tf.tidy(() => {
        const q = tf.tensor2d(Float32Array.from(queries.data), [queries.rows, columns]);
        const qq = tf.sum(tf.square(q), 1, true);
        return tf.add(tf.sub(qq, tf.mul(2, tf.matMul(q, t, false, true))), tt);
      });
      try {
        out.set(await distances.data<'float32'>());
      } finally {
        distances.dispose();
      }
    },
    dispose: () => {
      tf.dispose([t, tt]);
      return Promise.resolve();
    },
  };
  return kernel;
}

/** The plain JavaScript backend prints an advertisement at its first use unless this flag is up. */
function quietFirstUse(tf: typeof TensorFlow): void {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  tf.scalar(0).dispose();
  tf.env().set('PROD', before);
}
