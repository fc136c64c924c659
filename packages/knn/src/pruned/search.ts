/**
 * The pruned search: exact neighbours of byte rows at a fraction of the arithmetic, in worker threads.
 *
 * Each query is bounded against every row in 32 integer coordinates instead of all columns; the rows that look nearest
 * are measured and give a threshold; rows that pass it are bounded again in 128 coordinates, and what is left is
 * measured in full, in int32. The bounds are proven (embedding.ts), so the neighbours are those of a plain search, ties
 * included. What it gains depends on the data: where a few directions hold most of the variation, as in images, nearly
 * all; on noise nothing, and the plain search is faster.
 */
import { availableParallelism } from 'node:os';
import { KnnInputError } from '../errors.ts';
import { MAX_BYTE_COLUMNS } from '../kernels/kernel.ts';
import { checkMatrix, checkNeighborCount, checkQueries, isBytes } from '../matrix.ts';
import type { Matrix } from '../matrix.ts';
import { emptyNeighbors } from '../neighbors.ts';
import type { Neighbors, PreparedSearch, SearchOptions } from '../neighbors.ts';
import { learnEmbedding } from './embedding.ts';
import { BLOCK_QUERIES, MAX_NEIGHBORS, candidatesFor, copyRows, layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import { KernelPool } from './pool.ts';
import { MAX_MEMORY_BYTES, allocateShared } from './wasm.ts';
import type { WasmMemory } from './wasm.ts';

/** Rows embedded in one call; a multiple of 8. */
const EMBED_ROWS = 2048;

/** What the last search spent, over all its queries. */
export interface PruningCounts {
  readonly queries: number;
  /** Rows that passed the coarse bound. */
  readonly boundedFinely: number;
  /** Rows measured in all columns. */
  readonly measured: number;
}

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

/** Generous: rows, both embeddings, and scratch for 64 threads. */
function estimatedBytes({ rows, columns }: Matrix): number {
  return rows * (columns + 16 + 2 * (32 + 128) + 4 + 64 * 12) + 2 ** 27;
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
    await pool.map(Math.ceil(layout.paddedRows / EMBED_ROWS), (i, worker, call) =>
      call(
        'embedRows',
        layout.index,
        layout.scratches[worker]?.struct ?? 0,
        i * EMBED_ROWS,
        Math.min((i + 1) * EMBED_ROWS, layout.paddedRows),
      ),
    );
  } catch (error) {
    await pool.close();
    throw error;
  }
  layout.closePadding(memory.buffer);
  return searchOver(train, layout, memory, pool, threads);
}

function searchOver(
  train: Matrix<Uint8Array>,
  layout: Layout,
  memory: WasmMemory,
  pool: KernelPool,
  threads: number,
): PrunedSearch {
  let counts: PruningCounts = { queries: 0, boundedFinely: 0, measured: 0 };
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
        const found = await searchBlocks(layout, memory, pool, queries, k, options);
        counts = sumCounts(layout, memory, queries.rows);
        return found;
      });
      last = run.catch(() => undefined);
      return run;
    },
    dispose: () => pool.close(),
  };
}

async function searchBlocks(
  layout: Layout,
  memory: WasmMemory,
  pool: KernelPool,
  queries: Matrix<Uint8Array>,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  const { indices, distances, squaredDistances, ...sizes } = emptyNeighbors(queries, k);
  let done = 0;
  await pool.map(Math.ceil(queries.rows / BLOCK_QUERIES), async (block, worker, call) => {
    signal?.throwIfAborted();
    const scratch = layout.scratches[worker];
    if (!scratch) return;
    const from = block * BLOCK_QUERIES;
    const count = Math.min(BLOCK_QUERIES, queries.rows - from);
    const target = new Uint8Array(memory.buffer, scratch.queries, BLOCK_QUERIES * layout.rowBytes);
    copyRows(blockOf(queries, from, count), target, layout.rowBytes);
    await call('search', layout.index, scratch.struct, count, k, candidatesFor(k));
    squaredDistances.set(new Int32Array(memory.buffer, scratch.distances, count * k), from * k);
    indices.set(new Int32Array(memory.buffer, scratch.indices, count * k), from * k);
    done += count;
    onProgress?.({ done, total: queries.rows });
  });
  for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(squaredDistances[i] ?? 0);
  return { indices, distances, squaredDistances, ...sizes };
}

function blockOf(m: Matrix<Uint8Array>, from: number, rows: number): Matrix<Uint8Array> {
  const { columns } = m;
  return { data: m.data.subarray(from * columns, (from + rows) * columns), rows, columns };
}

function resetCounts(layout: Layout, memory: WasmMemory): void {
  for (const scratch of layout.scratches) new Int32Array(memory.buffer, scratch.counts, 2).fill(0);
}

function sumCounts(layout: Layout, memory: WasmMemory, queries: number): PruningCounts {
  let boundedFinely = 0;
  let measured = 0;
  for (const scratch of layout.scratches) {
    // Unsigned: a worker's share may pass 2^31.
    const [hits = 0, full = 0] = new Uint32Array(memory.buffer, scratch.counts, 2);
    boundedFinely += hits;
    measured += full;
  }
  return { queries, boundedFinely, measured };
}
