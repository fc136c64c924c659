/**
 * How every suite here measures and prints. tinybench's defaults (64 iterations, 16 warm-ups, half a second at least, one
 * extra call to see whether a function is async) suit microseconds; ours take up to seconds, so all of it is set.
 */

import { formatCount, formatSeconds } from '@fashion-bench/report';
import { Bench, type Task } from 'tinybench';

export interface Case {
  readonly name: string;
  /** Work of one call, in `unit`s; the table shows it per second. */
  readonly work: number;
  /** Does its whole work before it returns or its promise resolves; inputs are made before. */
  readonly call: () => unknown;
}

export interface SuiteOptions {
  /** The unit of `work` per second, such as `GOP/s`. */
  readonly unit: string;
  /** Timed calls of each case. @default 10 */
  readonly iterations?: number;
}

/** One line of the table: what was measured, how often, how long, how widely spread. */
export interface Row {
  readonly name: string;
  readonly n: number;
  readonly medianSeconds: number;
  /** Sample standard deviation in seconds. */
  readonly sdSeconds: number;
  readonly minSeconds: number;
  readonly perSecond: number;
}

/** Measures the cases one after another, after one warm-up call each. @throws what a case throws */
export async function measure(
  cases: readonly Case[],
  { iterations = 10 }: Pick<SuiteOptions, 'iterations'>,
): Promise<readonly Row[]> {
  const bench = new Bench({
    ...{ iterations, time: 0, warmup: true, warmupIterations: 1, warmupTime: 0 },
    throws: true,
  });
  for (const { name, call } of cases) {
    bench.add(
      name,
      async () => {
        await call();
      },
      { async: true },
    );
  }
  const tasks = await bench.run();
  return tasks.map((task, i) => rowOf(task, cases[i]?.work ?? Number.NaN));
}

function rowOf({ name, result }: Task, work: number): Row {
  if (result.state !== 'completed') throw new Error(`${name} did not complete: ${result.state}.`);
  const { p50, sd, min, samplesCount } = result.latency;
  return {
    name,
    n: samplesCount,
    medianSeconds: p50 / 1000,
    sdSeconds: sd / 1000,
    minSeconds: min / 1000,
    perSecond: work / (p50 / 1000),
  };
}

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[], unit: string): string {
  const lines = rows.map(({ name, n, medianSeconds, sdSeconds, minSeconds, perSecond }) => {
    const times = [medianSeconds, sdSeconds, minSeconds].map(formatSeconds);
    const rate = perSecond >= 1000 ? formatCount(perSecond) : perSecond.toPrecision(3);
    return `| ${[name, String(n), ...times, rate].join(' | ')} |`;
  });
  return [
    `| case | n | median | sd | min | ${unit} |`,
    '| --- | --: | --: | --: | --: | --: |',
    ...lines,
  ]
    .map((line) => `${line}\n`)
    .join('');
}
