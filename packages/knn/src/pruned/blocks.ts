/** Work cut into calls for the threads: rows to embed, and queries to search. */
import type { Matrix } from '../matrix.ts';
import { emptyNeighbors } from '../neighbors.ts';
import type { Neighbors, SearchOptions } from '../neighbors.ts';
import { KEYS } from './embedding.ts';
import { BLOCK_QUERIES, ORDERED_QUERIES, candidatesFor, copyRows, guessesFor } from './layout.ts';
import type { Layout } from './layout.ts';
import { leafOrder } from './leaf-order.ts';
import type { KernelCall, KernelPool } from './pool.ts';
import type { WasmMemory } from './wasm.ts';

/** Rows embedded in one call; a multiple of LEAF_ROWS. */
const EMBED_ROWS = 2048;
/** Queries that stay together whatever their order: the kernel embeds four at a time. */
const QUERY_LEAF = 4;

export function overAllRows(
  layout: Layout,
  pool: KernelPool,
  callFor: (struct: number, from: number, to: number) => [KernelCall, ...number[]],
): Promise<void> {
  return pool.map(Math.ceil(layout.slots / EMBED_ROWS), (i, worker, call) => {
    const struct = layout.scratches[worker]?.struct ?? 0;
    return call(...callFor(struct, i * EMBED_ROWS, Math.min((i + 1) * EMBED_ROWS, layout.slots)));
  });
}

/** Blocks of queries in an order in which one lies near the next; the results stand in the caller's order. */
export async function searchAll(
  layout: Layout,
  memory: WasmMemory,
  pool: KernelPool,
  queries: Matrix<Uint8Array>,
  k: number,
  { signal, onProgress }: SearchOptions,
): Promise<Neighbors> {
  const { indices, distances, squaredDistances, ...sizes } = emptyNeighbors(queries, k);
  const { columns } = queries;
  let done = 0;
  for (let start = 0; start < queries.rows; start += ORDERED_QUERIES) {
    const count = Math.min(ORDERED_QUERIES, queries.rows - start);
    const order = await queryOrder(layout, memory, pool, queries, start, count);
    await pool.map(Math.ceil(count / BLOCK_QUERIES), async (block, worker, call) => {
      signal?.throwIfAborted();
      const scratch = layout.scratches[worker];
      if (!scratch) return;
      const asked = order.subarray(block * BLOCK_QUERIES, (block + 1) * BLOCK_QUERIES);
      const target = new Uint8Array(
        memory.buffer,
        scratch.queries,
        BLOCK_QUERIES * layout.rowBytes,
      );
      asked.forEach((query, i) => {
        const at = (start + query) * columns;
        target.set(queries.data.subarray(at, at + columns), i * layout.rowBytes);
      });
      await call(
        'search',
        ...[layout.index, scratch.struct, asked.length],
        ...[k, guessesFor(k), candidatesFor(k)],
      );
      const squared = new Int32Array(memory.buffer, scratch.distances, asked.length * k);
      const rows = new Int32Array(memory.buffer, scratch.indices, asked.length * k);
      asked.forEach((query, i) => {
        squaredDistances.set(squared.subarray(i * k, (i + 1) * k), (start + query) * k);
        indices.set(rows.subarray(i * k, (i + 1) * k), (start + query) * k);
      });
      done += asked.length;
      onProgress?.({ done, total: queries.rows });
    });
  }
  for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(squaredDistances[i]!);
  return { indices, distances, squaredDistances, ...sizes };
}

/** Queries [start, start + count) in an order in which one lies near the next. */
async function queryOrder(
  layout: Layout,
  memory: WasmMemory,
  pool: KernelPool,
  queries: Matrix<Uint8Array>,
  start: number,
  count: number,
): Promise<Int32Array> {
  await pool.map(Math.ceil(count / BLOCK_QUERIES), async (block, worker, call) => {
    const scratch = layout.scratches[worker];
    if (!scratch) return;
    const from = block * BLOCK_QUERIES;
    const rows = Math.min(BLOCK_QUERIES, count - from);
    const target = new Uint8Array(memory.buffer, scratch.queries, BLOCK_QUERIES * layout.rowBytes);
    copyRows(blockOf(queries, start + from, rows), target, layout.rowBytes);
    await call(
      'embedKeys',
      ...[layout.index, scratch.struct, scratch.queries, BLOCK_QUERIES],
      ...[layout.queryKeys + from * 2, ORDERED_QUERIES],
    );
  });
  const keys = new Int16Array(memory.buffer, layout.queryKeys, KEYS * ORDERED_QUERIES);
  return leafOrder(keys, ORDERED_QUERIES, count, QUERY_LEAF).subarray(0, count);
}

function blockOf(m: Matrix<Uint8Array>, from: number, rows: number): Matrix<Uint8Array> {
  const { columns } = m;
  return { data: m.data.subarray(from * columns, (from + rows) * columns), rows, columns };
}
