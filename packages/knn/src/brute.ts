/**
 * The plain search: every distance from a kernel, block by block of queries, and the k best of each by a running
 * threshold. Memory is one block whatever the number of queries.
 *
 * With a kernel that rounds, all rows that its error bound leaves in doubt are measured again by the definition
 * (exact for bytes, float64 sums for floats), so that the result does not depend on the kernel.
 */
import { setImmediate } from 'node:timers/promises';
import { doubtOf } from './doubt.ts';
import { KBest } from './k-best.ts';
import { distanceArray } from './kernels/kernel.ts';
import type { DistanceArray, CheckedKernel, CheckedPreparedKernel } from './kernels/kernel.ts';
import { squaredDistance } from './kernels/naive.ts';
import { rowsOf, squaredNorms } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import { emptyNeighbors } from './neighbors.ts';
import type { Neighbors, CheckedSearch, SearchOptions } from './neighbors.ts';

/** Distances in a block: 16 MiB of int32, which a shared cache still holds in part (benchmarks/notes/knn.md). */
const BLOCK_ELEMENTS = 2 ** 22;
const MAX_BLOCK = 256;

/**
 * @param blockSize queries at a time; default: as many as make 4 million distances, 256 at most.
 */
export async function bruteForceSearch(
  train: CheckedMatrix,
  kernel: CheckedKernel,
  blockSize: number = defaultBlock(train.rows),
): Promise<CheckedSearch> {
  const prepared = await kernel.prepare(train);
  const longest = prepared.relativeError > 0 ? maximum(squaredNorms(train)) : 0;
  return {
    algorithm: 'brute',
    path: prepared.path,
    maxNeighbors: train.rows,
    search: (queries, k, options) =>
      search(train, prepared, longest, blockSize, queries, k, options),
    dispose: () => prepared.dispose(),
  };
}

async function search(
  train: Matrix,
  kernel: CheckedPreparedKernel,
  longest: number,
  blockSize: number,
  queries: CheckedMatrix,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  const { relativeError, columns } = kernel;
  const doubts =
    relativeError > 0
      ? squaredNorms(queries).map((norm, q) => doubtOf(relativeError, norm, longest, columns, q))
      : undefined;
  const result = emptyNeighbors(queries, k);
  const best = new KBest(k);
  const block = distanceArray(kernel, Math.min(blockSize, queries.rows));
  for (let from = 0; from < queries.rows; from += blockSize) {
    // A kernel in JavaScript never waits: without this no signal and no timer would get through.
    await setImmediate();
    signal?.throwIfAborted();
    const to = Math.min(from + blockSize, queries.rows);
    const distances = block.subarray(0, (to - from) * train.rows);
    await kernel.squaredDistancesInto(rowsOf(queries, from, to), distances);
    for (let q = from; q < to; q++) {
      const at = (q - from) * train.rows;
      best.scan(distances, at, train.rows);
      if (doubts) {
        const limit = best.worst + doubts[q]!;
        best.clear();
        measureAgain(best, train, queries, q, distances, at, limit);
      }
      best.drainInto(result.squaredDistances, result.indices, q * k);
    }
    onProgress?.({ done: to, total: queries.rows });
  }
  for (let i = 0; i < result.distances.length; i++) {
    result.distances[i] = Math.sqrt(result.squaredDistances[i]!);
  }
  return result;
}

function measureAgain(
  best: KBest,
  train: Matrix,
  queries: CheckedMatrix,
  q: number,
  block: DistanceArray,
  from: number,
  limit: number,
): void {
  for (let t = 0; t < train.rows; t++) {
    if (block[from + t]! <= limit) best.offer(squaredDistance(queries, q, train, t), t);
  }
}

function defaultBlock(rows: number): number {
  return Math.max(1, Math.min(MAX_BLOCK, Math.floor(BLOCK_ELEMENTS / Math.max(rows, 1))));
}

function maximum(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}
