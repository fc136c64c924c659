/**
 * The kernel `exact`: the product on onnxruntime, the rest in integers.
 *
 * Bytes: uint8 products summed in int32, so |q|^2 + |t|^2 - 2 q.t has no rounding at all. Floats: the same formula with
 * one float32 product, whose error bound the search uses to re-rank in float64; alone it is no more exact than
 * `expanded`. `run` blocks its thread for one block of queries (see @fashion-bench/onnx).
 */
import { availableParallelism } from 'node:os';
import { types } from 'node:util';
import { OnnxSession } from '@fashion-bench/onnx';
import type { OnnxModel, TensorValue } from '@fashion-bench/onnx';
import { MOST_THREADS, checkOptions } from '../checks.ts';
import { KnnInputError } from '../errors.ts';
import { isBytes, isFloats, squaredNorms } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import { checkByteColumns, refuseOutput } from './kernel.ts';
import type { CheckedKernel, CheckedPreparedKernel } from './kernel.ts';
import { chooseProduct, productModel } from './product.ts';
import type { ByteProduct } from './product.ts';
import { float32Error } from './rounding.ts';

export interface ExactKernelOptions {
  /** Threads of onnxruntime, up to 64. Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
  /** How bytes are multiplied. Default 'auto': the fastest that the probe finds exact. A forced one is probed too. */
  readonly product?: ByteProduct | 'auto' | undefined;
}

/** A serialised model must stay below protobuf's 2 GiB. */
const MAX_WEIGHT_BYTES = 2 ** 31 - 2 ** 20;

/** The kernel `exact`. Its output is int32 for bytes and float32 for floats. */
export function exactKernel(options: ExactKernelOptions = {}): CheckedKernel {
  checkOptions('kernel', options);
  const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
  return {
    id: 'exact',
    prepare: async (train) => {
      if (train.data.byteLength > MAX_WEIGHT_BYTES) {
        throw new KnnInputError(
          'limit',
          `The training matrix has ${train.data.byteLength} bytes, more than the ${MAX_WEIGHT_BYTES} that one model of onnxruntime can hold; use fewer rows.`,
        );
      }
      if (isBytes(train)) {
        checkByteColumns(train.columns);
        return prepareBytes(
          train,
          await chooseProduct(options.product ?? 'auto', threads),
          threads,
        );
      }
      if (isFloats(train)) return prepareFloats(train, threads);
      throw new KnnInputError('type', 'The training matrix must hold bytes or float32 values.');
    },
  };
}

async function prepareBytes(
  train: CheckedMatrix<Uint8Array>,
  product: ByteProduct,
  threads: number,
): Promise<CheckedPreparedKernel> {
  const { rows, columns } = train;
  const shift = product === 'u8s8' ? 128 : 0;
  const model =
    product === 'u8s8'
      ? productModel(
          'int8',
          columns,
          rows,
          transposed(train, new Int8Array(train.data.length), shift),
        )
      : productModel(
          'uint8',
          columns,
          rows,
          transposed(train, new Uint8Array(train.data.length), shift),
        );
  const session = await createSession(model, threads);
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

async function prepareFloats(
  train: CheckedMatrix<Float32Array>,
  threads: number,
): Promise<CheckedPreparedKernel> {
  const { rows, columns } = train;
  const weights = transposed(train, new Float32Array(train.data.length), 0);
  const session = await createSession(productModel('float32', columns, rows, weights), threads);
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
function createSession(model: OnnxModel, threads: number): Promise<OnnxSession> {
  return OnnxSession.create(model, { threads, spinning: false });
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
