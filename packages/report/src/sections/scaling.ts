/** How the k-NN search scales: a record of its own, measured apart from the run that the report is of. */

import { formatBytes, formatCount, formatRange, formatSeconds } from '../format.ts';
import { table } from '../markdown.ts';
import { type ScalingRecord, searchSeconds } from '../scaling.ts';

export function scalingTable({ points }: ScalingRecord): string {
  return table(
    [
      { title: 'Rows', align: 'right' },
      { title: 'Queries', align: 'right' },
      { title: 'Processes (n)', align: 'right' },
      { title: 'Median', align: 'right' },
      { title: 'Min to max' },
      { title: 'Pairs a second', align: 'right' },
      { title: 'Peak memory', align: 'right' },
    ],
    points.map((point) => {
      const seconds = searchSeconds(point);
      return [
        formatCount(point.rows),
        formatCount(point.queries),
        String(point.runs.length),
        formatSeconds(point.medianSeconds),
        formatRange(Math.min(...seconds), Math.max(...seconds)),
        `${((point.rows * point.queries) / point.medianSeconds / 1e6).toFixed(1)} million`,
        formatBytes(Math.round(point.peak * 2 ** 20)),
      ];
    }),
  );
}
