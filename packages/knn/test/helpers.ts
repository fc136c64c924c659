/** What the tests share: the slow and obvious search, written out apart from the package, and seeded matrices. */
import type { Matrix, Neighbors, PreparedSearch } from '../src/index.ts';
import { guarded } from '../src/guarded.ts';
import { checkMatrix } from '../src/matrix.ts';
import type { CheckedMatrix } from '../src/matrix.ts';
import type { CheckedSearch } from '../src/neighbors.ts';

export interface Found {
  readonly indices: number[];
  readonly squared: number[];
}

/**
 * All distances of every query by two nested loops, fully sorted: distance first, then row.
 * @param term what a column adds to a distance: the square of the difference, or its size for Manhattan distances.
 */
export function bySorting(
  train: Matrix,
  queries: Matrix,
  k: number,
  term: (difference: number) => number = (d) => d ** 2,
): Found {
  const indices: number[] = [];
  const squared: number[] = [];
  const { columns } = train;
  for (let q = 0; q < queries.rows; q++) {
    const asked = queries.data.subarray(q * columns, (q + 1) * columns);
    const distances = Float64Array.from({ length: train.rows }, (_, t) => {
      let distance = 0;
      for (let c = 0; c < columns; c++) distance += term(asked[c]! - train.data[t * columns + c]!);
      return distance;
    });
    const at = (row: number): number => distances[row]!;
    const order = Array.from(distances, (_, row) => row).sort((a, b) => at(a) - at(b) || a - b);
    for (const row of order.slice(0, k)) {
      indices.push(row);
      squared.push(at(row));
    }
  }
  return { indices, squared };
}

export function found(neighbors: Neighbors): Found {
  return { indices: [...neighbors.indices], squared: [...neighbors.squaredDistances] };
}

export function checked<T extends Uint8Array | Float32Array>(m: Matrix<T>): CheckedMatrix<T> {
  checkMatrix(m, 'The matrix of a test');
  return m;
}

/** One way of searching as others see it. */
export async function asPublic(
  train: Matrix,
  prepare: (train: CheckedMatrix) => CheckedSearch | Promise<CheckedSearch>,
): Promise<PreparedSearch> {
  return guarded(checked(train), await prepare(checked(train)));
}

/** A linear congruential generator (Numerical Recipes): the same numbers in every run. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Uniform bytes: the worst case of pruning. */
export function noise(rows: number, columns: number, seed: number): Matrix<Uint8Array> {
  const next = generator(seed);
  return {
    data: Uint8Array.from({ length: rows * columns }, () => Math.floor(next() * 256)),
    rows,
    columns,
  };
}

/** Smooth bumps plus a little noise, as images are: few directions hold most of the variation. */
export function bumps(rows: number, columns: number, seed: number): Matrix<Uint8Array> {
  const next = generator(seed);
  const data = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const middle = next() * columns;
    const width = columns * (0.05 + 0.2 * next());
    const height = 100 + 150 * next();
    for (let c = 0; c < columns; c++) {
      data[r * columns + c] = height * Math.exp(-(((c - middle) / width) ** 2)) + 5 * next();
    }
  }
  return { data, rows, columns };
}

export function filled(rows: number, columns: number, value: number): Matrix<Uint8Array> {
  return { data: new Uint8Array(rows * columns).fill(value), rows, columns };
}

/** The rows with the given numbers, in that order. */
export function pick(m: Matrix<Uint8Array>, rows: readonly number[]): Matrix<Uint8Array> {
  const { columns } = m;
  const data = new Uint8Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(m.data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { data, rows: rows.length, columns };
}

export function floats(m: Matrix, scale = 1): Matrix<Float32Array> {
  return { data: Float32Array.from(m.data, (x) => x * scale), rows: m.rows, columns: m.columns };
}

/**
 * White but for the last three columns, which add a^2 + b^2 + c^2 with a, b, c < 7, drawn: against black, squared distances of
 * 50 million that differ by a few units. float32 steps by 4 there, so its products put many in the wrong order.
 */
export function nearTies(): Matrix<Uint8Array> {
  const m = filled(400, 784, 255);
  const small = noise(400, 3, 17);
  for (let r = 0; r < 400; r++) {
    for (let c = 0; c < 3; c++) m.data[r * 784 + 781 + c] = small.data[r * 3 + c]! % 7;
  }
  return m;
}
