/**
 * The definition of the Manhattan distance as two loops: slow, obvious, and for what the fast search does not take. Sums run
 * in float64 in column order; of bytes they are whole numbers.
 */
import { setImmediate } from 'node:timers/promises';
import { KBest } from '../k-best.ts';
import { checkMatrix, checkNeighborCount, checkQueries, isBytes } from '../matrix.ts';
import type { Matrix } from '../matrix.ts';
import { manhattanNeighbors } from '../neighbors.ts';
import type { Neighbors, PreparedSearch, SearchOptions } from '../neighbors.ts';

/** Queries between two looks at the signal. */
const BLOCK = 16;

/** @throws KnnInputError for an unsound matrix. */
export function plainManhattanSearch(train: Matrix): PreparedSearch {
  checkMatrix(train, 'The training matrix');
  return {
    algorithm: 'brute',
    path: `two loops, ${isBytes(train) ? 'whole numbers' : 'float64'}`,
    search: (queries, k, options) => search(train, queries, k, options ?? {}),
    dispose: () => Promise.resolve(),
  };
}

async function search(
  train: Matrix,
  queries: Matrix,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  checkQueries(queries, train);
  checkNeighborCount(k, train.rows);
  const indices = new Int32Array(queries.rows * k);
  const distances = new Float64Array(queries.rows * k);
  const all = new Float64Array(train.rows);
  const best = new KBest(k);
  for (let from = 0; from < queries.rows; from += BLOCK) {
    // Without this no signal and no timer would get through.
    await setImmediate();
    signal?.throwIfAborted();
    const to = Math.min(from + BLOCK, queries.rows);
    for (let q = from; q < to; q++) {
      for (let t = 0; t < train.rows; t++) all[t] = manhattanDistance(queries, q, train, t);
      best.scan(all, 0, train.rows);
      best.drainInto(distances, indices, q * k);
    }
    onProgress?.({ done: to, total: queries.rows });
  }
  return manhattanNeighbors(indices, distances, k);
}

/** |a[i] - b[j]| summed over the columns, in float64 and in column order. */
function manhattanDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  const { columns } = a;
  const x = a.data;
  const y = b.data;
  const xAt = i * columns;
  const yAt = j * columns;
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += Math.abs(x[xAt + c]! - y[yAt + c]!);
  return sum;
}
