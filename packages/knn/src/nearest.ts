/** Which way of searching, by name; and `auto`, which looks at the rows. */
import { availableParallelism } from 'node:os';
import { bruteForceSearch } from './brute.ts';
import { MOST_THREADS, checkOptions } from './checks.ts';
import { KnnError, KnnInputError } from './errors.ts';
import type { DistanceKernelId } from './kernels/kernel.ts';
import type { ByteProduct } from './kernels/product.ts';
import { distanceKernel } from './kernels/table.ts';
import { plainManhattanSearch } from './manhattan/plain.ts';
import { manhattanRefusal, manhattanSearch } from './manhattan/search.ts';
import { checkMatrix, isBytes } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import type { MetricOptions } from './metric.ts';
import type { PreparedSearch } from './neighbors.ts';
import { prunedRefusal, prunedSearch } from './pruned/search.ts';
import type { PrunedSearch } from './pruned/search.ts';
import { webgpuSearch } from './webgpu/search.ts';

export type Algorithm = 'auto' | 'brute' | 'pruned';

export interface NearestOptions extends MetricOptions {
  /**
   * Default 'auto'. Euclidean: 'pruned' for bytes where a trial on a few rows shows that it pays, 'brute' otherwise.
   * Manhattan: 'pruned' for all but small matrices.
   */
  readonly algorithm?: Algorithm | undefined;
  /**
   * Who multiplies in 'brute'. Default 'exact'. Asking for a kernel by name makes 'auto' mean 'brute'. 'webgpu' also selects on
   * the device, and needs a GPU.
   */
  readonly kernel?: DistanceKernelId | undefined;
  /** Threads of either way, up to 64. Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
  /** Queries at a time in 'brute'. */
  readonly blockSize?: number | undefined;
  /** How the kernel 'exact' multiplies bytes. Default 'auto'. */
  readonly product?: ByteProduct | 'auto' | undefined;
}

/** Below this, onnxruntime is done before pruning has learnt its axes. */
const FEWEST_ROWS = 4096;
const FEWEST_COLUMNS = 64;
/** Rows tried as queries. */
const TRIAL_ROWS = 16;
/**
 * Above this share of rows that must be measured, one dense product is cheaper: a scattered row costs about ten times
 * what it costs in a product (benchmarks/notes/knn.md).
 */
const WORTHWHILE_SHARE = 0.08;

/**
 * Makes training rows ready for searching. Neighbours are the same whatever is chosen.
 *
 * @throws KnnInputError for an unsound matrix, an unknown option or value, or an algorithm that these rows do not allow.
 */
export async function nearestNeighbors(
  train: Matrix,
  options: NearestOptions = {},
): Promise<PreparedSearch> {
  checkOptions('nearest', options);
  checkMatrix(train, 'The training matrix');
  return guarded(await prepare(train, options));
}

/** A search that looks at its options and refuses work once it is disposed of, whatever the way. */
function guarded(inner: PreparedSearch): PreparedSearch {
  let disposed: Promise<void> | undefined;
  const isGone = (): boolean => disposed !== undefined;
  const gone = (cause?: unknown): KnnError =>
    new KnnError('disposed', 'The search was disposed of; fit again.', { cause });
  return {
    algorithm: inner.algorithm,
    path: inner.path,
    search: async (queries, k, options = {}) => {
      checkOptions('search', options);
      if (isGone()) throw gone();
      try {
        return await inner.search(queries, k, options);
      } catch (error) {
        // Native memory that goes while it is searched gives each way's own error.
        throw isGone() && !(error instanceof KnnInputError) ? gone(error) : error;
      }
    },
    dispose: () => (disposed ??= inner.dispose()),
  };
}

async function prepare(train: Matrix, options: NearestOptions): Promise<PreparedSearch> {
  const { algorithm = 'auto', threads = Math.min(MOST_THREADS, availableParallelism()) } = options;
  if (effectiveMetric(options) === 'manhattan') return byManhattan(train, threads, options);
  const brute = (): Promise<PreparedSearch> => {
    const { kernel = 'exact', product = 'auto', blockSize } = options;
    if (kernel === 'webgpu') return webgpuSearch(train);
    return bruteForceSearch(train, distanceKernel(kernel, { threads, product }), blockSize);
  };
  switch (algorithm) {
    case 'brute':
      return brute();
    case 'pruned':
      return prunedSearch(train, threads);
    case 'auto': {
      const small = train.rows < FEWEST_ROWS || train.columns < FEWEST_COLUMNS;
      if (options.kernel !== undefined || small || prunedRefusal(train) !== undefined)
        return brute();
      const pruned = await prunedSearch(train, threads);
      if (await isWorthwhile(pruned, train)) return withFallback(pruned, brute);
      await pruned.dispose();
      return brute();
    }
  }
}

/** Below this, two loops are done before the threads have started. */
const FEWEST_MANHATTAN_BYTES = 2 ** 16;

function byManhattan(
  train: Matrix,
  threads: number,
  { algorithm = 'auto', kernel, product }: NearestOptions,
): PreparedSearch {
  const euclidean = kernel ?? product;
  if (euclidean !== undefined) {
    throw new KnnInputError(
      'option',
      `"${euclidean}" is a way to multiply for Euclidean distances; leave the options kernel and product out with Manhattan distances.`,
    );
  }
  switch (algorithm) {
    case 'brute':
      return plainManhattanSearch(train);
    case 'pruned':
      return manhattanSearch(train, threads);
    case 'auto': {
      const small = train.data.length < FEWEST_MANHATTAN_BYTES;
      if (small || manhattanRefusal(train) !== undefined) return plainManhattanSearch(train);
      const pruned = manhattanSearch(train, threads);
      return withFallback(pruned, () => Promise.resolve(plainManhattanSearch(train)));
    }
  }
}

async function isWorthwhile(pruned: PrunedSearch, train: Matrix): Promise<boolean> {
  if (!isBytes(train)) return false;
  const { data, columns } = train;
  const trial = new Uint8Array(TRIAL_ROWS * columns);
  for (let i = 0; i < TRIAL_ROWS; i++) {
    const row = Math.floor((i * train.rows) / TRIAL_ROWS);
    trial.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  await pruned.search({ data: trial, rows: TRIAL_ROWS, columns }, Math.min(5, pruned.maxNeighbors));
  const { measured, boundedFinely, queries } = pruned.counts;
  // Bounding a row finely costs about a sixth of measuring it.
  return (measured + boundedFinely / 6) / queries < WORTHWHILE_SHARE * train.rows;
}

/** For more neighbours than the pruned search takes, the plain one is made ready at first need. */
function withFallback(
  pruned: PreparedSearch & { readonly maxNeighbors: number },
  brute: () => Promise<PreparedSearch>,
): PreparedSearch {
  let plain: Promise<PreparedSearch> | undefined;
  return {
    algorithm: pruned.algorithm,
    path: pruned.path,
    search: async (queries, k, options) => {
      if (!Number.isInteger(k) || k <= pruned.maxNeighbors)
        return pruned.search(queries, k, options);
      plain ??= brute();
      return (await plain).search(queries, k, options);
    },
    dispose: async () => {
      await pruned.dispose();
      await (await plain)?.dispose();
    },
  };
}
