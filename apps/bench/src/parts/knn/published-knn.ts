/**
 * `bench knn --protocol published`: the whole grid of the published benchmark, k 1, 5 and 9, both rules of votes, Manhattan
 * and Euclidean distance, on standardised pixels.
 *
 * The neighbours are in total order, so the nearest k of a search for 9 are what a search for k finds: one timed search for
 * each distance serves its six rows, and the time of a row is that search and the row's own vote.
 */

import {
  encodeLabels,
  type EncodedLabels,
  type Matrix,
  nearestNeighbors,
  nearestOf,
  type Neighbors,
  StandardScaler,
  vote,
} from '@fashion-bench/knn';
import type { KnnResult } from '@fashion-bench/report';

import { GRID } from '../../command-line/settings.ts';
import { scoreOf } from '../../data/confusion.ts';
import { imageMatrix } from '../../data/image-matrix.ts';
import type { RunContext } from '../../run/context.ts';
import { engineOfKernel, searchOptions, TIE_RULE } from './search-options.ts';

type Metric = 'euclidean' | 'manhattan';

/** What is the same in all rows of one distance. */
interface Searched {
  readonly neighbors: Neighbors;
  readonly searchSeconds: number;
  readonly common: Pick<
    KnnResult,
    'metric' | 'kernel' | 'engine' | 'precision' | 'fitSeconds' | 'threads' | 'queryBlock'
  >;
}

export async function runPublishedKnn(context: RunContext): Promise<void> {
  const { data, progress, signal, journal } = context;
  const missing = GRID.metrics.flatMap((metric) => {
    const rows = GRID.weights.flatMap((weights) => GRID.k.map((k) => ({ k, weights })));
    const left = rows.filter((row) => !journal.hasKnn({ ...row, metric, standardised: true }));
    return left.length === 0 ? [] : [{ metric, left }];
  });
  if (missing.length === 0) return;
  progress.note('Standardising the pixels by mean and deviation of the training images.');
  const start = performance.now();
  const scaler = new StandardScaler();
  const train = scaler.fitTransform(imageMatrix(data.train.images));
  const queries = scaler.transform(imageMatrix(data.test.images));
  const scalingSeconds = (performance.now() - start) / 1000;
  const labels = encodeLabels(data.train.labels);
  for (const { metric, left } of missing) {
    signal.throwIfAborted();
    const searched = await searchOnce(metric, train, queries, scalingSeconds, context);
    for (const { k, weights } of left) {
      await journal.addKnn(resultOf(searched, k, weights, labels, context));
    }
  }
}

async function searchOnce(
  metric: Metric,
  train: Matrix,
  queries: Matrix,
  scalingSeconds: number,
  { settings, engine, threads, progress, signal }: RunContext,
): Promise<Searched> {
  // The engines multiply matrices, which a Manhattan distance is not made of: it has a way of its own on all of them.
  const options = metric === 'euclidean' ? searchOptions(settings.engine, engine.id) : {};
  const start = performance.now();
  const search = await nearestNeighbors(train, { metric, threads, ...options });
  const fitSeconds = scalingSeconds + (performance.now() - start) / 1000;
  const task = progress.task(`k-NN, ${metric} distance`, queries.rows, 'queries');
  let queryBlock = queries.rows;
  try {
    const searchStart = performance.now();
    const neighbors = await search.search(queries, Math.max(...GRID.k), {
      signal,
      onProgress: ({ done }) => {
        queryBlock = Math.min(queryBlock, done);
        task.update(done);
      },
    });
    const searchSeconds = (performance.now() - searchStart) / 1000;
    const way = wayOf(metric, search.algorithm, options.kernel ?? 'exact', engine.id);
    const single = way.engine === 'javascript' || engine.id === 'reference';
    const common = {
      metric,
      ...way,
      precision: search.path,
      fitSeconds,
      threads: single && search.algorithm === 'brute' ? 1 : threads,
      queryBlock,
    };
    return { neighbors, searchSeconds, common };
  } finally {
    task.finish();
    await search.dispose();
  }
}

function wayOf(
  metric: Metric,
  algorithm: 'brute' | 'pruned',
  kernel: string,
  engine: string,
): Pick<KnnResult, 'kernel' | 'engine'> {
  if (algorithm === 'pruned') return { kernel: 'pruned', engine: 'wasm' };
  return metric === 'manhattan'
    ? { kernel: 'naive', engine: 'javascript' }
    : { kernel, engine: engineOfKernel(kernel, engine) };
}

function resultOf(
  { neighbors, searchSeconds, common }: Searched,
  k: number,
  weights: 'uniform' | 'distance',
  labels: EncodedLabels,
  { data }: RunContext,
): KnnResult {
  const start = performance.now();
  const predicted = vote(nearestOf(neighbors, k), labels, weights);
  const seconds = searchSeconds + (performance.now() - start) / 1000;
  return {
    ...common,
    k,
    weights,
    standardised: true,
    tieRule: TIE_RULE,
    trainCount: data.train.labels.length,
    ...scoreOf(data.test, predicted),
    searchSeconds: seconds,
    repetitions: [seconds],
    warmup: 'none',
  };
}
