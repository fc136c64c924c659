/**
 * `pnpm --filter @fashion-bench/benchmarks scaling:knn [--runs N] [--out FOLDER]`: exact search over 1,000 to 1,000,000 drawn rows that
 * are streamed block by block, and with 10 to 10,000 queries. Every run is a process of its own, so that its peak memory is its own.
 */

import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { exactKernel } from '@fashion-bench/knn';
import {
  formatSeconds,
  parseScaling,
  parseScalingMeasurement,
  quantile,
  SCALING_SCHEMA,
  type ScalingMeasurement,
  searchSeconds,
} from '@fashion-bench/report';
import { z } from 'zod';

import { describeMachine } from '../machine.ts';
import { writeRecord } from '../write-record.ts';
import type { Point } from './measure.ts';
import { drawnQueries } from './source.ts';

const SIZES = [
  ...[1_000, 10_000, 100_000, 1_000_000].map((rows) => ({ rows, queries: 100 })),
  ...[10, 1_000, 10_000].map((queries) => ({ rows: 100_000, queries })),
];
const COMMON = { columns: 784, blockRows: 10_000, k: 5, seed: 42 } as const;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../../results/scaling-knn', import.meta.url)),
    },
  },
});
const count = z.coerce.number<string>().int().positive().parse(values.runs);
const threads = availableParallelism();
const startedAt = new Date().toISOString();
const found = SIZES.map((size) => ({ ...size, runs: [] as ScalingMeasurement[] }));
// Round by round, so that a change of the machine's speed does not fall on one size.
for (let round = 0; round < count; round++) {
  for (const { rows, queries, runs } of found)
    runs.push(await inProcess({ ...COMMON, rows, queries, threads }));
}
const kernel = await exactKernel({ threads }).prepare(drawnQueries(1, COMMON.columns, COMMON.seed));
await kernel.dispose();
const record = parseScaling({
  schema: SCALING_SCHEMA,
  ...{ startedAt, machine: describeMachine(), nodeVersion: process.versions.node },
  ...{ path: kernel.path, ...COMMON, threads },
  points: found.map(({ runs, ...size }) => ({
    ...{ ...size, runs, medianSeconds: quantile(searchSeconds({ runs }), 0.5) },
    peak: Math.max(...runs.map(({ peak }) => peak)),
  })),
});
await writeRecord(values.out, record);
for (const { rows, queries, runs, medianSeconds, peak } of record.points) {
  process.stdout.write(
    `${rows} rows, ${queries} queries: ${formatSeconds(medianSeconds)} (median of ${runs.length}), ${Math.round(peak)} MiB at most\n`,
  );
}

async function inProcess(point: Point): Promise<ScalingMeasurement> {
  const program = fileURLToPath(new URL('point.run.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[...process.execArgv, program, JSON.stringify(point)],
  ]);
  const printed: unknown = JSON.parse(stdout);
  return parseScalingMeasurement(printed);
}
