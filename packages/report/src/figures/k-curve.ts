/** Accuracy over the number of neighbours, for both rules of weights. */

import type { TopLevelSpec } from 'vega-lite';
import { formatCount } from '../format.ts';
import type { RunPredictions } from '../predictions.ts';
import type { RunRecord } from '../record.ts';
import { wilsonInterval } from '../statistics/proportions.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';
import { runWords, warning } from './words.ts';

/** `null` without the points. */
export async function kCurve(
  record: RunRecord,
  { kCurve: points, labels }: RunPredictions,
): Promise<Figure | null> {
  if (points.length === 0) return null;
  const total = labels.length;
  const values = points.map(({ k, weights, correct }) => {
    const { low, high } = wilsonInterval(correct, total);
    return { k, weights, accuracy: correct / total, low, high };
  });
  const best = (weights: string): string => {
    const own = values.filter((value) => value.weights === weights);
    const top = own.reduce((a, b) => (b.accuracy > a.accuracy ? b : a), {
      k: 0,
      accuracy: -1,
    });
    return `${weights} weights ${top.accuracy.toFixed(4)} at k = ${top.k}`;
  };
  const most = Math.max(...values.map(({ k }) => k));
  const alt = `Test accuracy of k-NN for k from 1 to ${most}. Best: ${best('uniform')}; ${best('distance')}.`;
  return {
    id: 'k-curve',
    file: 'k-curve.svg',
    alt,
    caption: `${warning(record)}Accuracy of k-NN over the number of neighbours, raw pixels, Euclidean distance, n = ${formatCount(total)} test images; bands are 95 % Wilson intervals. The search is exact and draws nothing, so it has no seed; ${runWords(record)}. The test images chose no k: the study's is 5.`,
    content: await drawChart(spec(values, most), alt),
  };
}

function spec(values: readonly object[], most: number): TopLevelSpec {
  const y = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'test accuracy',
    scale: { zero: false },
  });
  return {
    width: 850,
    height: 260,
    data: { values: [...values] },
    encoding: {
      x: {
        field: 'k',
        type: 'quantitative',
        title: 'neighbours (k)',
        scale: { domain: [1, most], nice: false },
        axis: { grid: false, tickCount: most, format: 'd' },
      },
      color: {
        field: 'weights',
        type: 'nominal',
        scale: { domain: ['uniform', 'distance'], range: [colour('vermilion'), colour('blue')] },
      },
    },
    layer: [
      {
        mark: { type: 'area', opacity: 0.12 },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          y: y('accuracy'),
          strokeDash: {
            field: 'weights',
            type: 'nominal',
            scale: {
              domain: ['uniform', 'distance'],
              range: [
                [5, 3],
                [1, 0],
              ],
            },
          },
        },
      },
      {
        mark: { type: 'point', filled: true, size: 40, opacity: 1 },
        encoding: { y: y('accuracy') },
      },
    ],
  };
}
