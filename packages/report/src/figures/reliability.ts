/** Calibration of the network: how often it is right where it says it is. */

import type { TopLevelSpec } from 'vega-lite';
import { decodeClasses, decodeProbabilities } from '../encoding.ts';
import { formatCount, formatPercent } from '../format.ts';
import { code } from '../markdown.ts';
import type { RunPredictions } from '../predictions.ts';
import type { RunRecord } from '../record.ts';
import { calibration, type Calibration } from '../statistics/calibration.ts';
import { meanAndSd } from '../statistics/spread.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';
import { runWords, sentence, warning } from './words.ts';

/** `null` without a network's probabilities. */
export async function reliability(
  record: RunRecord,
  predictions: RunPredictions,
): Promise<Figure | null> {
  const labels = decodeClasses(predictions.labels);
  const [first] = predictions.cnn;
  if (first === undefined) return null;
  const all = predictions.cnn.map(({ predicted, probabilities }) =>
    calibration(decodeProbabilities(probabilities), decodeClasses(predicted), labels),
  );
  const [own] = all;
  if (own === undefined) return null;
  const errors = meanAndSd(all.map(({ ece }) => ece));
  const over =
    all.length === 1
      ? ''
      : `; over n = ${all.length} trainings ${formatPercent(errors.mean)} ± ${formatPercent(errors.sd)} (mean and sd)`;
  const alt = `Reliability diagram of the network: mean confidence ${formatPercent(own.meanConfidence)}, accuracy ${formatPercent(own.accuracy)}, expected calibration error ${formatPercent(own.ece)}.`;
  return {
    id: 'reliability',
    file: 'reliability.svg',
    alt,
    caption: `${warning(record)}Calibration of the CNN in ten bins of confidence, engine ${code(first.engine)}, seed ${first.seed}, batch ${first.batchSize}, n = ${formatCount(labels.length)} test images; bars are 95 % Wilson intervals, the dashed line is perfect calibration. Expected calibration error ${formatPercent(own.ece)}${over}. ${sentence(runWords(record))}.`,
    content: await drawChart(spec(own), alt),
  };
}

function spec({ bins }: Calibration): TopLevelSpec {
  const values = bins.map(({ low, high, n, meanConfidence, accuracy, interval }) => ({
    ...{ low, high, n, accuracy, confidence: meanConfidence },
    from: interval.low,
    to: interval.high,
  }));
  const x = {
    field: 'confidence',
    type: 'quantitative' as const,
    title: 'confidence: probability of the predicted class',
    scale: { domain: [0, 1] },
    axis: { format: '.0%', tickCount: 5 },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'right',
    scale: { domain: [0, 1] },
    axis: { format: '.0%', tickCount: 5 },
  });
  return {
    spacing: 28,
    hconcat: [
      {
        width: 375,
        height: 300,
        layer: [
          {
            data: {
              values: [
                { confidence: 0, accuracy: 0 },
                { confidence: 1, accuracy: 1 },
              ],
            },
            mark: { type: 'line', strokeDash: [5, 4], color: colour('muted') },
            encoding: { x, y: y('accuracy') },
          },
          {
            data: { values },
            mark: { type: 'rule', strokeWidth: 2, color: colour('blue') },
            encoding: { x, y: y('from'), y2: { field: 'to' } },
          },
          {
            data: { values },
            mark: { type: 'line', color: colour('blue'), point: false, opacity: 0.5 },
            encoding: { x, y: y('accuracy') },
          },
          {
            data: { values },
            mark: { type: 'point', filled: true, size: 60, opacity: 1, color: colour('blue') },
            encoding: { x, y: y('accuracy') },
          },
        ],
      },
      {
        width: 375,
        height: 300,
        data: { values },
        mark: { type: 'bar', color: colour('purple'), opacity: 0.8 },
        encoding: {
          x: { ...x, field: 'low' },
          x2: { field: 'high' },
          y: {
            field: 'n',
            type: 'quantitative',
            title: 'images',
            axis: { tickCount: 5, format: ',d' },
          },
          y2: { datum: 0 },
        },
      },
    ],
  };
}
