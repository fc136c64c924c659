/** The time of every epoch, training by training: each epoch a tick, the median a heavier one. */

import type { TopLevelSpec } from 'vega-lite';
import { formatSeconds } from '../format.ts';
import type { RunRecord } from '../record.ts';
import { quantile } from '../statistics/proportions.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';
import { runWords, trainingWords, warning } from './words.ts';

/** `null` when no training has two epochs. */
export async function epochTimes(records: readonly RunRecord[]): Promise<Figure | null> {
  const several = records.length > 1;
  const rows = records.flatMap((record) =>
    record.cnn
      .filter(({ epochs }) => epochs.length > 1)
      .map(({ engine, batchSize, seed, epochs }) => ({
        name: `${engine}, batch ${batchSize}, seed ${seed}${several ? `, run ${record.run.id}` : ''}`,
        seconds: epochs.map((epoch) => epoch.seconds),
      })),
  );
  const [first] = records;
  if (rows.length === 0 || first === undefined) return null;
  const alt = `Seconds of every epoch: ${rows.map(({ name, seconds }) => `${name}, median ${formatSeconds(quantile(seconds, 0.5))}`).join('; ')}.`;
  const counts = [...new Set(rows.map(({ seconds }) => String(seconds.length)))].join(', ');
  return {
    id: 'epoch-times',
    file: 'epoch-times.svg',
    alt,
    caption: `${records.map(warning).find((words) => words !== '') ?? ''}Time of an epoch without evaluation, per training: a tick for each epoch (n = ${counts}), the box from quartile to quartile, the heavy line at the median; ${records.map((record) => `${trainingWords(record.cnn)}, ${runWords(record)}`).join('; ')}.`,
    content: await drawChart(spec(rows), alt),
  };
}

interface Row {
  readonly name: string;
  readonly seconds: readonly number[];
}

function spec(rows: readonly Row[]): TopLevelSpec {
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'seconds per epoch',
    scale: { zero: true },
  });
  const y = {
    field: 'name',
    type: 'nominal' as const,
    sort: rows.map(({ name }) => name),
    title: null,
    axis: { labelLimit: 340, domain: false, ticks: false },
  };
  return {
    width: 480,
    height: { step: 44 },
    layer: [
      {
        data: {
          values: rows.map(({ name, seconds }) => ({
            name,
            low: quantile(seconds, 0.25),
            high: quantile(seconds, 0.75),
          })),
        },
        mark: { type: 'bar', height: 22, opacity: 0.22, color: colour('blue') },
        encoding: { y, x: x('low'), x2: { field: 'high' } },
      },
      {
        data: {
          values: rows.flatMap(({ name, seconds }) => seconds.map((s) => ({ name, seconds: s }))),
        },
        mark: { type: 'tick', size: 22, thickness: 1.2, opacity: 0.55, color: colour('blue') },
        encoding: { y, x: x('seconds') },
      },
      {
        data: {
          values: rows.map(({ name, seconds }) => ({ name, median: quantile(seconds, 0.5) })),
        },
        mark: { type: 'tick', size: 30, thickness: 3, color: colour('vermilion') },
        encoding: { y, x: x('median') },
      },
    ],
  };
}
