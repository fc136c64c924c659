/**
 * `bench knn`: the test images by their k nearest neighbours, once for every rule of weights.
 *
 * The clock of a search covers distances, selection and vote of all queries, after `fit`. Nothing is shared
 * between the rules: each has a classifier of its own and is timed for itself.
 */

import { KNeighborsClassifier } from '@fashion-bench/knn';
import { type KnnKey, type KnnResult, quantile } from '@fashion-bench/report';

import type { Weights } from '../../command-line/settings.ts';
import { scoreOf } from '../../data/confusion.ts';
import { imageMatrix } from '../../data/image-matrix.ts';
import type { RunContext } from '../../run/context.ts';
import { type Repetitions, repetitionsWithin } from '../measure.ts';
import { keepNeighbors } from './neighbors.ts';
import { runPublishedKnn } from './published-knn.ts';
import { engineOfKernel, searchOptions, TIE_RULE } from './search-options.ts';

/**
 * Timed searches; the median counts. Five at least, because with fewer no comparison of two runs can tell a difference; an
 * exception is plain JavaScript on all images, which takes a quarter of an hour.
 */
const REPETITIONS: Repetitions = { least: 5, most: 20, seconds: 10 };

function repetitionsFor(first: number, { settings, engine }: RunContext): number {
  return engine.id === 'reference' && !settings.quick ? 1 : repetitionsWithin(REPETITIONS, first);
}

/** Queries classified before the clock starts: enough for every thread to have compiled what it runs. */
const WARMUP_QUERIES = 256;

export async function runKnn(context: RunContext): Promise<void> {
  const { settings, signal, journal } = context;
  if (settings.protocol === 'published') {
    await runPublishedKnn(context);
    return;
  }
  for (const weights of settings.weights) {
    signal.throwIfAborted();
    const key = keyOf(settings.k, weights);
    // A process that was killed may have written the one and not the other.
    if (journal.hasKnn(key) && journal.predictions.hasKnn(key)) continue;
    await journal.addKnn(await measureRule(weights, context));
    await journal.savePredictions();
  }
  if (journal.predictions.hasNeighbors) return;
  await keepNeighbors(context);
  await journal.savePredictions();
}

function keyOf(k: number, weights: Weights): KnnKey {
  return { k, weights, metric: 'euclidean', standardised: false };
}

async function measureRule(weights: Weights, context: RunContext): Promise<KnnResult> {
  const { settings, data, engine, threads, journal } = context;
  const options = searchOptions(settings.engine, engine.id);
  const classifier = new KNeighborsClassifier({
    nNeighbors: settings.k,
    weights,
    threads,
    ...options,
  });
  try {
    const fitStart = performance.now();
    await classifier.fit(imageMatrix(data.train.images), data.train.labels);
    const fitSeconds = (performance.now() - fitStart) / 1000;
    const measured = await searches(classifier, weights, context);
    const pruned = classifier.algorithm === 'pruned';
    const key = keyOf(settings.k, weights);
    journal.predictions.addKnn(key, data.test.labels, measured.predicted);
    return {
      ...key,
      kernel: pruned ? 'pruned' : (options.kernel ?? 'exact'),
      engine: pruned ? 'wasm' : engineOfKernel(options.kernel ?? 'exact', engine.id),
      precision: classifier.path,
      tieRule: TIE_RULE,
      trainCount: data.train.labels.length,
      ...scoreOf(data.test, measured.predicted),
      fitSeconds,
      searchSeconds: quantile(measured.seconds, 0.5),
      repetitions: measured.seconds,
      warmup: `${Math.min(WARMUP_QUERIES, data.test.labels.length)} queries classified`,
      threads: engine.id === 'reference' ? 1 : threads,
      queryBlock: measured.queryBlock,
    };
  } finally {
    await classifier.dispose();
  }
}

interface Searches {
  readonly predicted: readonly number[];
  readonly seconds: readonly number[];
  /** Queries that were done when progress was first reported. */
  readonly queryBlock: number;
}

async function searches(
  classifier: KNeighborsClassifier,
  weights: Weights,
  context: RunContext,
): Promise<Searches> {
  const { data, progress, signal } = context;
  const queries = imageMatrix(data.test.images);
  const total = queries.rows;
  const warmup = imageMatrix(data.test.images, Math.min(WARMUP_QUERIES, total));
  await classifier.predict(warmup, { signal });

  let queryBlock = total;
  const search = async (onDone: (done: number) => void) => {
    const start = performance.now();
    const predicted = await classifier.predict(queries, {
      signal,
      onProgress: ({ done }) => {
        queryBlock = Math.min(queryBlock, done);
        onDone(done);
      },
    });
    return { predicted, seconds: (performance.now() - start) / 1000 };
  };

  const label = `k-NN, ${weights} weights`;
  const task = progress.task(label, total, 'queries');
  const first = await search((done) => {
    task.update(done);
  }).finally(() => {
    task.finish();
  });
  const seconds = [first.seconds];
  const more = repetitionsFor(first.seconds, context) - 1;
  if (more > 0) {
    const again = progress.task(`${label}, timed again`, more, 'searches');
    try {
      while (seconds.length <= more) {
        seconds.push((await search(() => undefined)).seconds);
        again.update(seconds.length - 1);
      }
    } finally {
      again.finish();
    }
  }
  const { predicted } = first;
  return { predicted, seconds, queryBlock };
}
