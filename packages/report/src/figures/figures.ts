/** All figures of a report. */

import type { PeersRecord } from '../peers.ts';
import type { RunPredictions } from '../predictions.ts';
import type { RunRecord } from '../record.ts';
import type { CnnRun, KnnResult } from '../results.ts';
import type { ScalingRecord } from '../scaling.ts';
import { confusionMatrices } from './confusion-matrices.ts';
import { epochTimes } from './epoch-times.ts';
import type { Figure } from './figure.ts';
import { kCurve } from './k-curve.ts';
import { kernelThroughput } from './kernel-throughput.ts';
import { predictionPlates } from './plate.ts';
import { scalingCurve } from './scaling-curve.ts';
import { reliability } from './reliability.ts';
import { classStrips, erasingStrips, neighborStrips } from './strips.ts';
import { trainingCurves } from './training-curves.ts';

/** A record and what lay beside it. */
export interface StoredRun {
  readonly record: RunRecord;
  /** `null` when the run kept none. */
  readonly predictions: RunPredictions | null;
}

/** Measured apart from runs; drawn for one run only. */
interface Beside {
  /** How k-NN scales. */
  readonly scaling?: ScalingRecord | null;
  /** Races: our epochs in them, on other engines than the run's. */
  readonly races?: readonly PeersRecord[];
}

/**
 * Draws what the stored figures allow: all of them for one run, the times of an epoch for several. The same runs give
 * the same figures (PNG files: the same pixels; their bytes depend on Node's zlib).
 */
export async function drawFigures(
  runs: readonly StoredRun[],
  { scaling = null, races = [] }: Beside = {},
): Promise<readonly Figure[]> {
  const [only] = runs;
  const times = await epochTimes(
    runs.map(({ record }) => record),
    runs.length === 1 ? races : [],
  );
  if (only === undefined || runs.length > 1) return times === null ? [] : [times];
  const { record, predictions } = only;
  const charts = [
    await trainingCurves(record, record.cnn),
    await confusionMatrices(record, studyKnn(record), record.cnn[0] ?? null),
    times,
    await kernelThroughput(record),
    scaling === null ? null : await scalingCurve(scaling),
  ];
  const stored =
    predictions === null
      ? []
      : [
          await kCurve(record, predictions),
          await reliability(record, predictions),
          ...predictionPlates(record, predictions),
          ...classStrips(record, predictions),
          ...erasingStrips(predictions),
          ...neighborStrips(record, predictions),
        ];
  return [...charts, ...stored].filter((figure) => figure !== null);
}

/** The k-NN result that stands for k-NN beside the network: the study's votes by distance on raw pixels, else the last. */
export function studyKnn({ knn }: { readonly knn: readonly KnnResult[] }): KnnResult | null {
  const raw = knn.filter(({ standardised }) => !standardised);
  return raw.find(({ weights }) => weights === 'distance') ?? raw.at(-1) ?? null;
}

/** Trainings with a final figure, which means may be taken of. */
export function finished(runs: readonly CnnRun[]): readonly CnnRun[] {
  return runs.filter(
    ({ status, finalTestAccuracy }) => status === 'completed' && finalTestAccuracy !== null,
  );
}
