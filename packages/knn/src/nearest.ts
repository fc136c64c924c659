/** Which way of searching, by name; and `auto`, which looks at the rows. */
import { availableParallelism } from 'node:os';
import { bruteForceSearch } from './brute.ts';
import { MOST_THREADS, checkOptions } from './checks.ts';
import { KnnError, KnnInputError } from './errors.ts';
import { guarded } from './guarded.ts';
import type { ByteProduct, DistanceKernelId } from './kernels/kernel.ts';
import { naiveKernel } from './kernels/naive.ts';
import { loadOnnx } from './kernels/peers.ts';
import { kernelOf } from './kernels/table.ts';
import { manhattanRefusal, manhattanSearch } from './manhattan/search.ts';
import { checkInPauses, isBytes } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import type { MetricOptions } from './metric.ts';
import type { CheckedSearch, PreparedSearch } from './neighbors.ts';
import { plainSearch } from './plain.ts';
import type { PlainMetric } from './plain.ts';
import { boundedRefusal, boundedSearch } from './pruned/search.ts';
import { webgpuSearch } from './webgpu/search.ts';

export type Algorithm = 'auto' | 'brute' | 'pruned';

export interface NearestOptions extends MetricOptions {
  /**
   * Default 'auto': 'pruned' where a trial on a few rows shows that it pays, 'brute' otherwise. Manhattan: 'pruned' for all
   * but small matrices.
   */
  readonly algorithm?: Algorithm | undefined;
  /**
   * Who multiplies in 'brute' for the Euclidean metric. Default: 'exact' for bytes ('naive' where
   * onnxruntime-node is not installed), for floats loops of this package's own in
   * WebAssembly. Asking for a kernel by name makes 'auto' mean 'brute'. 'webgpu' also selects on
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

/** Below this, two loops are done before the threads have started. */
const FEWEST_ELEMENTS = 2 ** 16;

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
  const checked = await checkInPauses(train, 'The training matrix');
  return searchOver(checked, options);
}

/** The same for rows that were looked at, with options that were. */
export async function searchOver(
  train: CheckedMatrix,
  options: NearestOptions,
): Promise<PreparedSearch> {
  return guarded(train, await prepare(train, options));
}

function prepare(train: CheckedMatrix, options: NearestOptions): Promise<CheckedSearch> {
  const metric = effectiveMetric(options);
  const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
  if (metric === 'euclidean') return byEuclidean(train, threads, options);
  const { algorithm = 'auto', kernel, product } = options;
  const euclidean = kernel ?? product;
  if (euclidean !== undefined) {
    throw new KnnInputError(
      'option',
      `"${euclidean}" is a way to multiply for Euclidean distances; leave the options kernel and product out with the metric "${metric}".`,
    );
  }
  return byOther(train, metric, algorithm, threads);
}

async function byEuclidean(
  train: CheckedMatrix,
  threads: number,
  { algorithm = 'auto', kernel, product = 'auto', blockSize }: NearestOptions,
): Promise<CheckedSearch> {
  if (algorithm === 'pruned') return boundedSearch(train, { threads, way: 'pruned' });
  const bytes = isBytes(train);
  const tiny = train.data.length < FEWEST_ELEMENTS;
  const brute = async (): Promise<CheckedSearch> => {
    if (kernel === 'webgpu') return webgpuSearch(await loadOnnx('webgpu'), train);
    const id = kernel ?? (tiny && !bytes ? 'naive' : 'exact');
    try {
      return await bruteForceSearch(train, kernelOf(id, { threads, product }), blockSize);
    } catch (error) {
      const chosen = kernel === undefined && product === 'auto';
      if (!chosen || !(error instanceof KnnError && error.code === 'missing-package')) throw error;
      return bruteForceSearch(train, naiveKernel(), blockSize);
    }
  };
  const asked = kernel ?? blockSize;
  const plain = asked !== undefined || tiny || (bytes && algorithm === 'brute');
  if (plain || boundedRefusal(train) !== undefined) return brute();
  const way = algorithm === 'brute' ? 'scan' : 'auto';
  return withFallback(await boundedSearch(train, { threads, way }), brute);
}

async function byOther(
  train: CheckedMatrix,
  metric: PlainMetric,
  algorithm: Algorithm,
  threads: number,
): Promise<CheckedSearch> {
  const manhattan = metric === 'manhattan';
  const fast = async (way: 'pruned' | 'scan' | 'auto'): Promise<CheckedSearch> =>
    metric === 'manhattan'
      ? manhattanSearch(train, threads)
      : boundedSearch(train, { metric, threads, way });
  if (algorithm === 'pruned') return fast('pruned');
  const plain = (): Promise<CheckedSearch> => Promise.resolve(plainSearch(train, metric));
  const refusal = manhattan ? manhattanRefusal(train) : boundedRefusal(train, metric);
  const tiny = train.data.length < FEWEST_ELEMENTS;
  if (tiny || refusal !== undefined || (manhattan && algorithm === 'brute')) return plain();
  return withFallback(await fast(algorithm === 'brute' ? 'scan' : 'auto'), plain);
}

/** For more neighbours than the pruned search takes, the plain one is made ready at first need. */
function withFallback(pruned: CheckedSearch, brute: () => Promise<CheckedSearch>): CheckedSearch {
  let plain: Promise<CheckedSearch> | undefined;
  return {
    algorithm: pruned.algorithm,
    path: pruned.path,
    maxNeighbors: Infinity,
    search: async (queries, k, options) => {
      if (k <= pruned.maxNeighbors) return pruned.search(queries, k, options);
      plain ??= brute();
      return (await plain).search(queries, k, options);
    },
    dispose: async () => {
      await pruned.dispose();
      await (await plain)?.dispose();
    },
  };
}
