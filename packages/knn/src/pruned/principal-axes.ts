/**
 * The directions in which a sample of the rows varies most.
 *
 * One round of subspace iteration (Golub and Van Loan, Matrix Computations, section 8.2.4) from rows of the sample, with the big
 * products in int16, an orthonormal basis by Cholesky's factor of the Gram matrix, and a Rayleigh-Ritz step at the end.
 * Accuracy only decides how much the search can prune, never what it finds, so one round and two thousand rows are
 * enough (benchmarks/notes/knn.md). No randomness anywhere.
 */
import type { Matrix } from '../matrix.ts';
import type { Pausing } from '../threads/pauses.ts';
import { gramOf, inverseFactor, productOf, scaleRows } from './dense.ts';
import { packed, productOfRows, transposedInt16 } from './pairs.ts';
import type { Int16Matrix, Packed } from './pairs.ts';
import { eigenvectors } from './symmetric-eigen.ts';

/** Rows looked at, at most. */
export const SAMPLE_ROWS = 2048;
/** Axes only have to come about in their order. */
const TOLERANCE = 1e-2;

export interface PrincipalAxes {
  /** [columns] whole numbers 0..255: the mean of the sample, rounded */
  readonly center: Int16Array;
  /** [axes, columns] float64, orthonormal up to rounding; missing directions are zero */
  readonly axes: Float64Array;
  readonly count: number;
}

/** @param count how many axes at most; there are never more than columns. */
export function* principalAxes(train: Matrix<Uint8Array>, count: number): Pausing<PrincipalAxes> {
  const { columns } = train;
  const { center, sample } = centredSample(train);
  const n = Math.min(count, columns, sample.rows);
  yield;
  const down = packed(sample);
  yield;
  const across = packed(transposedInt16(sample));
  let basis: Float64Array = new Float64Array(n * columns);
  for (let i = 0; i < n; i++) {
    const row = Math.floor((i * sample.rows) / n);
    basis.set(sample.data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  // One round: the basis of rows times the sample's moments, which draws it towards the directions of most variation.
  yield;
  const onto = alongSample(basis, n, down);
  yield;
  scaleRows(onto, n, sample.rows);
  basis = Float64Array.from(productOfRows(toInt16(onto, n, sample.rows), across));
  scaleRows(basis, n, columns);
  yield;
  // In the basis, whose Gram matrix is L L', the orthonormal one is the inverse of L times it.
  const along = alongSample(basis, n, down);
  yield;
  const moments = gramOf(along, n, sample.rows);
  yield;
  const factor = inverseFactor(gramOf(basis, n, columns), n);
  yield;
  const inBasis = productOf(productOf(factor, moments, n, n, n), transposed(factor, n), n, n, n);
  const turn = yield* eigenvectors(inBasis, n, TOLERANCE);
  yield;
  return {
    center,
    axes: productOf(productOf(turn, factor, n, n, n), basis, n, n, columns),
    count: n,
  };
}

/** [n, columns] rows of length 1 (scaled in place) times the sample -> [n, sample rows]. */
function alongSample(basis: Float64Array, n: number, sample: Packed): Float64Array {
  const columns = basis.length / n;
  scaleRows(basis, n, columns);
  return Float64Array.from(productOfRows(toInt16(basis, n, columns), sample));
}

/** Evenly spaced rows less their mean. */
function centredSample(train: Matrix<Uint8Array>): { center: Int16Array; sample: Int16Matrix } {
  const { data, columns } = train;
  const rows = Math.min(SAMPLE_ROWS, train.rows);
  const centred = new Int16Array(rows * columns);
  const sums = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    const start = Math.floor((r * train.rows) / rows) * columns;
    for (let c = 0; c < columns; c++) {
      const x = data[start + c]!;
      centred[r * columns + c] = x;
      sums[c] = sums[c]! + x;
    }
  }
  const center = Int16Array.from(sums, (sum) => Math.round(sum / rows));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++)
      centred[r * columns + c] = centred[r * columns + c]! - center[c]!;
  }
  return { center, sample: { data: centred, rows, columns } };
}

/** Rows of length 1 at the length that their products with bytes keep within int32. */
function toInt16(m: Float64Array, rows: number, columns: number): Int16Matrix {
  const length = axisLength(columns);
  const data = new Int16Array(m.length);
  for (let i = 0; i < m.length; i++) data[i] = Math.round(m[i]! * length);
  return { data, rows, columns };
}

/**
 * The length of an int16 vector whose products with rows of differences of bytes fit int32: by Cauchy and Schwarz they
 * are at most length * 255 * sqrt(columns), which stays below 2^30 (rounding to whole numbers takes the other half).
 */
export function axisLength(columns: number): number {
  return Math.min(32_767, Math.floor(2 ** 30 / (255 * Math.sqrt(columns))));
}

function transposed(m: Float64Array, n: number): Float64Array {
  return m.map((_, i) => m[(i % n) * n + Math.floor(i / n)]!);
}
