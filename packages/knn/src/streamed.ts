/**
 * Search over rows that never lie in memory together: block after block, each searched as a matrix of its own, and the k
 * best of every query kept. Rows are numbered through, so ties go to the lower row as everywhere, and the result is the
 * one that a search over all rows at once would give.
 *
 * Memory is one block and what its search needs, beside the queries and the result; time is linear in rows and queries.
 */
import { checkOptions, isObject, mustBe } from './checks.ts';
import { KnnInputError } from './errors.ts';
import { checkMatrix, checkNeighborCount } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import type { EffectiveMetric } from './metric.ts';
import { searchOver } from './nearest.ts';
import type { NearestOptions } from './nearest.ts';
import { emptyNeighbors, neighborsOf } from './neighbors.ts';
import type { Neighbors } from './neighbors.ts';

/** Training rows in their order, some at a time. A block may be reused for the next one: it is done with by then. */
export type RowBlocks = Iterable<Matrix> | AsyncIterable<Matrix>;

export interface StreamedOptions extends NearestOptions {
  /** Stops the search; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** After each block, with the number of rows that are done. */
  readonly onBlock?: ((rows: number) => void) | undefined;
}

/** Rows have int32 numbers. */
const MAX_ROWS = 2 ** 31 - 1;

/**
 * The k nearest of all rows in `blocks`, for every query.
 *
 * @param blocks matrices of the queries' columns and kind, of any number of rows each; some ten thousand are a good size.
 * @param k whole number from 1 to the number of all rows.
 * @param options as of `nearestNeighbors`, but `algorithm` is 'brute' by default: a block is seen once, and learning what
 * can be pruned pays only from some thousand queries.
 * @throws KnnInputError for queries, a block or a k that do not fit; what reading the blocks throws; the signal's reason.
 */
export async function nearestNeighborsStreamed(
  blocks: RowBlocks,
  queries: Matrix,
  k: number,
  options: StreamedOptions = {},
): Promise<Neighbors> {
  checkOptions('streamed', options);
  const accepted = 'an iterable or async iterable of matrices';
  mustBe('The list of blocks', blocks, accepted, isIterable(blocks));
  checkMatrix(queries, 'The query matrix');
  checkNeighborCount(k, MAX_ROWS, 'rows that can be numbered');
  const { signal, onBlock, ...nearest } = options;
  const best = new RunningBest(queries, k, effectiveMetric(options));
  for await (const block of blocks) {
    signal?.throwIfAborted();
    checkMatrix(block, `The block that begins with row ${best.rows}`);
    const search = await searchOver(block, { algorithm: 'brute', ...nearest });
    try {
      best.add(await search.search(queries, Math.min(k, block.rows), { signal }), block.rows);
    } finally {
      await search.dispose();
    }
    onBlock?.(best.rows);
  }
  checkNeighborCount(k, best.rows, 'training rows');
  return best.finish();
}

function isIterable(blocks: unknown): boolean {
  return isObject(blocks) && (Symbol.iterator in blocks || Symbol.asyncIterator in blocks);
}

/** The best so far of every query, sorted; blocks are merged into it. */
class RunningBest {
  readonly #queries: Matrix;
  readonly #neighbors: Neighbors;
  readonly #metric: EffectiveMetric;
  /** [queries * k] what is compared: squared Euclidean distances, or distances. */
  readonly #keys: Int32Array | Float64Array;
  #found = 0;
  #rows = 0;

  constructor(queries: Matrix, k: number, metric: EffectiveMetric) {
    this.#queries = queries;
    this.#neighbors = emptyNeighbors(queries, k);
    this.#metric = metric;
    const { distances, squaredDistances } = this.#neighbors;
    this.#keys = metric === 'euclidean' ? squaredDistances : distances;
  }

  /** Rows that were added. */
  get rows(): number {
    return this.#rows;
  }

  /** @param rows of the block, whose row 0 has the number `this.rows` */
  add(block: Neighbors, rows: number): void {
    if (this.#rows + rows > MAX_ROWS) {
      throw new KnnInputError('limit', `More than ${MAX_ROWS} rows cannot be numbered in int32.`);
    }
    const { k, indices, queries } = this.#neighbors;
    const keys = this.#keys;
    const found = Math.min(k, this.#found + block.k);
    const blockKeys = this.#metric === 'euclidean' ? block.squaredDistances : block.distances;
    for (let q = 0; q < queries; q++) {
      const at = q * k;
      // How many of the block's are among the best: earlier rows come first where distances are equal.
      let mine = 0;
      let theirs = 0;
      while (mine + theirs < found) {
        const isMine =
          theirs >= block.k ||
          (mine < this.#found && keys[at + mine]! <= blockKeys[q * block.k + theirs]!);
        if (isMine) mine++;
        else theirs++;
      }
      // From the far end, so that nothing is overwritten before it has moved.
      for (let to = found - 1; theirs > 0; to--) {
        const from = q * block.k + theirs - 1;
        if (mine > 0 && keys[at + mine - 1]! > blockKeys[from]!) {
          mine--;
          keys[at + to] = keys[at + mine]!;
          indices[at + to] = indices[at + mine]!;
        } else {
          theirs--;
          keys[at + to] = blockKeys[from]!;
          indices[at + to] = this.#rows + block.indices[from]!;
        }
      }
    }
    this.#found = found;
    this.#rows += rows;
  }

  finish(): Neighbors {
    const { indices, distances, k } = this.#neighbors;
    if (this.#metric !== 'euclidean')
      return neighborsOf(this.#queries, k, indices, distances, this.#metric);
    for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(this.#keys[i]!);
    return this.#neighbors;
  }
}
