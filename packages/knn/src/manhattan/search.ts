/**
 * The search by Manhattan distance: exact neighbours of bytes or floats, in worker threads.
 *
 * Every row is compared with every query in the quarter of the columns that spread widest, and the sum of the others gives
 * the rest of a lower bound; rows whose bound reaches the k-th best distance so far are out. What is left is compared in all
 * columns: bytes exactly, floats as bytes that bound the distance (steps.ts), after which the few that may still belong are
 * measured in float64. Neighbours, distances and ties are those of two nested loops.
 */
import { KnnInputError } from '../errors.ts';
import { MANHATTAN_WASM } from '../generated/manhattan-wasm.ts';
import { isBytes, isFloats, rowsOf } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import { neighborsOf } from '../neighbors.ts';
import type { CheckedSearch, Neighbors, SearchOptions } from '../neighbors.ts';
import { MAX_MEMORY_BYTES, allocateShared, compiledModule } from '../threads/memory.ts';
import type { WasmMemory } from '../threads/memory.ts';
import { KernelPool } from '../threads/pool.ts';
import { BLOCK_QUERIES, MAX_COLUMNS, MAX_NEIGHBORS, layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import { learnSteps } from './steps.ts';

/** What the last search spent, over all its queries. */
export interface ManhattanCounts {
  readonly queries: number;
  /** Rows compared in all columns. */
  readonly compared: number;
  /** Rows measured in float64; 0 for bytes. */
  readonly measured: number;
}

export interface ManhattanSearch extends CheckedSearch {
  /** Of the last finished search. */
  readonly counts: ManhattanCounts;
}

/** Why these rows cannot be searched this way; undefined where they can. */
export function manhattanRefusal(train: Matrix): string | undefined {
  const { rows, columns } = train;
  if (columns > MAX_COLUMNS) return `it takes up to ${MAX_COLUMNS} columns, not ${columns}`;
  const rowBytes = columns + 16 + 8 + (isFloats(train) ? 4 * columns : 0);
  // Generous: rows, and scratch for 64 threads.
  const scratch = 64 * BLOCK_QUERIES * (5 * (columns + 16) + 12 * MAX_NEIGHBORS + 64);
  if (rows * rowBytes + scratch > MAX_MEMORY_BYTES) return 'its copy of the rows would pass 4 GiB';
  return undefined;
}

/**
 * @param threads worker threads, a whole number from 1.
 * @throws KnnInputError 'limit' with the reason where the rows cannot be searched this way; KnnError 'memory' where the
 * copy of the rows does not fit.
 */
export function manhattanSearch(train: CheckedMatrix, threads: number): ManhattanSearch {
  const refusal = manhattanRefusal(train);
  if (refusal !== undefined) {
    throw new KnnInputError(
      'limit',
      `The algorithm "pruned" cannot be used: ${refusal}; choose "brute".`,
    );
  }
  const layout = layOut(train, learnSteps(train), threads);
  const memory = allocateShared(layout.totalBytes);
  layout.write(memory.buffer);
  const pool = new KernelPool(memory, threads, compiledModule(MANHATTAN_WASM));
  let counts: ManhattanCounts = { queries: 0, compared: 0, measured: 0 };
  const { rows } = train;
  const bytes = isBytes(train);
  return {
    algorithm: 'pruned',
    path: `${bytes ? 'integer' : 'integer bounds, then float64'} distances, WebAssembly SIMD, ${threads} threads`,
    maxNeighbors: Math.min(MAX_NEIGHBORS, rows),
    get counts() {
      return counts;
    },
    search: async (queries, k, options) => {
      const found = await searchBlocks(layout, memory, pool, queries, k, options);
      counts = takeCounts(layout, memory, queries.rows);
      return found;
    },
    dispose: () => pool.close(),
  };
}

async function searchBlocks(
  layout: Layout,
  memory: WasmMemory,
  pool: KernelPool,
  queries: CheckedMatrix,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  const indices = new Int32Array(queries.rows * k);
  const distances = new Float64Array(queries.rows * k);
  let done = 0;
  await pool.map(Math.ceil(queries.rows / BLOCK_QUERIES), async (block, worker, call) => {
    signal?.throwIfAborted();
    const scratch = layout.scratches[worker];
    if (!scratch) return;
    const from = block * BLOCK_QUERIES;
    const count = Math.min(BLOCK_QUERIES, queries.rows - from);
    layout.writeQueries(memory.buffer, scratch, rowsOf(queries, from, from + count));
    await call('search', layout.index, scratch.struct, count, k);
    distances.set(new Float64Array(memory.buffer, scratch.distances, count * k), from * k);
    indices.set(new Int32Array(memory.buffer, scratch.indices, count * k), from * k);
    done += count;
    onProgress?.({ done, total: queries.rows });
  });
  return neighborsOf(queries, k, indices, distances, 'manhattan');
}

/** Sums the workers' counts and sets them back. */
function takeCounts(layout: Layout, memory: WasmMemory, queries: number): ManhattanCounts {
  let compared = 0;
  let measured = 0;
  for (const scratch of layout.scratches) {
    // Unsigned: a worker's share may pass 2^31.
    const counts = new Uint32Array(memory.buffer, scratch.counts, 2);
    const [all = 0, exactly = 0] = counts;
    compared += all;
    measured += exactly;
    counts.fill(0);
  }
  return { queries, compared, measured };
}
