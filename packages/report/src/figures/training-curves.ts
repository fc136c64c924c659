/** Loss and accuracy over the epochs, on training and test images: the mean over the trainings and their range. */

import type { TopLevelSpec } from 'vega-lite';
import type { RunRecord } from '../record.ts';
import type { CnnRun, EpochResult } from '../results.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';
import { runWords, trainingWords, warning } from './words.ts';

interface Point {
  readonly epoch: number;
  readonly set: 'training' | 'test';
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** `null` with fewer than two epochs: a point is no curve. */
export async function trainingCurves(
  record: RunRecord,
  runs: readonly CnnRun[],
): Promise<Figure | null> {
  const loss = [
    ...points(runs, 'training', ({ loss: value }) => value),
    ...points(runs, 'test', ({ testLoss }) => testLoss ?? null),
  ];
  const accuracy = [
    ...points(runs, 'training', ({ accuracy: value }) => value),
    ...points(runs, 'test', ({ testAccuracy }) => testAccuracy),
  ];
  const epochs = Math.max(0, ...accuracy.map(({ epoch }) => epoch));
  if (epochs < 2) return null;
  const last = (set: Point['set']): string =>
    accuracy.find((point) => point.set === set && point.epoch === epochs)?.mean.toFixed(4) ?? '';
  const alt = `Loss and accuracy over ${epochs} epochs, for training and test images. After the last epoch the accuracy is ${last('training')} on training and ${last('test')} on test images.`;
  const spread =
    runs.length > 1
      ? `Lines are means over n = ${runs.length} trainings, bands their range`
      : 'One training (n = 1)';
  return {
    id: 'training-curves',
    file: 'training-curves.svg',
    alt,
    caption: `${warning(record)}Training curves. ${spread}; ${trainingWords(runs)}; ${runWords(record)}. Training figures are taken while the weights change and dropout is on, test figures after the epoch with dropout off.`,
    content: await drawChart(spec(loss, accuracy, epochs), alt),
  };
}

function points(
  runs: readonly CnnRun[],
  set: Point['set'],
  valueOf: (epoch: EpochResult) => number | null,
): readonly Point[] {
  const last = Math.max(0, ...runs.map(({ epochs }) => epochs.length));
  return Array.from({ length: last }, (_, i) => i).flatMap((i) => {
    const values = runs.flatMap(({ epochs }) => {
      const epoch = epochs[i];
      const value = epoch === undefined ? null : valueOf(epoch);
      return value === null ? [] : [value];
    });
    if (values.length === 0) return [];
    return {
      ...{ epoch: i + 1, set },
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      low: Math.min(...values),
      high: Math.max(...values),
    };
  });
}

function spec(loss: readonly Point[], accuracy: readonly Point[], epochs: number): TopLevelSpec {
  const panel = (title: string, values: readonly Point[], axis: string) => ({
    title,
    width: 375,
    height: 240,
    data: { values: [...values] },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative' as const,
        title: 'Epoch',
        scale: { domain: [1, epochs], nice: false },
        axis: { tickMinStep: 1, grid: false },
      },
      color: {
        field: 'set',
        type: 'nominal' as const,
        scale: { domain: ['training', 'test'], range: [colour('vermilion'), colour('blue')] },
      },
    },
    layer: [
      {
        mark: { type: 'area' as const, opacity: 0.22 },
        encoding: {
          y: {
            field: 'low',
            type: 'quantitative' as const,
            title: axis,
            scale: { zero: false },
          },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'line' as const, strokeWidth: 2 },
        encoding: { y: { field: 'mean', type: 'quantitative' as const } },
      },
    ],
  });
  return {
    hconcat: [
      panel('Loss', loss, 'cross-entropy, nats'),
      panel('Accuracy', accuracy, 'fraction right'),
    ],
    spacing: 28,
  };
}
