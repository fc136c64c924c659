/** How the time of a k-NN search grows with rows and with queries, and what memory it takes. */

import type { TopLevelSpec } from 'vega-lite';
import { formatCount, formatList, formatSeconds } from '../format.ts';
import { escapeText } from '../markdown.ts';
import { type ScalingPoint, type ScalingRecord, searchSeconds } from '../scaling.ts';
import { drawChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { colour } from './theme.ts';

/** `null` without two points on a curve. */
export async function scalingCurve(record: ScalingRecord): Promise<Figure | null> {
  const byRows = curve(record.points, 'queries', 'rows');
  const byQueries = curve(record.points, 'rows', 'queries');
  const [first, last] = [byRows[0], byRows.at(-1)];
  if (byRows.length < 2 || byQueries.length < 2 || !first || !last) return null;
  const counts = [...new Set(record.points.map(({ runs }) => String(runs.length)))];
  const words = (point: ScalingPoint): string =>
    `${formatCount(point.rows)} rows ${formatSeconds(point.medianSeconds)} and ${point.peak.toFixed(0)} MiB`;
  const alt = `Time and peak memory of the streamed k-NN search over the number of rows, and time over the number of queries: ${words(first)}, ${words(last)}.`;
  return {
    id: 'scaling-knn',
    file: 'scaling-knn.svg',
    alt,
    caption: `How the exact search scales, on drawn rows of ${record.columns} columns that are streamed in blocks of ${formatCount(record.blockRows)}; k = ${record.k}, seed ${record.seed}. Left and middle: ${formatCount(first.queries)} queries; right: ${formatCount(byQueries[0]?.rows ?? 0)} rows. Medians of n = ${formatList(counts)} processes, a dot for each; the dashed line is proportional growth from the largest point; memory is the largest resident set of a process. Engine: ${escapeText(record.path)}. Measured apart from this run, on ${escapeText(record.machine)}`,
    content: await drawChart(spec(byRows, byQueries), alt),
  };
}

/** The points that share the commonest value of `fixed`, in the order of `growing`. */
function curve(
  points: readonly ScalingPoint[],
  fixed: 'rows' | 'queries',
  growing: 'rows' | 'queries',
): readonly ScalingPoint[] {
  const groups = new Map<number, ScalingPoint[]>();
  for (const point of points) {
    groups.set(point[fixed], [...(groups.get(point[fixed]) ?? []), point]);
  }
  const most = [...groups.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  return [...most].sort((a, b) => a[growing] - b[growing]);
}

interface Panel {
  readonly title: string;
  readonly points: readonly ScalingPoint[];
  readonly over: 'rows' | 'queries';
  readonly unit: string;
  readonly valueOf: (point: ScalingPoint) => number;
  readonly dotsOf: (point: ScalingPoint) => readonly number[];
  readonly proportional: boolean;
}

function spec(byRows: readonly ScalingPoint[], byQueries: readonly ScalingPoint[]): TopLevelSpec {
  const time = {
    unit: 'seconds',
    valueOf: (point: ScalingPoint) => point.medianSeconds,
    dotsOf: searchSeconds,
    proportional: true,
  };
  const memory = {
    unit: 'MiB',
    valueOf: (point: ScalingPoint) => point.peak,
    dotsOf: ({ runs }: ScalingPoint) => runs.map(({ peak }) => peak),
    proportional: false,
  };
  return {
    hconcat: [
      panel({ title: 'Time over rows', points: byRows, over: 'rows', ...time }),
      panel({ title: 'Memory over rows', points: byRows, over: 'rows', ...memory }),
      panel({ title: 'Time over queries', points: byQueries, over: 'queries', ...time }),
    ],
    spacing: 26,
  };
}

function panel({ title, points, over, unit, valueOf, dotsOf, proportional }: Panel) {
  const last = points.at(-1);
  const lines = points.map((point) => ({ x: point[over], y: valueOf(point) }));
  const dots = points.flatMap((point) => dotsOf(point).map((y) => ({ x: point[over], y })));
  const straight =
    last === undefined || !proportional
      ? []
      : points.map((point) => ({
          x: point[over],
          y: (valueOf(last) * point[over]) / last[over],
        }));
  const log = proportional ? { type: 'log' as const } : { zero: true };
  return {
    title,
    width: 225,
    height: 210,
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative' as const,
        title: over,
        scale: { type: 'log' as const, nice: false, padding: 10 },
        axis: { values: lines.map(({ x }) => x), format: '~s', grid: false },
      },
      y: {
        field: 'y',
        type: 'quantitative' as const,
        title: unit,
        scale: log,
        axis: proportional ? { values: powers([...lines, ...straight]), format: '~g' } : {},
      },
    },
    layer: [
      {
        data: { values: straight },
        mark: { type: 'line' as const, strokeDash: [4, 4], color: colour('muted') },
      },
      {
        data: { values: lines },
        mark: { type: 'line' as const, strokeWidth: 2, color: colour('blue') },
      },
      {
        data: { values: dots },
        mark: { type: 'point' as const, filled: true, size: 40, color: colour('blue') },
      },
    ],
  };
}

function powers(values: readonly { readonly y: number }[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values.map(({ y }) => y))));
  const high = Math.ceil(Math.log10(Math.max(...values.map(({ y }) => y))));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}
