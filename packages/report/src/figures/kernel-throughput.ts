/** Throughput of the distance kernels over the rows of a block, with the quartiles of the timed calls. */

import type { TopLevelSpec } from 'vega-lite';
import { formatCount, formatGops, formatList } from '../format.ts';
import type { RunRecord } from '../record.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';
import { runWords, sentence, warning } from './words.ts';

interface Throughput {
  readonly name: string;
  readonly rows: number;
  readonly gops: number;
  /** From the slower quartile to the faster one. */
  readonly low: number;
  readonly high: number;
}

/** `null` when no kernel was timed. */
export async function kernelThroughput(record: RunRecord): Promise<Figure | null> {
  const { kernels } = record;
  if (kernels.length === 0) return null;
  const values = kernels.map(
    ({ kernel, engine, rows, operations, gops, p25Seconds, p75Seconds }) => ({
      ...{ rows, gops, name: `${kernel} on ${engine}` },
      low: operations / p75Seconds / 1e9,
      high: operations / p25Seconds / 1e9,
    }),
  );
  const names = [...new Set(values.map(({ name }) => name))];
  const best = names.map((name) => {
    const top = Math.max(...values.filter((value) => value.name === name).map(({ gops }) => gops));
    return `${name} up to ${formatGops(top)}`;
  });
  const queries = [...new Set(kernels.map((timing) => formatCount(timing.queries)))];
  const calls = [...new Set(kernels.map(({ n }) => String(n)))];
  const alt = `Throughput of the distance kernels over the rows of a block: ${best.join('; ')}.`;
  return {
    id: 'kernel-throughput',
    file: 'kernel-throughput.svg',
    alt,
    caption: `${warning(record)}Throughput of the distance kernels over block size: ${formatList(queries)} queries against the rows on the axis, 784 columns; medians of n = ${formatList(calls)} calls, bars from quartile to quartile; both axes are logarithmic. The blocks are the first images of the file: nothing is drawn, so there is no seed. ${sentence(runWords(record))}.`,
    content: await drawChart(
      spec(values, names, [...new Set(values.map(({ rows }) => rows))]),
      alt,
    ),
  };
}

/** Powers of ten around the values: the library's own marks on a logarithmic axis are too many. */
function powers(values: readonly Throughput[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values.map((value) => value.low))));
  const high = Math.ceil(Math.log10(Math.max(...values.map((value) => value.high))));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

function spec(
  values: readonly Throughput[],
  names: readonly string[],
  rows: readonly number[],
): TopLevelSpec {
  const y = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'GOP/s',
    scale: { type: 'log' as const },
    axis: { values: powers(values) },
  });
  return {
    width: 850,
    height: 280,
    data: { values: [...values] },
    encoding: {
      x: {
        field: 'rows',
        type: 'quantitative',
        title: 'training rows in the block',
        scale: { type: 'log', nice: false, padding: 12 },
        axis: { values: [...rows], grid: false, format: ',d' },
      },
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: [...names] },
        legend: { columns: 3, labelLimit: 260 },
      },
    },
    layer: [
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: y('gops') } },
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.6 },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        mark: { type: 'point', filled: true, size: 55, opacity: 1 },
        encoding: {
          y: y('gops'),
          shape: { field: 'name', type: 'nominal', scale: { domain: [...names] } },
        },
      },
    ],
    config: {
      range: {
        category: (['vermilion', 'purple', 'blue', 'green', 'ink', 'muted'] as const).map(colour),
      },
    },
  };
}
