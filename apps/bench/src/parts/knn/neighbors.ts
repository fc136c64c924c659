/**
 * What k-NN's figures need besides the timed searches: one untimed search with more neighbours, voted on for every
 * smaller k, and the neighbours of a few queries. On raw pixels, with the fastest search: all of them are exact, so
 * which one does not matter.
 */

import type { LabelledImages } from '@fashion-bench/dataset';
import {
  encodeLabels,
  nearestNeighbors,
  nearestOf,
  type Neighbors,
  vote,
} from '@fashion-bench/knn';
import type { KCurvePoint, NeighborSample } from '@fashion-bench/report';

import type { Weights } from '../../command-line/settings.ts';
import { imageMatrix } from '../../data/image-matrix.ts';
import { firstOfEachClass, firstWhere } from '../../data/samples.ts';
import type { RunContext } from '../../run/context.ts';

const CURVE_TO = 15;
/** Right and wrong queries that are shown, and neighbours of each. */
const SHOWN = 4;
const NEIGHBORS_SHOWN = 5;

export async function keepNeighbors(context: RunContext): Promise<void> {
  const { settings, data, threads, progress, signal, journal } = context;
  const { train, test } = data;
  const queries = imageMatrix(test.images);
  const k = Math.min(Math.max(CURVE_TO, settings.k), train.labels.length);
  const search = await nearestNeighbors(imageMatrix(train.images), { algorithm: 'auto', threads });
  const task = progress.task(`k-NN, k = 1 to ${Math.min(CURVE_TO, k)}`, queries.rows, 'queries');
  try {
    const neighbors = await search.search(queries, k, {
      signal,
      onProgress: ({ done }) => {
        task.update(done);
      },
    });
    const weights = settings.weights.at(-1) ?? 'uniform';
    const samples = neighborSamples(neighbors, train, test, settings.k, weights);
    const { predictions } = journal;
    predictions.setNeighbors(kCurve(neighbors, train.labels, test.labels), samples);
    const shown = samples.flatMap((sample) => sample.neighbors.map(({ index }) => index));
    const queried = samples.map(({ index }) => index);
    predictions.addImages('train', train, [...firstOfEachClass(train), ...shown]);
    predictions.addImages('test', test, queried);
  } finally {
    task.finish();
    await search.dispose();
  }
}

/** Images classified rightly for k = 1, 2, ... and both rules of weights, from one search. */
function kCurve(
  neighbors: Neighbors,
  trainLabels: Uint8Array,
  testLabels: Uint8Array,
): readonly KCurvePoint[] {
  const encoded = encodeLabels(trainLabels);
  return (['uniform', 'distance'] as const).flatMap((weights) =>
    Array.from({ length: Math.min(CURVE_TO, neighbors.k) }, (_, i) => {
      const predicted = vote(nearestOf(neighbors, i + 1), encoded, weights);
      const correct = predicted.reduce((n, label, q) => n + (label === testLabels[q] ? 1 : 0), 0);
      return { k: i + 1, weights, correct };
    }),
  );
}

/** The first queries that are classified rightly, then the first that are not. */
function neighborSamples(
  neighbors: Neighbors,
  train: LabelledImages,
  test: LabelledImages,
  k: number,
  weights: Weights,
): readonly NeighborSample[] {
  const predicted = vote(nearestOf(neighbors, k), encodeLabels(train.labels), weights);
  const right = firstWhere(test.labels, (label, i) => predicted[i] === label, SHOWN);
  const wrong = firstWhere(test.labels, (label, i) => predicted[i] !== label, SHOWN);
  return [...right, ...wrong].map((index) => ({
    index,
    weights,
    predicted: predicted[index] ?? 0,
    neighbors: Array.from({ length: Math.min(NEIGHBORS_SHOWN, k) }, (_, i) => {
      const at = index * neighbors.k + i;
      const row = neighbors.indices[at]!;
      return {
        index: row,
        label: train.labels[row]!,
        distance: neighbors.distances[at]!,
      };
    }),
  }));
}
