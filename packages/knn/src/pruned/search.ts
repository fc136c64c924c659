/**
 * The pruned search: exact neighbours of byte rows at a fraction of the arithmetic, in worker threads.
 *
 * Rows are stored in leaves of 32 that lie near each other. A query is bounded against the box around each leaf; the rows
 * that look nearest in the nearest leaves are measured and give a threshold; leaves whose boxes lie beyond it are out. The
 * rows of the others are bounded in 32 integer coordinates instead of all columns, what passes in 64 and in 127, and what
 * is left is measured in full, in int32. Queries are taken in an order in which one lies near the next, so that the rows
 * they need are in the cache already. The bounds are proven (embedding.ts), so the neighbours are those of a plain search, ties
 * included. What it gains depends on the data: where a few directions hold most of the variation, as in images, nearly
 * all; on noise nothing, and the plain search is faster.
 */
import { availableParallelism } from 'node:os';
import { KnnInputError } from '../errors.ts';
import { MAX_BYTE_COLUMNS } from '../kernels/kernel.ts';
import { checkMatrix, checkNeighborCount, checkQueries, isBytes } from '../matrix.ts';
import type { Matrix } from '../matrix.ts';
import type { PreparedSearch } from '../neighbors.ts';
import { overAllRows, searchAll } from './blocks.ts';
import { NO_COUNTS, resetCounts, sumCounts } from './counts.ts';
import type { PruningCounts } from './counts.ts';
import { KEYS, learnEmbedding } from './embedding.ts';
import { LEAF_ROWS, MAX_NEIGHBORS, layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import { leafOrder } from './leaf-order.ts';
import { KernelPool } from './pool.ts';
import { MAX_MEMORY_BYTES, allocateShared } from './wasm.ts';
import type { WasmMemory } from './wasm.ts';

export interface PrunedSearch extends PreparedSearch {
  readonly algorithm: 'pruned';
  /** The largest k that `search` takes. */
  readonly maxNeighbors: number;
  /** Of the last finished search. */
  readonly counts: PruningCounts;
}

/** Why these rows cannot be searched this way; undefined where they can. */
export function prunedRefusal(train: Matrix): string | undefined {
  if (!isBytes(train)) return 'it takes bytes only, and the training matrix holds floats';
  if (train.columns > MAX_BYTE_COLUMNS)
    return `it takes up to ${MAX_BYTE_COLUMNS} columns, not ${train.columns}`;
  if (estimatedBytes(train) > MAX_MEMORY_BYTES) return 'its copy of the rows would pass 4 GiB';
  return undefined;
}

/** Generous: rows, embeddings, boxes, and scratch for 64 threads. */
function estimatedBytes({ rows, columns }: Matrix): number {
  return rows * (columns + 16 + 2 * (32 + 128) + 12 + 64 / 8) + 2 ** 28;
}

/**
 * @param threads worker threads; default: as many as the machine has cores.
 * @throws KnnInputError 'type' or 'limit' with the reason where the rows cannot be searched this way; KnnError 'memory'
 * where the copy of the rows does not fit.
 */
export async function prunedSearch(
  train: Matrix,
  threads: number = availableParallelism(),
): Promise<PrunedSearch> {
  checkMatrix(train, 'The training matrix');
  const refusal = prunedRefusal(train);
  if (refusal !== undefined || !isBytes(train)) {
    throw new KnnInputError(
      'limit',
      `The algorithm "pruned" cannot be used: ${refusal ?? ''}; choose "brute".`,
    );
  }
  const embedding = learnEmbedding(train);
  const layout = layOut(train, embedding, threads);
  const memory = allocateShared(layout.totalBytes);
  layout.write(memory.buffer);
  const pool = new KernelPool(memory, threads);
  try {
    await overAllRows(layout, pool, (struct, from, to) => [
      'embedKeys',
      layout.index,
      struct,
      layout.rows + from * layout.rowBytes,
      to - from,
      layout.rowKeys + from * 2,
      layout.slots,
    ]);
    const keys = new Int16Array(memory.buffer, layout.rowKeys, KEYS * layout.slots);
    layout.reorder(memory.buffer, leafOrder(keys, layout.slots, train.rows, LEAF_ROWS));
    await overAllRows(layout, pool, (struct, from, to) => [
      'embedSlots',
      layout.index,
      struct,
      from,
      to,
    ]);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return searchOver(train, layout, memory, pool, threads);
}

function searchOver(
  train: Matrix<Uint8Array>,
  layout: Layout,
  memory: WasmMemory,
  pool: KernelPool,
  threads: number,
): PrunedSearch {
  let counts = NO_COUNTS;
  // Scratch belongs to one search at a time: a second waits for the first.
  let last: Promise<unknown> = Promise.resolve();
  const { rows, columns } = train;
  const shape = { data: new Uint8Array(0), columns };
  return {
    algorithm: 'pruned',
    path: `integer bounds, then int32 distances, WebAssembly SIMD, ${threads} threads`,
    maxNeighbors: Math.min(MAX_NEIGHBORS, rows),
    get counts() {
      return counts;
    },
    search: (queries, k, options = {}) => {
      const run = last.then(async () => {
        checkQueries(queries, shape);
        checkNeighborCount(k, rows);
        if (k > MAX_NEIGHBORS || !isBytes(queries)) {
          throw new KnnInputError(
            'neighbors',
            `The algorithm "pruned" finds up to ${MAX_NEIGHBORS} neighbours, not ${k}; choose "brute".`,
          );
        }
        resetCounts(layout, memory);
        const found = await searchAll(layout, memory, pool, queries, k, options);
        counts = sumCounts(layout, memory, queries.rows);
        return found;
      });
      last = run.catch(() => undefined);
      return run;
    },
    dispose: () => pool.close(),
  };
}
