/** Queries cut into calls for the threads, and their results put together. */
import { neighborsOf } from '../neighbors.ts';
import type { Neighbors, SearchOptions } from '../neighbors.ts';
import type { CheckedMatrix } from '../matrix.ts';
import type { EffectiveMetric } from '../metric.ts';
import type { KernelCall } from '../threads/pool.ts';
import { withoutPauses } from '../threads/pauses.ts';
import { KEYS } from './embedding.ts';
import type { SearchIndex } from './fill.ts';
import {
  BLOCK_QUERIES,
  ORDERED_QUERIES,
  SCAN_QUERIES,
  candidatesFor,
  guessesFor,
} from './layout.ts';
import type { Scratch } from './layout.ts';
import { leafOrder } from './leaf-order.ts';

/** Queries that stay together whatever their order: the kernel embeds four at a time. */
const QUERY_LEAF = 4;

/** Blocks of queries in an order in which one lies near the next; the results stand in the caller's order. */
export async function searchPruned(
  index: SearchIndex,
  queries: CheckedMatrix,
  k: number,
  metric: EffectiveMetric,
  options: SearchOptions,
): Promise<Neighbors> {
  const results = new Results(index, queries, k, options);
  for (let start = 0; start < queries.rows; start += ORDERED_QUERIES) {
    const count = Math.min(ORDERED_QUERIES, queries.rows - start);
    const order = await queryOrder(index, queries, start, count);
    await results.gather(order, BLOCK_QUERIES, (call, struct, asked) =>
      call('search', index.layout.index, struct, asked, k, guessesFor(k), candidatesFor(k)),
    );
  }
  return results.neighbors(metric);
}

/** Every query against every row. */
export async function searchScanning(
  index: SearchIndex,
  queries: CheckedMatrix,
  k: number,
  metric: EffectiveMetric,
  options: SearchOptions,
): Promise<Neighbors> {
  const results = new Results(index, queries, k, options);
  const share = Math.ceil(queries.rows / index.layout.scratches.length / 8) * 8;
  const order = Int32Array.from({ length: queries.rows }, (_, i) => i);
  await results.gather(order, Math.min(SCAN_QUERIES, share), (call, struct, asked) =>
    call('scan', index.layout.index, struct, asked, k),
  );
  return results.neighbors(metric);
}

class Results {
  readonly #index: SearchIndex;
  readonly #queries: CheckedMatrix;
  readonly #k: number;
  readonly #options: SearchOptions;
  readonly #keys: Float64Array;
  readonly #indices: Int32Array;
  #done = 0;

  constructor(index: SearchIndex, queries: CheckedMatrix, k: number, options: SearchOptions) {
    this.#index = index;
    this.#queries = queries;
    this.#k = k;
    this.#options = options;
    this.#keys = new Float64Array(queries.rows * k);
    this.#indices = new Int32Array(queries.rows * k);
  }

  /** Searches for the queries of these numbers, block by block. */
  async gather(
    order: Int32Array,
    block: number,
    search: (call: KernelCall, struct: number, asked: number) => Promise<void>,
  ): Promise<void> {
    const { layout, memory, pool } = this.#index;
    const { signal, onProgress } = this.#options;
    const k = this.#k;
    await pool.map(Math.ceil(order.length / block), async (i, worker, call) => {
      signal?.throwIfAborted();
      const scratch = layout.scratches[worker];
      if (!scratch) return;
      const asked = order.subarray(i * block, (i + 1) * block);
      await writeQueries(this.#index, scratch, call, this.#queries, asked);
      await search(call, scratch.struct, asked.length);
      const keys = new Float64Array(memory.buffer, scratch.keys, asked.length * k);
      const rows = new Int32Array(memory.buffer, scratch.indices, asked.length * k);
      asked.forEach((query, j) => {
        this.#keys.set(keys.subarray(j * k, (j + 1) * k), query * k);
        this.#indices.set(rows.subarray(j * k, (j + 1) * k), query * k);
      });
      this.#done += asked.length;
      onProgress?.({ done: this.#done, total: this.#queries.rows });
    });
  }

  neighbors(metric: EffectiveMetric): Neighbors {
    return neighborsOf(this.#queries, this.#k, this.#indices, this.#keys, metric);
  }
}

/** What sums of products in float64 err by, of their terms: for keys that are no squared distances. */
function relativeError(columns: number): number {
  return (columns + 16) * 2 ** -50;
}

async function writeQueries(
  { layout, memory }: SearchIndex,
  scratch: Scratch,
  call: KernelCall,
  { data, columns }: CheckedMatrix,
  asked: Int32Array,
): Promise<void> {
  const { floats } = layout.shape;
  const target =
    floats > 0
      ? new Float32Array(memory.buffer, scratch.floats, asked.length * floats)
      : new Uint8Array(memory.buffer, scratch.queries, asked.length * layout.rowBytes);
  const width = target.length / asked.length;
  asked.forEach((query, i) => {
    target.set(data.subarray(query * columns, (query + 1) * columns), i * width);
  });
  if (floats === 0) return;
  const relative = relativeError(columns);
  await call('quantiseQueries', layout.index, scratch.struct, asked.length, relative);
}

/** Queries [start, start + count) in an order in which one lies near the next. */
async function queryOrder(
  index: SearchIndex,
  queries: CheckedMatrix,
  start: number,
  count: number,
): Promise<Int32Array> {
  const { layout, memory, pool } = index;
  await pool.map(Math.ceil(count / BLOCK_QUERIES), async (block, worker, call) => {
    const scratch = layout.scratches[worker];
    if (!scratch) return;
    const from = block * BLOCK_QUERIES;
    const length = Math.min(BLOCK_QUERIES, count - from);
    const asked = Int32Array.from({ length }, (_, i) => start + from + i);
    await writeQueries(index, scratch, call, queries, asked);
    await call(
      'embedKeys',
      ...[layout.index, scratch.struct, scratch.queries, BLOCK_QUERIES],
      ...[layout.queryKeys + from * 2, ORDERED_QUERIES],
    );
  });
  const keys = new Int16Array(memory.buffer, layout.queryKeys, KEYS * ORDERED_QUERIES);
  const order = withoutPauses(leafOrder(keys, ORDERED_QUERIES, count, QUERY_LEAF));
  return order.subarray(0, count).map((query) => start + query);
}
