/** Timings of the distance kernels: n, median, spread and throughput, one line per block shape. */

import { formatCount, formatGops, formatPercent, formatRange, formatSeconds } from '../format.ts';
import { blocks, bullets, code, escapeText, table } from '../markdown.ts';
import type { KernelTiming } from '../results.ts';

export function kernelDetails(timings: readonly KernelTiming[]): string {
  if (timings.length === 0) return '';
  const remarks = timings.map(
    (timing) =>
      `${code(timing.kernel)} on ${code(timing.engine)}: arithmetic ${escapeText(timing.precision)}; warm-up before the clock: ${escapeText(timing.warmup)}.`,
  );
  const peaks = [
    ...new Map(
      timings.flatMap(({ peak }) => (peak ? [[JSON.stringify(peak), peak]] : [])),
    ).values(),
  ];
  return blocks(
    table(
      [
        { title: 'Kernel' },
        { title: 'Engine' },
        { title: 'Threads', align: 'right' },
        { title: 'Queries x rows x columns', align: 'right' },
        { title: 'Calls (n)', align: 'right' },
        { title: 'Median', align: 'right' },
        { title: 'Quartiles' },
        { title: 'Min to max' },
        { title: 'Throughput', align: 'right' },
        ...(peaks.length > 0 ? [{ title: 'Of the peak', align: 'right' } as const] : []),
      ],
      timings.map((timing) => [
        code(timing.kernel),
        code(timing.engine),
        String(timing.threads),
        [timing.queries, timing.rows, timing.columns].map(formatCount).join(' x '),
        formatCount(timing.n),
        formatSeconds(timing.medianSeconds),
        formatRange(timing.p25Seconds, timing.p75Seconds),
        formatRange(timing.minSeconds, timing.maxSeconds),
        formatGops(timing.gops),
        ...(peaks.length > 0 ? [shareOf(timing)] : []),
      ]),
    ),
    'One call computes the distances of a block of queries to all rows. Throughput counts 2 x queries x rows x columns operations (a multiplication and an addition each) over the median.',
    ...peaks.map(
      ({ gops, product, n }) =>
        `The peak is the fastest bare matrix product measured in the same run, without norms and sums: ${formatGops(gops)}, ${escapeText(product)}, the fastest of ${formatCount(n)} calls.`,
    ),
    bullets([...new Set(remarks)]),
  );
}

function shareOf({ gops, peak }: KernelTiming): string {
  return peak ? formatPercent(gops / peak.gops, 1) : '';
}
