/** Timings of the distance kernels: n, median, spread and throughput, one line per block shape. */

import { formatCount, formatGops, formatRange, formatSeconds } from '../format.ts';
import { blocks, bullets, code, escapeText, table } from '../markdown.ts';
import type { KernelTiming } from '../results.ts';

export function kernelDetails(timings: readonly KernelTiming[]): string {
  if (timings.length === 0) return '';
  const remarks = timings.map(
    (timing) =>
      `${code(timing.kernel)} on ${code(timing.engine)}: arithmetic ${escapeText(timing.precision)}; warm-up before the clock: ${escapeText(timing.warmup)}.`,
  );
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
      ]),
    ),
    'One call computes the distances of a block of queries to all rows. Throughput counts 2 x queries x rows x columns operations (a multiplication and an addition each) over the median.',
    bullets([...new Set(remarks)]),
  );
}
