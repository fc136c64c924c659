/** The result of a search, and the interface that every way of searching has. */
import { types } from 'node:util';
import { isObject, isWhole, mustBe } from './checks.ts';
import { checkNeighborCount, isBytes } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import type { EffectiveMetric } from './metric.ts';

/** The k nearest rows of every query, without their distances: nearest first, equal distances by lower row. */
export interface NeighborIndices {
  /** [queries * k] rows of the training matrix */
  readonly indices: Int32Array;
  readonly k: number;
  readonly queries: number;
}

/** The k nearest rows of every query with their distances. */
export interface Neighbors extends NeighborIndices {
  /** [queries * k] in the search's metric; Manhattan distances of bytes are whole numbers, inner products have their sign changed */
  readonly distances: Float64Array;
  /**
   * [queries * k] squares of the distances. Euclidean ones are what the search compares: int32 and exact for bytes, float64
   * sums in column order for floats. Manhattan ones are float64.
   */
  readonly squaredDistances: Int32Array | Float64Array;
}

/** After each block of queries. */
export interface SearchProgress {
  /** Queries that are done. */
  readonly done: number;
  readonly total: number;
}

export interface SearchOptions {
  /** Stops the search after the blocks in work; the search rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SearchProgress) => void) | undefined;
}

/** Training rows made ready for searching. Every way gives the same neighbours. */
export interface PreparedSearch {
  readonly algorithm: 'brute' | 'pruned';
  /** What does the work, in words for a report. */
  readonly path: string;
  /**
   * @param k whole number from 1 to the number of training rows.
   * @throws KnnInputError for queries or a k that do not fit; the signal's reason where it stopped the search.
   */
  search(queries: Matrix, k: number, options?: SearchOptions): Promise<Neighbors>;
  /** Frees threads and native memory. Do not search afterwards. */
  dispose(): Promise<void>;
}

/** A way of searching, inside the package: what it is given was looked at (guarded.ts). */
export interface CheckedSearch {
  readonly algorithm: 'brute' | 'pruned';
  readonly path: string;
  /** The largest k that `search` takes. */
  readonly maxNeighbors: number;
  /** One call at a time. @param k from 1 to the number of rows and `maxNeighbors` */
  readonly search: (
    queries: CheckedMatrix,
    k: number,
    options: SearchOptions,
  ) => Promise<Neighbors>;
  readonly dispose: () => Promise<void>;
}

/** Empty memory for a result. */
export function emptyNeighbors(queries: Matrix, k: number): Neighbors {
  const length = queries.rows * k;
  return {
    indices: new Int32Array(length),
    distances: new Float64Array(length),
    squaredDistances: isBytes(queries) ? new Int32Array(length) : new Float64Array(length),
    k,
    queries: queries.rows,
  };
}

/**
 * The result of a search.
 *
 * @param keys [queries * k] what it compared: squared distances for the Euclidean metric, distances for the others
 */
export function neighborsOf(
  queries: Matrix,
  k: number,
  indices: Int32Array,
  keys: Float64Array,
  metric: EffectiveMetric,
): Neighbors {
  const euclidean = metric === 'euclidean';
  const squares = euclidean ? keys : keys.map((distance) => distance ** 2);
  return {
    indices,
    distances: euclidean ? keys.map(Math.sqrt) : keys,
    squaredDistances: euclidean && isBytes(queries) ? Int32Array.from(squares) : squares,
    k,
    queries: queries.rows,
  };
}

/**
 * The same search with fewer neighbours: because the order is total, the first k of a longer list are what a search for k
 * finds.
 *
 * @param k whole number from 1 to `neighbors.k`.
 * @throws KnnInputError 'neighbors' for another k, 'type' for what no search gave.
 */
export function nearestOf(neighbors: Neighbors, k: number): Neighbors {
  checkNeighbors(neighbors);
  checkNeighborCount(k, neighbors.k, 'neighbours that were searched for');
  const isNear = (_: number, i: number): boolean => i % neighbors.k < k;
  return {
    ...{ k, queries: neighbors.queries },
    indices: neighbors.indices.filter(isNear),
    distances: neighbors.distances.filter(isNear),
    squaredDistances: neighbors.squaredDistances.filter(isNear),
  };
}

/** @throws KnnInputError 'type' unless this is what a search gave. */
export function checkNeighbors(neighbors: unknown): void {
  const found = isObject(neighbors) ? neighbors : {};
  const { indices, distances, squaredDistances: squares, k, queries } = found;
  const fits =
    types.isInt32Array(indices) &&
    types.isFloat64Array(distances) &&
    (types.isInt32Array(squares) || types.isFloat64Array(squares)) &&
    isWhole(k, 1, indices.length) &&
    isWhole(queries, 1, indices.length) &&
    [indices, distances, squares].every(({ length }) => length === k * queries);
  mustBe('The list of neighbours', neighbors, 'what a search with distances gave', fits);
}
