/** What a run measured, by the settings that make two measurements comparable. */

import { finished, type StoredRun } from '../figures/figures.ts';
import { formatCount, formatPlural } from '../format.ts';
import type { CnnRun } from '../results.ts';
import { optimizerWords } from '../sections/cnn.ts';
import { knnName, networkName } from '../names.ts';

export const PARTS = ['k-NN', 'CNN', 'Distance kernels'] as const;

/** One final accuracy. */
export interface Score {
  readonly seed: number | null;
  readonly correct: number;
  readonly total: number;
  /** Predicted classes, encoded; `undefined` where they were not kept. */
  readonly predicted: string | undefined;
}

/** A setting of a run with all its repetitions: of several seeds all trainings. */
export interface Measured {
  readonly part: (typeof PARTS)[number];
  /** Plain text, without the settings that are usual. */
  readonly name: string;
  /** What one timing is of: the same words and `timeSettings` in two runs mean the same work. */
  readonly timed: string;
  /** Must be equal where times are compared. */
  readonly timeSettings: Readonly<Record<string, string>>;
  /** Must be equal as well where accuracies are compared. */
  readonly settings: Readonly<Record<string, string>>;
  /** May differ: that is what one wants to compare. */
  readonly means: Readonly<Record<string, string>>;
  /** Seconds, one list for each search or training, in the order measured. */
  readonly sequences: readonly (readonly number[])[];
  readonly scores: readonly Score[];
}

export function measuredBy(run: StoredRun): readonly Measured[] {
  return [...searches(run), ...trainings(run), ...kernels(run)];
}

function searches({ record: { data, knn }, predictions }: StoredRun): readonly Measured[] {
  return knn.map((result): Measured => {
    const name = knnName(result);
    const timeSettings = {
      images: data.name,
      k: String(result.k),
      votes: result.weights,
      metric: result.metric,
      pixels: result.standardised ? 'standardised' : 'raw',
      ...counts(result.trainCount, result.total),
    };
    const kept = predictions?.knn.find((other) => knnName(other) === name);
    return {
      ...{ part: 'k-NN', name, timed: `${name}: search`, timeSettings, settings: timeSettings },
      means: meansOf(result, result.kernel),
      sequences: [result.repetitions],
      scores: [{ ...result, seed: null, predicted: kept?.predicted }],
    };
  });
}

function trainings({ record: { data, cnn }, predictions }: StoredRun): readonly Measured[] {
  const groups = new Map<string, { readonly measured: Measured; readonly own: CnnRun[] }>();
  for (const training of cnn) {
    const { network, augment, batchSize, epochsRequested, trainCount } = training;
    const name = `${networkName(training)}, batch ${batchSize}`;
    const timeSettings = {
      images: data.name,
      network: `${network.name}, ${formatPlural(network.parameters, 'parameter')}`,
      optimizer: optimizerWords(training),
      batch: formatCount(batchSize),
      'Random Erasing':
        augment.mode + (augment.mode === 'none' || augment.p === null ? '' : `, p = ${augment.p}`),
      ...counts(trainCount, data.testCount),
    };
    const measured: Measured = {
      ...{ part: 'CNN', name: `${name}, ${formatPlural(epochsRequested, 'epoch')}` },
      ...{ timed: `${name}: epoch`, timeSettings },
      settings: { ...timeSettings, epochs: String(epochsRequested) },
      ...{ means: meansOf(training), sequences: [], scores: [] },
    };
    const key = keyOf(measured.settings);
    groups.set(key, { measured, own: [...(groups.get(key)?.own ?? []), training] });
  }
  return [...groups.values()].map(({ measured, own }) => ({
    ...measured,
    sequences: own.map(({ epochs }) => epochs.map(({ seconds }) => seconds)),
    scores: finished(own).flatMap(({ seed, batchSize, correct, total }) => {
      const kept = predictions?.cnn.find(
        (other) => other.seed === seed && other.batchSize === batchSize,
      );
      return correct === null || total === null
        ? []
        : { seed, correct, total, predicted: kept?.predicted };
    }),
  }));
}

function kernels({ record: { data, kernels: timings } }: StoredRun): readonly Measured[] {
  return timings.map((timing): Measured => {
    const { kernel, queries, rows, columns, sampleSeconds } = timing;
    const name = `kernel ${kernel}, ${formatCount(queries)} x ${formatCount(rows)}`;
    const settings = {
      images: data.name,
      kernel,
      ...{ queries: formatCount(queries), rows: formatCount(rows), columns: formatCount(columns) },
    };
    return {
      ...{ part: 'Distance kernels', name, timed: `${name}: call`, settings },
      ...{ timeSettings: settings, means: meansOf(timing) },
      ...{ sequences: [sampleSeconds], scores: [] },
    };
  });
}

function counts(train: number, test: number): Record<string, string> {
  return { 'training images': formatCount(train), 'test images': formatCount(test) };
}

function meansOf(
  { engine, threads }: { readonly engine: string; readonly threads: number },
  kernel?: string,
): Record<string, string> {
  return { ...(kernel === undefined ? {} : { kernel }), engine, threads: String(threads) };
}

export function keyOf(settings: Readonly<Record<string, string>>): string {
  return JSON.stringify(settings);
}
