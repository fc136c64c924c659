/**
 * The definitions of the metrics that no distance kernel knows, as loops: slow, obvious, and for what the fast searches do
 * not take. Sums run in float64 in column order; of bytes they are whole numbers.
 */
import { setImmediate } from 'node:timers/promises';
import { KBest } from './k-best.ts';
import { isBytes } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import type { EffectiveMetric } from './metric.ts';
import { neighborsOf } from './neighbors.ts';
import type { CheckedSearch, Neighbors, SearchOptions } from './neighbors.ts';

type Row = Matrix['data'];

/** The distance of two rows of as many columns. */
const DISTANCES: Readonly<
  Record<Exclude<EffectiveMetric, 'euclidean'>, (x: Row, y: Row) => number>
> = {
  manhattan: (x, y) => {
    let sum = 0;
    for (let c = 0; c < x.length; c++) sum += Math.abs(x[c]! - y[c]!);
    return sum;
  },
  cosine: (x, y) => {
    const lengths = Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y));
    return lengths > 0 ? Math.min(2, Math.max(0, 1 - dot(x, y) / lengths)) : 1;
  },
  // Not the negative of the product, so that nothing is minus zero.
  innerProduct: (x, y) => 0 - dot(x, y),
};

export type PlainMetric = keyof typeof DISTANCES;

function dot(x: Row, y: Row): number {
  let sum = 0;
  for (let c = 0; c < x.length; c++) sum += x[c]! * y[c]!;
  return sum;
}

export function plainSearch(train: CheckedMatrix, metric: PlainMetric): CheckedSearch {
  return {
    algorithm: 'brute',
    path: `two loops, ${isBytes(train) && metric !== 'cosine' ? 'whole numbers' : 'float64'}`,
    maxNeighbors: train.rows,
    search: (queries, k, options) => search(train, metric, queries, k, options),
    dispose: () => Promise.resolve(),
  };
}

async function search(
  train: CheckedMatrix,
  metric: PlainMetric,
  queries: CheckedMatrix,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  const { columns } = train;
  const distance = DISTANCES[metric];
  const rows = Array.from({ length: train.rows }, (_, t) =>
    train.data.subarray(t * columns, (t + 1) * columns),
  );
  const indices = new Int32Array(queries.rows * k);
  const distances = new Float64Array(queries.rows * k);
  const best = new KBest(k);
  for (let q = 0; q < queries.rows; q++) {
    // Without this no signal and no timer would get through.
    await setImmediate();
    signal?.throwIfAborted();
    const query = queries.data.subarray(q * columns, (q + 1) * columns);
    rows.forEach((row, t) => {
      best.offer(distance(query, row), t);
    });
    best.drainInto(distances, indices, q * k);
    onProgress?.({ done: q + 1, total: queries.rows });
  }
  return neighborsOf(queries, k, indices, distances, metric);
}
