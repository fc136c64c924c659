/**
 * The kernel `exact`: the product on onnxruntime, the rest in integers.
 *
 * Bytes: uint8 products summed in int32, so |q|^2 + |t|^2 - 2 q.t has no rounding at all. Floats: the same formula with
 * one float32 product, whose error bound the search uses to re-rank in float64; alone it is no more exact than
 * `expanded`. `run` blocks its thread for one block of queries (see @fashion-bench/onnx).
 */
import { availableParallelism } from 'node:os';
import { MOST_THREADS, checkOptions } from '../checks.ts';
import { KnnInputError } from '../errors.ts';
import { isBytes, isFloats } from '../matrix.ts';
import { prepareBytes, prepareFloats } from './exact-product.ts';
import { checkByteColumns } from './kernel.ts';
import type { ByteProduct, CheckedKernel } from './kernel.ts';
import { loadOnnx } from './peers.ts';

export interface ExactKernelOptions {
  /** Threads of onnxruntime, up to 64. Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
  /** How bytes are multiplied. Default 'auto': the fastest that the probe finds exact. A forced one is probed too. */
  readonly product?: ByteProduct | 'auto' | undefined;
}

/** A serialised model must stay below protobuf's 2 GiB. */
const MAX_WEIGHT_BYTES = 2 ** 31 - 2 ** 20;

/**
 * The kernel `exact`. Its output is int32 for bytes and float32 for floats. Preparing it loads onnxruntime, and throws
 * KnnError 'missing-package' where that is not installed.
 */
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
        return prepareBytes(await loadOnnx('exact'), train, options.product ?? 'auto', threads);
      }
      if (isFloats(train)) return prepareFloats(await loadOnnx('exact'), train, threads);
      throw new KnnInputError('type', 'The training matrix must hold bytes or float32 values.');
    },
  };
}
