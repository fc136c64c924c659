/**
 * Exact neighbours in WebAssembly SIMD, in worker threads: at a fraction of the arithmetic where rows can be pruned, and by
 * comparing all of them where not.
 *
 * Rows are stored in leaves of 32 that lie near each other. A query is bounded against the box around each leaf; the rows
 * that look nearest in the nearest leaves are measured and give a threshold; leaves whose boxes lie beyond it are out. The
 * rows of the others are bounded in 32 integer coordinates instead of all columns, what passes in 64 and in 127, and what
 * is left is measured in full, in int32. Queries are taken in an order in which one lies near the next, so that the rows
 * they need are in the cache already. Floats are searched as bytes that provably bound the distance (floats/steps.ts), and the
 * few rows that these leave in doubt are measured in float64.
 *
 * The bounds are proven (embedding.ts), so the neighbours are those of a plain search, ties included. What they gain depends
 * on the data: where a few directions hold most of the variation, as in images, nearly all; on noise nothing, and comparing
 * all bytes is faster.
 */
import { KnnInputError } from '../errors.ts';
import { KERNEL_WASM } from '../generated/kernel-wasm.ts';
import { MAX_BYTE_COLUMNS } from '../kernels/kernel.ts';
import { asChecked, isBytes, rowsOf } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import type { EffectiveMetric } from '../metric.ts';
import { MAX_MEMORY_BYTES, allocateShared, compiledModule } from '../threads/memory.ts';
import { KernelPool } from '../threads/pool.ts';
import type { CheckedSearch } from '../neighbors.ts';
import { searchPruned, searchScanning } from './blocks.ts';
import { fillBounds, fillRows } from './fill.ts';
import type { SearchIndex } from './fill.ts';
import { MAX_NEIGHBORS, layOut } from './layout.ts';
import type { RowShape } from './layout.ts';

/** The metrics of this search, and their numbers in the kernel. */
const METRICS = { euclidean: 0, cosine: 1, innerProduct: 2 } as const;

export type BoundedMetric = keyof typeof METRICS;

/** What the last search spent, over all its queries. */
export interface PruningCounts {
  readonly queries: number;
  /** Leaves of 32 rows that the boxes did not rule out. */
  readonly boundedLeaves: number;
  /** Rows that passed the coarse bound. */
  readonly boundedFinely: number;
  /** Of them, rows that passed the next one. */
  readonly boundedFar: number;
  /** Rows whose bytes were compared in all columns; not counted in a scan. */
  readonly measured: number;
  /** Rows measured in float64; 0 for bytes. */
  readonly measuredExactly: number;
}

export interface BoundedSearch extends CheckedSearch {
  /** Of the last finished search. */
  readonly counts: PruningCounts;
}

export interface BoundedOptions {
  readonly metric?: BoundedMetric;
  readonly threads: number;
  /** 'scan': compares all rows. 'auto': prunes where a trial on a few rows shows that it pays. */
  readonly way: 'pruned' | 'scan' | 'auto';
}

/** Below this, a scan is done before pruning has learnt its axes. */
const FEWEST_ROWS = 4096;
const FEWEST_COLUMNS = 64;
/** Rows tried as queries. */
const TRIAL_ROWS = 16;
/**
 * Above this share of rows that must be measured, a scan is cheaper: a scattered row costs about ten times what it costs in
 * a product (benchmarks/notes/knn.md).
 */
const WORTHWHILE_SHARE = 0.08;

function shapeOf(train: Matrix, metric: BoundedMetric): RowShape {
  const { rows, columns } = train;
  const asBytes = isBytes(train) && metric === 'euclidean';
  const floats = asBytes ? 0 : Math.ceil(columns / 4) * 4;
  const bytes = asBytes ? columns : metric === 'innerProduct' ? floats + 1 : floats;
  return { rows, bytes, floats, metric: METRICS[metric] };
}

/** Why these rows cannot be searched this way; undefined where they can. */
export function boundedRefusal(
  train: Matrix,
  metric: BoundedMetric = 'euclidean',
): string | undefined {
  const { rows, bytes, floats } = shapeOf(train, metric);
  if (bytes > MAX_BYTE_COLUMNS) return `it takes up to ${MAX_BYTE_COLUMNS} columns, not ${bytes}`;
  // Generous: rows, embeddings, boxes, and scratch for 64 threads.
  const row = bytes + 16 + 4 * floats + 2 * (32 + 128) + 24 + 64 / 8;
  const scratch = 2 ** 28 + 64 * 128 * (3 * bytes + 4 * floats);
  if (rows * row + scratch > MAX_MEMORY_BYTES) return 'its copy of the rows would pass 4 GiB';
  return undefined;
}

