/** k nearest neighbours in detail: every setting with its engine, threads, repetitions and spread. */

import { formatCount, formatRange, formatSeconds, NOTHING } from '../format.ts';
import { blocks, bullets, code, escapeText, table } from '../markdown.ts';
import type { KnnResult } from '../results.ts';
import { formatAccuracy } from '../format.ts';

export function knnDetails(results: readonly KnnResult[]): string {
  const [first] = results;
  if (first === undefined) return '';
  return blocks(
    table(
      [
        { title: 'Neighbours', align: 'right' },
        { title: 'Weights' },
        { title: 'Metric' },
        { title: 'Pixels' },
        { title: 'Right', align: 'right' },
        { title: 'Accuracy', align: 'right' },
        { title: 'Kernel' },
        { title: 'Engine' },
        { title: 'Searches (n)', align: 'right' },
        { title: 'Median', align: 'right' },
        { title: 'Min to max' },
        { title: 'Fit', align: 'right' },
      ],
      results.map((result) => [
        String(result.k),
        result.weights,
        escapeText(result.metric),
        result.standardised ? 'standardised' : 'raw',
        `${formatCount(result.correct)} of ${formatCount(result.total)}`,
        formatAccuracy(result.accuracy),
        code(result.kernel),
        code(result.engine),
        String(result.repetitions.length),
        formatSeconds(result.searchSeconds),
        result.repetitions.length === 1
          ? NOTHING
          : formatRange(Math.min(...result.repetitions), Math.max(...result.repetitions)),
        formatSeconds(result.fitSeconds),
      ]),
    ),
    bullets(distinct(results.flatMap(remarks))),
  );
}

/** What the table has no room for; results that share it say it once. */
function remarks(result: KnnResult): string[] {
  const { threads, queryBlock, trainCount } = result;
  return [
    `Search: ${formatCount(result.total)} queries against ${formatCount(trainCount)} rows, in blocks of ${formatCount(queryBlock)}, ${threads === 1 ? 'one thread' : `${threads} threads`}; arithmetic ${escapeText(result.precision)}. The clock covers neighbours and votes, not loading or fitting.`,
    `Warm-up before the clock: ${escapeText(result.warmup)}.`,
    `Tie rule: ${escapeText(result.tieRule)}.`,
  ];
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)];
}
