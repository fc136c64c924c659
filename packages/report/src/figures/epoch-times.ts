/** The time of every epoch, training by training: each epoch a tick, the median a heavier one. */

import type { TopLevelSpec } from 'vega-lite';
import { formatList, formatSeconds } from '../format.ts';
import { code } from '../markdown.ts';
import type { PeersRecord } from '../peers.ts';
import { lapSeconds, oursOf } from '../ratio.ts';
import type { RunRecord } from '../record.ts';
import { quantile } from '../statistics/proportions.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';
import { runWords, trainingWords, warning } from './words.ts';

/**
 * `null` when no training has two epochs.
 *
 * @param races of the same machine: our epochs in them on engines that the run did not train on stand below
 */
export async function epochTimes(
  records: readonly RunRecord[],
  races: readonly PeersRecord[] = [],
): Promise<Figure | null> {
  const several = records.length > 1;
  const trained = records.flatMap((record) =>
    record.cnn
      .filter(({ epochs }) => epochs.length > 1)
      .map(({ engine, batchSize, seed, epochs }) => ({
        name: `${engine}, batch ${batchSize}, seed ${seed}${several ? `, run ${record.run.id}` : ''}`,
        seconds: epochs.map((epoch) => epoch.seconds),
      })),
  );
  const [first] = records;
  if (trained.length === 0 || first === undefined) return null;
  const raced = racedEpochs(first, races);
  const rows = [...trained, ...raced];
  const alt = `Seconds of every epoch: ${rows.map(({ name, seconds }) => `${name}, median ${formatSeconds(quantile(seconds, 0.5))}`).join('; ')}.`;
  const counts = [...new Set(rows.map(({ seconds }) => String(seconds.length)))].join(', ');
  return {
    id: 'epoch-times',
    file: 'epoch-times.svg',
    alt,
    caption: `${records.map(warning).find((words) => words !== '') ?? ''}Time of an epoch without evaluation, per training: a tick for each epoch (n = ${counts}), the box from quartile to quartile, the heavy line at the median; ${records.map((record) => `${trainingWords(record.cnn)}, ${runWords(record)}`).join('; ')}.${racedWords(raced)}`,
    content: await drawChart(spec(rows), alt),
  };
}

interface RacedRow extends Row {
  readonly run: string;
}

/** Our whole epochs in races on the same processor, one row for each engine and batch that the run has not. */
function racedEpochs(record: RunRecord, races: readonly PeersRecord[]): readonly RacedRow[] {
  const own = new Set(record.cnn.map(({ engine }) => engine));
  return races
    .filter(({ machine, run }) => machine.cpuModel === record.machine.cpuModel && !run.synthetic)
    .flatMap(({ run, data, races: parts }) =>
      parts.flatMap((race) => {
        const ours = oursOf(race);
        const engine = /^engine (\S+) on /u.exec(ours.details)?.[1];
        const [clock = ''] = race.clocks;
        const seconds = lapSeconds(ours, clock);
        const whole = record.cnn.every(({ trainCount }) => trainCount === data.trainCount);
        return race.kind !== 'cnn' || engine === undefined || own.has(engine) || !whole
          ? []
          : [{ name: `${engine}, ${race.name}, seed ${run.seed}, race`, seconds, run: run.id }];
      }),
    )
    .filter(({ seconds }) => seconds.length > 1);
}

function racedWords(raced: readonly RacedRow[]): string {
  if (raced.length === 0) return '';
  const runs = [...new Set(raced.map(({ run }) => code(run)))];
  return ` Rows named _race_ are our laps in ${runs.length === 1 ? 'the race' : 'the races'} ${formatList(runs)} on the same kind of processor, measured apart from this run.`;
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
    axis: { labelLimit: 520, domain: false, ticks: false },
  };
  return {
    // As wide as the other figures, names included.
    autosize: { type: 'fit-x', contains: 'padding' },
    width: 936,
    height: 44 * rows.length,
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
