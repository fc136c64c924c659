/** What a distance kernel is: all squared distances between a block of queries and the training rows. */
import { isObject, isWhole, mustBe, shown } from '../checks.ts';
import { KnnInputError } from '../errors.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';

export type DistanceKernelId =
  'naive' | 'expanded' | 'exact' | 'tensorflow' | 'tensorflow-gpu' | 'webgpu';

/** How bytes are multiplied: 'u8s8' with rows shifted by -128 (fastest with VNNI), or 'u8u8' as they are. */
export type ByteProduct = 'u8s8' | 'u8u8';

/** Squared distances, [queries * rows], row-major. */
export type DistanceArray = Int32Array | Float32Array | Float64Array;

export interface DistanceKernel {
  readonly id: DistanceKernelId;
  /** Does once what needs no query. @throws KnnInputError for an unsound matrix. */
  prepare(train: Matrix): Promise<PreparedKernel>;
}

export interface PreparedKernel {
  readonly id: DistanceKernelId;
  /** How the product is made, in words for a report: 'uint8 x int8, onnxruntime' and the like. */
  readonly path: string;
  /** Of the training matrix. */
  readonly rows: number;
  readonly columns: number;
  /** What `out` must be: int32 distances are exact, float64 ones as good as float64 sums are. */
  readonly output: 'int32' | 'float32' | 'float64';
  /**
   * Proven bound of the error: |computed - true| <= relativeError * (|q| + |t|)^2. 0 where the result *is* the
   * definition (exact integers, or the float64 sum in column order).
   */
  readonly relativeError: number;
  /**
   * Writes |q - t|^2 for every query and row.
   *
   * @param queries as many columns as the training matrix, and of its kind.
   * @param out the caller's memory, [queries.rows * rows], of the type that `output` names.
   * @throws KnnInputError for queries or an output that do not fit.
   */
  squaredDistancesInto(queries: Matrix, out: DistanceArray): Promise<void>;
  /** Frees native memory. Do not use the kernel afterwards. */
  dispose(): Promise<void>;
}

/** A kernel inside the package: the matrices that it is given were looked at. */
export interface CheckedKernel {
  readonly id: DistanceKernelId;
  readonly prepare: (train: CheckedMatrix) => Promise<CheckedPreparedKernel>;
}

export interface CheckedPreparedKernel extends Omit<PreparedKernel, 'squaredDistancesInto'> {
  /** @throws KnnInputError for an output that does not fit. */
  readonly squaredDistancesInto: (queries: CheckedMatrix, out: DistanceArray) => Promise<void>;
}

/** Memory that fits `squaredDistancesInto` for so many queries. @throws KnnInputError 'type' for anything else. */
export function distanceArray(
  kernel: Pick<PreparedKernel, 'rows' | 'output'>,
  queries: number,
): DistanceArray {
  mustBe('The prepared kernel', kernel, 'what prepare() of a kernel gave', isPrepared(kernel));
  mustBe('The number of queries', queries, 'a whole number from 0', isWhole(queries, 0, 2 ** 31));
  const length = queries * kernel.rows;
  if (kernel.output === 'int32') return new Int32Array(length);
  return kernel.output === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

const OUTPUTS: readonly unknown[] = ['int32', 'float32', 'float64'];

function isPrepared(kernel: unknown): boolean {
  const { rows, output } = isObject(kernel) ? kernel : {};
  return isWhole(rows, 1, 2 ** 31) && OUTPUTS.includes(output);
}

/** The largest number of columns whose squared byte distances fit int32: 33,025 * 255^2 < 2^31. */
export const MAX_BYTE_COLUMNS = 33_025;

/** @throws KnnInputError 'limit' where squared distances of bytes would pass int32. */
export function checkByteColumns(columns: number): void {
  if (columns > MAX_BYTE_COLUMNS) {
    throw new KnnInputError(
      'limit',
      `A byte matrix may have up to ${MAX_BYTE_COLUMNS} columns, so that squared distances fit int32, but has ${columns}; convert it to a Float32Array.`,
    );
  }
}

/** @throws KnnInputError 'output' always: for an `out` of the wrong type or length. */
export function refuseOutput(
  kernel: Pick<PreparedKernel, 'rows' | 'output'>,
  queries: Matrix,
  out: DistanceArray,
): never {
  throw new KnnInputError(
    'output',
    `The output must be of type ${kernel.output} with ${queries.rows * kernel.rows} elements (${queries.rows} queries x ${kernel.rows} rows), but is ${shown(out)}.`,
  );
}
