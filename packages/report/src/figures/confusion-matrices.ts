/** The two confusion matrices, k-NN's and the network's, side by side. */

import type { TopLevelSpec } from 'vega-lite';
import { formatCount } from '../format.ts';
import type { RunRecord } from '../record.ts';
import type { CnnRun, ConfusionMatrix, KnnResult } from '../results.ts';
import { cnnName, knnName } from '../names.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour, FONT_SIZE, STEPS } from './theme.ts';
import { runWords, searchWords, sentence, trainingWords, warning } from './words.ts';

/** Shares of a row at which the colour changes. */
const THRESHOLDS = [0.005, 0.02, 0.08, 0.25, 0.6];

interface Panel {
  readonly title: string;
  readonly matrix: ConfusionMatrix;
}

/** `null` when there is no matrix. */
export async function confusionMatrices(
  record: RunRecord,
  knn: KnnResult | null,
  cnn: CnnRun | null,
): Promise<Figure | null> {
  const panels: Panel[] = [
    ...(knn?.confusion ? [{ title: knnName(knn), matrix: knn.confusion }] : []),
    ...(cnn?.confusion ? [{ title: cnnName(cnn), matrix: cnn.confusion }] : []),
  ];
  const [first] = panels;
  if (first === undefined) return null;
  const total = first.matrix.flat().reduce((sum, count) => sum + count, 0);
  const alt = `Confusion matrices of ${panels.map(({ title }) => title).join(' and ')}: rows are true classes, columns predicted ones. ${panels.map((panel) => worst(panel, record.data.classNames)).join(' ')}`;
  const sources = [
    ...(knn === null ? [] : [searchWords(knn)]),
    ...(cnn === null ? [] : [trainingWords([cnn])]),
  ];
  return {
    id: 'confusion-matrices',
    file: 'confusion-matrices.svg',
    alt,
    caption: `${warning(record)}Confusion matrices, n = ${formatCount(total)} test images each; rows are true classes, columns predicted ones; the colour follows the share of the row, cells without a number are zero. ${sentence(sources.join('; '))}; ${runWords(record)}.`,
    content: await drawChart(spec(panels, record.data.classNames), alt),
  };
}

function worst({ title, matrix }: Panel, names: readonly string[]): string {
  let [count, from, to] = [0, 0, 0];
  matrix.forEach((row, i) => {
    row.forEach((value, j) => {
      if (i !== j && value > count) [count, from, to] = [value, i, j];
    });
  });
  return `${title}: most often ${names[from] ?? ''} is taken for ${names[to] ?? ''}, ${count} times.`;
}

function spec(panels: readonly Panel[], names: readonly string[]): TopLevelSpec {
  return {
    spacing: 24,
    resolve: { scale: { color: 'shared' } },
    hconcat: panels.map(({ title, matrix }) => ({
      title,
      width: 325,
      height: 325,
      data: {
        values: matrix.flatMap((row, i) => {
          const support = row.reduce((sum, count) => sum + count, 0);
          return row.map((count, j) => ({
            truth: names[i] ?? String(i),
            predicted: names[j] ?? String(j),
            count: count === 0 ? '' : String(count),
            share: support === 0 ? 0 : count / support,
          }));
        }),
      },
      encoding: {
        x: {
          field: 'predicted',
          type: 'nominal',
          sort: [...names],
          title: 'predicted',
          axis: { labelAngle: -45, domain: false, ticks: false, titlePadding: 0 },
        },
        y: {
          field: 'truth',
          type: 'nominal',
          sort: [...names],
          title: 'true',
          axis: { domain: false, ticks: false },
        },
      },
      layer: [
        {
          mark: { type: 'rect', stroke: colour('surface'), strokeWidth: 1 },
          encoding: {
            color: {
              field: 'share',
              type: 'quantitative',
              scale: { type: 'threshold', domain: THRESHOLDS, range: [...STEPS] },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'text', fontSize: FONT_SIZE - 1 },
          encoding: {
            text: { field: 'count' },
            color: {
              condition: { test: 'datum.share >= 0.25', value: colour('onStep') },
              value: colour('ink'),
            },
          },
        },
      ],
    })),
  };
}
