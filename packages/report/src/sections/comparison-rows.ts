/** What the tables of the comparison are made of: every classifier of a run, of several seeds the mean. */

import { finished } from '../figures/figures.ts';
import {
  formatAccuracy,
  formatCount,
  formatList,
  formatPlural,
  formatSeconds,
  NOTHING,
} from '../format.ts';
import { escapeText } from '../markdown.ts';
import type { PublishedFigure } from '../published.ts';
import type { RunRecord } from '../record.ts';
import type { CnnRun, KnnResult } from '../results.ts';
import { markedTime, subsetWords, whyUnfinished } from '../standing.ts';
import { quantile } from '../statistics/proportions.ts';
import { cnnDepartures, knnDepartures } from '../verdict.ts';
import { knnName, networkName } from '../names.ts';
import { meanOver, recipe } from './seeds.ts';

/** One classifier as measured, ready to stand in a table. */
export interface Row {
  readonly run: string;
  readonly kind: 'knn' | 'cnn';
  /** Inline Markdown. */
  readonly classifier: string;
  /** Of several seeds their mean, to the nearest image. */
  readonly score: { readonly correct: number; readonly total: number } | null;
  /** Behind the score: `± 0.0028 (n = 3)`; empty for one training. */
  readonly spread: string;
  /** Preparing or training, and classifying all test images. */
  readonly training: string;
  readonly prediction: string;
  readonly parameters: string;
  /** The accuracy of every seed, or that chance plays no part. */
  readonly seeds: string;
  /** Why it has no final figure. */
  readonly unfinished: string | null;
  /** Which part of the images it saw, if not all. */
  readonly subset: string | null;
  /** What differs from the recipe behind a published figure. */
  readonly departures: (figure: PublishedFigure) => readonly string[];
  /** Whether a figure with a recipe is one of this classifier: for networks, of the same number of parameters. */
  readonly isOf: (figure: PublishedFigure) => boolean;
}

export function rowsOf(record: RunRecord): Row[] {
  return [
    ...record.knn.map((result) => knnRow(result, record)),
    ...repetitionsOf(record.cnn).map((repetitions) => cnnRow(repetitions, record)),
  ];
}

function knnRow(result: KnnResult, record: RunRecord): Row {
  return {
    run: record.run.id,
    kind: 'knn',
    classifier: escapeText(knnName(result)),
    ...{ score: result, spread: '' },
    training: markedTime(`fit ${formatSeconds(result.fitSeconds)}`, record),
    prediction: markedTime(formatSeconds(result.searchSeconds), record),
    ...{ parameters: NOTHING, seeds: 'exact, no seed', unfinished: null },
    subset: subsetWords(result.trainCount, result.total),
    departures: (figure) =>
      figure.kind === 'knn' && figure.recipe !== null ? knnDepartures(result, figure.recipe) : [],
    isOf: ({ kind }) => kind === 'knn',
  };
}

function cnnRow(repetitions: readonly [CnnRun, ...CnnRun[]], record: RunRecord): Row {
  const done = finished(repetitions);
  const counted = done.length === 0 ? repetitions.slice(0, 1) : done;
  const [training = repetitions[0]] = counted;
  const { total, network } = training;
  const mean = done.length === 0 ? training.finalTestAccuracy : meanOver(done).mean;
  const predicting = counted.flatMap(({ predictSeconds }) => predictSeconds ?? []);
  const median = (seconds: readonly number[]): string =>
    seconds.length === 0 ? NOTHING : markedTime(formatSeconds(quantile(seconds, 0.5)), record);
  return {
    run: record.run.id,
    kind: 'cnn',
    classifier: escapeText(trainingsName(counted)),
    score: mean === null || total === null ? null : { correct: Math.round(mean * total), total },
    spread: done.length < 2 ? '' : `± ${formatAccuracy(meanOver(done).sd)} (n = ${done.length})`,
    training: median(counted.map(({ trainSeconds }) => trainSeconds)),
    prediction: median(predicting),
    parameters: formatCount(network.parameters),
    seeds: counted
      .map(
        ({ seed, finalTestAccuracy: own }) =>
          `${seed}: ${own === null ? NOTHING : formatAccuracy(own)}`,
      )
      .join(', '),
    unfinished: whyUnfinished(training),
    subset: total === null ? null : subsetWords(training.trainCount, total),
    departures: (figure) =>
      figure.kind === 'cnn' && figure.recipe !== null ? cnnDepartures(training, figure.recipe) : [],
    isOf: ({ kind, recipe: published }) =>
      kind === 'cnn' && published?.parameters === network.parameters,
  };
}

/** `CNN, 50 epochs, batch 32, seeds 42, 43 and 44`: trainings that differ in their seeds alone. */
export function trainingsName(trainings: readonly CnnRun[]): string {
  const [first] = trainings;
  if (first === undefined) return '';
  const seeds = trainings.map(({ seed }) => String(seed));
  return [
    networkName(first),
    formatPlural(first.epochs.length, 'epoch'),
    `batch ${first.batchSize}`,
    `${seeds.length === 1 ? 'seed' : 'seeds'} ${formatList(seeds)}`,
  ].join(', ');
}

/** Trainings of the same recipe and batch, in the order in which they ran. */
export function repetitionsOf(trainings: readonly CnnRun[]): readonly [CnnRun, ...CnnRun[]][] {
  const groups = new Map<string, [CnnRun, ...CnnRun[]]>();
  for (const training of trainings) {
    const key = `${recipe(training)} ${training.batchSize}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [training]);
    else group.push(training);
  }
  return [...groups.values()];
}