/**
 * @throws KnnInputError 'limit' with the reason where the rows cannot be searched this way; KnnError 'memory' where the
 * copy of the rows does not fit.
 */
export async function boundedSearch(
  train: CheckedMatrix,
  { metric = 'euclidean', threads, way }: BoundedOptions,
): Promise<BoundedSearch> {
  const refusal = boundedRefusal(train, metric);
  if (refusal !== undefined) {
    throw new KnnInputError(
      'limit',
      `The algorithm "pruned" cannot be used: ${refusal}; choose "brute".`,
    );
  }
  const shape = shapeOf(train, metric);
  const layout = layOut(shape, threads);
  const memory = allocateShared(layout.totalBytes);
  layout.write(memory.buffer);
  const pool = new KernelPool(memory, threads, compiledModule(KERNEL_WASM));
  const index = { layout, memory, pool };
  const small = train.rows < FEWEST_ROWS || train.columns < FEWEST_COLUMNS;
  try {
    const numbers = await fillRows(index, train, metric);
    if (way === 'scan' || (way === 'auto' && small)) return over(index, metric, false);
    await fillBounds(index, train, numbers);
    const pruned = over(index, metric, true);
    const pays = way === 'pruned' || (await isWorthwhile(pruned, train));
    return pays ? pruned : over(index, metric, false);
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function over(index: SearchIndex, metric: EffectiveMetric, prunes: boolean): BoundedSearch {
  const { layout, pool } = index;
  let counts = takeCounts(index, 0);
  const bounds = prunes ? 'integer bounds' : 'every row as bytes';
  const distances = layout.shape.floats > 0 ? 'float64' : 'int32';
  const search = prunes ? searchPruned : searchScanning;
  return {
    algorithm: prunes ? 'pruned' : 'brute',
    path: `${bounds}, then ${distances} distances, WebAssembly SIMD, ${layout.scratches.length} threads`,
    maxNeighbors: Math.min(MAX_NEIGHBORS, layout.shape.rows),
    get counts() {
      return counts;
    },
    search: async (queries, k, options) => {
      takeCounts(index, 0);
      const found = await search(index, queries, k, metric, options);
      counts = takeCounts(index, queries.rows);
      return found;
    },
    dispose: () => pool.close(),
  };
}

/** Sums the workers' counts and sets them back. */
function takeCounts({ layout, memory }: SearchIndex, queries: number): PruningCounts {
  const sums = [0, 0, 0, 0, 0];
  for (const scratch of layout.scratches) {
    // Unsigned: a worker's share may pass 2^31.
    const counts = new Uint32Array(memory.buffer, scratch.counts, sums.length);
    counts.forEach((count, i) => {
      sums[i] = (sums[i] ?? 0) + count;
    });
    counts.fill(0);
  }
  const [boundedLeaves = 0, boundedFinely = 0, boundedFar = 0, measured = 0, exactly = 0] = sums;
  return {
    ...{ queries, boundedLeaves, boundedFinely, boundedFar, measured },
    measuredExactly: exactly,
  };
}

async function isWorthwhile(pruned: BoundedSearch, train: CheckedMatrix): Promise<boolean> {
  const { columns } = train;
  const data = isBytes(train)
    ? new Uint8Array(TRIAL_ROWS * columns)
    : new Float32Array(TRIAL_ROWS * columns);
  for (let i = 0; i < TRIAL_ROWS; i++) {
    const row = Math.floor((i * train.rows) / TRIAL_ROWS);
    data.set(rowsOf(train, row, row + 1).data, i * columns);
  }
  const trial = asChecked({ data, rows: TRIAL_ROWS, columns });
  await pruned.search(trial, Math.min(5, pruned.maxNeighbors), {});
  const { measured, boundedFinely, queries } = pruned.counts;
  // Bounding a row finely costs about a sixth of measuring it.
  return (measured + boundedFinely / 6) / queries < WORTHWHILE_SHARE * train.rows;
}
