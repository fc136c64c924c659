/** The part of the kernel `exact` that needs onnxruntime. */
import { types } from 'node:util';
import type { OnnxModel, OnnxSession, TensorValue } from '@fashion-bench/onnx';
import { isBytes, isFloats, squaredNorms } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import { refuseOutput } from './kernel.ts';
import type { ByteProduct, CheckedPreparedKernel } from './kernel.ts';
import type { Onnx } from './peers.ts';
import { chooseProduct, productModel } from './product.ts';
import { float32Error } from './rounding.ts';

export async function prepareBytes(
  onnx: Onnx,
  train: CheckedMatrix<Uint8Array>,
  asked: ByteProduct | 'auto',
  threads: number,
): Promise<CheckedPreparedKernel> {
  const { rows, columns } = train;
  const product = await chooseProduct(onnx, asked, threads);
  const shift = product === 'u8s8' ? 128 : 0;
  const model =
    product === 'u8s8'
      ? productModel(
          onnx,
          'int8',
          columns,
          rows,
          transposed(train, new Int8Array(train.data.length), shift),
        )
      : productModel(
          onnx,
          'uint8',
          columns,
          rows,
          transposed(train, new Uint8Array(train.data.length), shift),
        );
  const session = await createSession(onnx, model, threads);
  const norms = Int32Array.from(squaredNorms(train));
  const kernel: CheckedPreparedKernel = {
    id: 'exact',
    path: `${product === 'u8s8' ? 'uint8 x int8' : 'uint8 x uint8'} to int32, onnxruntime, ${threads} threads`,
    rows,
    columns,
    output: 'int32',
    relativeError: 0,
    squaredDistancesInto: async (queries, out) => {
      if (!isBytes(queries) || !types.isInt32Array(out) || out.length !== queries.rows * rows) {
        refuseOutput(kernel, queries, out);
      }
      const y: TensorValue = { dtype: 'int32', shape: [queries.rows, rows], data: out };
      await session.run(
        { x: { dtype: 'uint8', shape: [queries.rows, columns], data: queries.data } },
        { y },
      );
      for (let q = 0; q < queries.rows; q++) {
        let norm = 0;
        let sum = 0;
        for (let c = q * columns; c < (q + 1) * columns; c++) {
          const x = queries.data[c]!;
          norm += x * x;
          sum += x;
        }
        // Sums wrap around in int32 on the way; the result fits, so it is right.
        combine(out, q * rows, norms, (norm - 2 * shift * sum) | 0);
      }
    },
    dispose: () => session.dispose(),
  };
  return kernel;
}

/** out = constant + norm of the row - 2 * product, in place. */
function combine(out: Int32Array, from: number, norms: Int32Array, constant: number): void {
  const row = out.subarray(from, from + norms.length);
  for (let t = 0; t < norms.length; t++) row[t] = (constant + norms[t]! - (row[t]! << 1)) | 0;
}

export async function prepareFloats(
  onnx: Onnx,
  train: CheckedMatrix<Float32Array>,
  threads: number,
): Promise<CheckedPreparedKernel> {
  const { rows, columns } = train;
  const weights = transposed(train, new Float32Array(train.data.length), 0);
  const model = productModel(onnx, 'float32', columns, rows, weights);
  const session = await createSession(onnx, model, threads);
  const norms = squaredNorms(train);
  const kernel: CheckedPreparedKernel = {
    id: 'exact',
    path: `float32 product, onnxruntime, ${threads} threads`,
    rows,
    columns,
    output: 'float32',
    relativeError: float32Error(columns),
    squaredDistancesInto: async (queries, out) => {
      if (!isFloats(queries) || !types.isFloat32Array(out) || out.length !== queries.rows * rows) {
        refuseOutput(kernel, queries, out);
      }
      const y: TensorValue = { dtype: 'float32', shape: [queries.rows, rows], data: out };
      await session.run(
        { x: { dtype: 'float32', shape: [queries.rows, columns], data: queries.data } },
        { y },
      );
      const queryNorms = squaredNorms(queries);
      for (let q = 0; q < queries.rows; q++) {
        const norm = queryNorms[q]!;
        const from = q * rows;
        for (let t = 0; t < rows; t++) out[from + t] = norm + norms[t]! - 2 * out[from + t]!;
      }
    },
    dispose: () => session.dispose(),
  };
  return kernel;
}

/** Idle threads must not spin between blocks: the selection runs then. */
function createSession(onnx: Onnx, model: OnnxModel, threads: number): Promise<OnnxSession> {
  return onnx.OnnxSession.create(model, { threads, spinning: false });
}

/** [rows, columns] -> [columns, rows], less `shift`; in strips of 64 rows, which stay in the cache. */
function transposed<T extends Int8Array | Uint8Array | Float32Array>(
  m: Matrix,
  out: T,
  shift: number,
): T {
  const { data, rows, columns } = m;
  for (let strip = 0; strip < rows; strip += 64) {
    const end = Math.min(strip + 64, rows);
    for (let c = 0; c < columns; c++) {
      for (let r = strip; r < end; r++) out[c * rows + r] = data[r * columns + c]! - shift;
    }
  }
  return out;
}
