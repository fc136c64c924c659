/**
 * Search over rows that never lie in memory together: block after block, each searched as a matrix of its own, and the k
 * best of every query kept. Rows are numbered through, so ties go to the lower row as everywhere, and the result is the
 * one that a search over all rows at once would give.
 *
 * Memory is one block and what its search needs, beside the queries and the result; time is linear in rows and queries.
 */
import { checkOptions, isObject, mustBe } from './checks.ts';
import { checkMatrix, checkNeighborCount } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import { searchOver } from './nearest.ts';
import type { NearestOptions } from './nearest.ts';
import type { Neighbors } from './neighbors.ts';
import { MAX_ROWS, RunningBest } from './running-best.ts';

/** Training rows in their order, some at a time. A block may be reused for the next one: it is done with by then. */
export type RowBlocks = Iterable<Matrix> | AsyncIterable<Matrix>;

export interface StreamedOptions extends NearestOptions {
  /** Stops the search; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** After each block, with the number of rows that are done. */
  readonly onBlock?: ((rows: number) => void) | undefined;
}

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
