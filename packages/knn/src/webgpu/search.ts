/**
 * Exact search on a GPU through onnxruntime's WebGPU provider: the device looks for more rows than are wanted, in float32
 * (graphs.ts), and they are measured again by the definition: exactly for bytes, as float64 sums for floats.
 *
 * A row that is not among the candidates has a computed score of at least the last candidate's, so its true squared distance
 * is at least `last + |q|^2 - e`, with e the proven bound of the rounding. Where the k-th measured distance lies below that,
 * nothing was missed. Where it does not (many rows nearly as far), that query is measured against every row.
 */
import { setImmediate } from 'node:timers/promises';
import { doubtOf } from '../doubt.ts';
import { KBest } from '../k-best.ts';
import { squaredDistance } from '../kernels/naive.ts';
import type { Onnx } from '../kernels/peers.ts';
import { deviceError } from '../kernels/rounding.ts';
import { rowsOf, squaredNorms } from '../matrix.ts';
import type { CheckedMatrix } from '../matrix.ts';
import { emptyNeighbors } from '../neighbors.ts';
import type { Neighbors, CheckedSearch, SearchOptions } from '../neighbors.ts';
import { DeviceRows } from './device-rows.ts';

/** More candidates than neighbours: enough for the usual near ties, so that hardly a query is measured in full. */
const SPARE = 11;
/** Scores of a block, in bytes, next to the rows on the device. */
const BLOCK_BYTES = 32 * 2 ** 20;
const MAX_BLOCK = 256;

/** How much a search had to do, for tests and reports. */
export interface WebgpuCounts {
  queries: number;
  /** Queries whose candidates did not prove themselves. */
  measuredInFull: number;
}

export interface WebgpuSearch extends CheckedSearch {
  readonly counts: WebgpuCounts;
}

/**
 * @param partBytes of one buffer on the device at most: for tests
 * @throws SessionError where the provider or a driver is missing; KnnInputError 'overflow' for floats whose squares float32
 * cannot hold.
 */
export async function webgpuSearch(
  onnx: Onnx,
  train: CheckedMatrix,
  partBytes?: number,
): Promise<WebgpuSearch> {
  const longest = squaredNorms(train).reduce((most, norm) => Math.max(most, norm), 0);
  const device = await DeviceRows.create(onnx, train, partBytes);
  const counts: WebgpuCounts = { queries: 0, measuredInFull: 0 };
  const maxNeighbors = device.mostCandidates;
  return {
    algorithm: 'brute',
    path: 'float32 products and two-stage selection on WebGPU, onnxruntime; candidates measured again',
    counts,
    maxNeighbors,
    search: (queries, k, options) => search(train, device, longest, counts, queries, k, options),
    dispose: () => device.dispose(),
  };
}

async function search(
  train: CheckedMatrix,
  device: DeviceRows,
  longest: number,
  counts: WebgpuCounts,
  queries: CheckedMatrix,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  const count = Math.min(k + SPARE, device.mostCandidates);
  const size = Math.min(MAX_BLOCK, Math.max(1, Math.floor(BLOCK_BYTES / (4 * train.rows))));
  const norms = squaredNorms(queries);
  const relativeError = deviceError(train.columns);
  const doubts = norms.map((norm, q) => doubtOf(relativeError, norm, longest, train.columns, q));
  const result = emptyNeighbors(queries, k);
  const best = new KBest(k);
  for (let from = 0; from < queries.rows; from += size) {
    await setImmediate();
    signal?.throwIfAborted();
    const to = Math.min(from + size, queries.rows);
    const parts = await device.candidates(rowsOf(queries, from, to), count);
    for (let q = from; q < to; q++) {
      // The lowest of what the parts left out.
      let last = Infinity;
      for (const { scores, rows } of parts) {
        for (let i = (q - from) * count; i < (q - from + 1) * count; i++) {
          const row = rows[i]!;
          if (row < train.rows) best.offer(squaredDistance(queries, q, train, row), row);
        }
        last = Math.min(last, scores[(q - from + 1) * count - 1]!);
      }
      counts.queries++;
      // Written so that a NaN proves nothing.
      if (!(best.worst < last + norms[q]! - doubts[q]!)) {
        counts.measuredInFull++;
        best.clear();
        for (let t = 0; t < train.rows; t++) best.offer(squaredDistance(queries, q, train, t), t);
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
