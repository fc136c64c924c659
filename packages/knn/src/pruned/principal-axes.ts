/**
 * The directions in which a sample of the rows varies most, as int16 vectors.
 *
 * Subspace iteration (Golub and Van Loan, Matrix Computations, section 8.2.4) from rows of the sample, with the big
 * products in int16 and a Rayleigh-Ritz step at the end. Accuracy only decides how much the search can prune, never what
 * it finds, so two rounds and a thousand rows are enough (benchmarks/notes/knn.md). No randomness anywhere.
 */
import type { Matrix } from '../matrix.ts';
import { productOfRows, transposedInt16 } from './pairs.ts';
import type { Int16Matrix } from './pairs.ts';
import { eigenvectors } from './symmetric-eigen.ts';

const SAMPLE_ROWS = 1024;
const ROUNDS = 2;
/** Axes only have to come about in their order. */
const TOLERANCE = 1e-3;

export interface PrincipalAxes {
  /** [columns] whole numbers 0..255: the mean of the sample, rounded */
  readonly center: Int16Array;
  /** [axes, columns] float64, orthonormal up to rounding; missing directions are zero */
  readonly axes: Float64Array;
  readonly count: number;
}

/** @param count how many axes at most; there are never more than columns. */
export function principalAxes(train: Matrix<Uint8Array>, count: number): PrincipalAxes {
  const { columns } = train;
  const { center, sample } = centredSample(train);
  const across = transposedInt16(sample);
  const n = Math.min(count, columns, sample.rows);
  let axes = new Float64Array(n * columns);
  for (let i = 0; i < n; i++) {
    const row = Math.floor((i * sample.rows) / n);
    axes.set(sample.data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const along = productOfRows(toInt16(axes, n, columns), sample); // [n, sample rows]
    axes = Float64Array.from(productOfRows(toInt16(along, n, sample.rows), across)); // [n, columns]
    orthonormalise(axes, n, columns);
  }
  return { center, axes: ritz(axes, n, sample), count: n };
}

/** Evenly spaced rows less their mean. */
function centredSample(train: Matrix<Uint8Array>): { center: Int16Array; sample: Int16Matrix } {
  const { data, columns } = train;
  const rows = Math.min(SAMPLE_ROWS, train.rows);
  const starts = Array.from(
    { length: rows },
    (_, i) => Math.floor((i * train.rows) / rows) * columns,
  );
  const center = new Int16Array(columns);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (const start of starts) sum += data[start + c] ?? 0;
    center[c] = Math.round(sum / rows);
  }
  const centred = new Int16Array(rows * columns);
  starts.forEach((start, r) => {
    for (let c = 0; c < columns; c++)
      centred[r * columns + c] = (data[start + c] ?? 0) - (center[c] ?? 0);
  });
  return { center, sample: { data: centred, rows, columns } };
}

/** Turns the axes within their own span so that the first ones vary most over the sample. */
function ritz(axes: Float64Array, n: number, sample: Int16Matrix): Float64Array {
  const along = productOfRows(toInt16(axes, n, sample.columns), sample);
  const m = sample.rows;
  const moments = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = dot(along, i * m, along, j * m, m);
      moments[i * n + j] = sum;
      moments[j * n + i] = sum;
    }
  }
  const turn = eigenvectors(moments, n, TOLERANCE);
  const turned = new Float64Array(axes.length);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      addScaled(
        turned,
        i * sample.columns,
        axes,
        j * sample.columns,
        sample.columns,
        turn[i * n + j] ?? 0,
      );
  }
  return turned;
}

/** Each row scaled to the length that its products with bytes keep within int32. */
function toInt16(m: Float64Array | Int32Array, rows: number, columns: number): Int16Matrix {
  const out = new Int16Array(rows * columns);
  const length = axisLength(columns);
  for (let r = 0; r < rows; r++) {
    const norm = Math.sqrt(dot(m, r * columns, m, r * columns, columns));
    const scale = norm > 0 ? length / norm : 0;
    for (let c = r * columns; c < (r + 1) * columns; c++) out[c] = Math.round((m[c] ?? 0) * scale);
  }
  return { data: out, rows, columns };
}

/**
 * The length of an int16 vector whose products with rows of differences of bytes fit int32: by Cauchy and Schwarz they
 * are at most length * 255 * sqrt(columns), which stays below 2^30 (rounding to whole numbers takes the other half).
 */
export function axisLength(columns: number): number {
  return Math.min(32_767, Math.floor(2 ** 30 / (255 * Math.sqrt(columns))));
}

/** Gram and Schmidt, twice ("twice is enough"); rows that depend on earlier ones become zero. */
function orthonormalise(m: Float64Array, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) {
    const at = r * columns;
    const before = Math.sqrt(dot(m, at, m, at, columns));
    for (let pass = 0; pass < 2; pass++) {
      for (let e = 0; e < r; e++)
        addScaled(m, at, m, e * columns, columns, -dot(m, at, m, e * columns, columns));
    }
    const norm = Math.sqrt(dot(m, at, m, at, columns));
    const scale = norm > before * 1e-6 ? 1 / norm : 0;
    for (let c = at; c < at + columns; c++) m[c] = (m[c] ?? 0) * scale;
  }
}

function dot(
  a: Float64Array | Int32Array,
  aAt: number,
  b: Float64Array | Int32Array,
  bAt: number,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[aAt + i] ?? 0) * (b[bAt + i] ?? 0);
  return sum;
}

function addScaled(
  to: Float64Array,
  toAt: number,
  from: Float64Array,
  fromAt: number,
  length: number,
  scale: number,
): void {
  for (let i = 0; i < length; i++)
    to[toAt + i] = (to[toAt + i] ?? 0) + scale * (from[fromAt + i] ?? 0);
}
