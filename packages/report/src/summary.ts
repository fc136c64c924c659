/** The end of a run in a few lines of plain text, for the terminal. */

import { formatAccuracy, formatBytes, formatCount, formatGops, formatSeconds } from './format.ts';
import { parseRecord } from './parse.ts';
import type { RunRecord } from './record.ts';
import { cnnName, knnName } from './names.ts';
import { runLabels, whyUnfinished } from './standing.ts';
import { printable } from './text.ts';

/**
 * Names, figures and times in aligned columns, then the labels of the run (quick, synthetic, subset,
 * interrupted, band missed), one per line. No colours, no published figures.
 *
 * @returns lines separated by newlines, without one at the end
 */
export function renderSummary(given: RunRecord): string {
  const record = parseRecord(given);
  const rows = [
    ...record.knn.map((result) => [
      knnName(result),
      formatAccuracy(result.accuracy),
      `${formatCount(result.correct)} of ${formatCount(result.total)}`,
      `search ${formatSeconds(result.searchSeconds)}`,
    ]),
    ...record.cnn.map((run) => {
      const unfinished = whyUnfinished(run);
      return [
        cnnName(run),
        run.finalTestAccuracy === null ? '' : formatAccuracy(run.finalTestAccuracy),
        run.correct === null || run.total === null
          ? ''
          : `${formatCount(run.correct)} of ${formatCount(run.total)}`,
        `training ${formatSeconds(run.trainSeconds)}${unfinished === null ? '' : ` (${unfinished})`}`,
      ];
    }),
    ...record.kernels.map((timing) => [
      `kernel ${timing.kernel} on ${timing.engine}`,
      formatGops(timing.gops),
      `${formatCount(timing.queries)} x ${formatCount(timing.rows)}`,
      `median ${formatSeconds(timing.medianSeconds)} (n = ${formatCount(timing.n)})`,
    ]),
  ];
  const { run } = record;
  return [
    ...aligned(rows),
    `Run ${run.id}: ${formatSeconds(run.wallSeconds)}, ${formatBytes(run.peakMemoryBytes)} at most, seed ${run.seed}.`,
    ...runLabels(record).map(({ name, meaning }) => `${name.toUpperCase()}: ${meaning}`),
  ]
    .map(printable)
    .join('\n');
}

/** Columns two spaces apart, as wide as their widest cell. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
