/**
 * `bench kernels`: the three distance kernels on the same block of queries, against a growing number of training
 * rows. One timed call is one block, from the queries' bytes to the finished squared distances; preparing the
 * rows and selecting neighbours are outside the clock.
 */

import { IMAGE_SIZE } from '@fashion-bench/dataset';
import {
  type DistanceKernel,
  distanceArray,
  distanceKernel,
  exactKernel,
  expandedKernel,
  type Matrix,
  naiveKernel,
} from '@fashion-bench/knn';
import type { KernelTiming, ProductPeak } from '@fashion-bench/report';

import { imageMatrix } from '../../data/image-matrix.ts';
import type { RunContext } from '../../run/context.ts';
import { type Repetitions, sampleSeconds, spreadOf } from '../measure.ts';
import { measurePeak } from './peak.ts';

/** Queries of a block and sizes of the training set; what the loaded set does not hold is left out. */
export interface KernelPlan {
  readonly queries: number;
  readonly rows: readonly number[];
  readonly repetitions: Repetitions;
}

/** With 7 calls of each run a difference can be told in up to 85 rows at once. */
const LEAST = 7;
const FULL_PLAN: KernelPlan = {
  queries: 100,
  rows: [500, 2000, 8000],
  repetitions: { least: LEAST, most: 50, seconds: 2 },
};
const QUICK_PLAN: KernelPlan = {
  queries: 50,
  rows: [250, 500, 1000],
  repetitions: { least: LEAST, most: 20, seconds: 0.5 },
};

const WARMUPS = 1;
const WARMUP_NOTE = 'one untimed call on the same block';

/** @returns the plan cut to what there is; at least one size remains */
export function planFor(quick: boolean, testCount: number, trainCount: number): KernelPlan {
  const plan = quick ? QUICK_PLAN : FULL_PLAN;
  const fitting = plan.rows.filter((rows) => rows <= trainCount);
  return {
    ...plan,
    queries: Math.min(plan.queries, testCount),
    rows: fitting.length > 0 ? fitting : [trainCount],
  };
}

interface Contestant {
  readonly kernel: DistanceKernel;
  readonly engine: string;
  readonly threads: number;
}

/** Kernels that only some machines can run. */
const OTHER_ENGINES = [
  ['tensorflow', 'tensorflow'],
  ['tensorflow-gpu', 'tensorflow-gpu'],
  ['onnx-webgpu', 'webgpu'],
] as const;

function isAvailable(engines: RunContext['engines'], id: string): boolean {
  return engines.some((status) => status.state === 'available' && status.engine.id === id);
}

export async function runKernels(context: RunContext): Promise<void> {
  const { settings, data, engines, threads, progress, signal, journal } = context;
  const plan = planFor(settings.quick, data.info.testCount, data.info.trainCount);
  const queries = imageMatrix(data.test.images, plan.queries);
  const contestants: readonly Contestant[] = [
    { kernel: naiveKernel(), engine: 'reference', threads: 1 },
    { kernel: expandedKernel(), engine: 'reference', threads: 1 },
    { kernel: exactKernel({ threads }), engine: 'onnx-cpu', threads },
    ...OTHER_ENGINES.filter(([id]) => isAvailable(engines, id)).map(([engine, kernel]) => ({
      kernel: distanceKernel(kernel, { threads }),
      engine,
      threads,
    })),
  ];
  const left = plan.rows.flatMap((rows) =>
    contestants.flatMap((contestant) => {
      const key = { kernel: contestant.kernel.id, engine: contestant.engine, rows };
      return journal.hasKernel({ ...key, queries: queries.rows }) ? [] : [{ rows, contestant }];
    }),
  );
  if (left.length === 0) return;
  const task = progress.task('Distance kernels', left.length, 'timings');
  let done = 0;
  try {
    const largest = Math.max(...plan.rows);
    const peak = await measurePeak(
      { queries: plan.queries, rows: largest, columns: IMAGE_SIZE },
      threads,
      { repetitions: plan.repetitions, warmups: WARMUPS, signal },
    );
    for (const { rows, contestant } of left) {
      const train = imageMatrix(data.train.images, rows);
      const tick = (): void => {
        task.update(done, `${contestant.kernel.id}, ${rows} rows`);
      };
      await journal.addKernel(
        await timeKernel(contestant, queries, train, plan, peak, tick, signal),
      );
      done += 1;
      tick();
    }
  } finally {
    task.finish();
  }
}

async function timeKernel(
  { kernel, engine, threads }: Contestant,
  queries: Matrix,
  train: Matrix,
  { repetitions }: KernelPlan,
  peak: ProductPeak,
  tick: () => void,
  signal: AbortSignal,
): Promise<KernelTiming> {
  const prepared = await kernel.prepare(train);
  try {
    const out = distanceArray(prepared, queries.rows);
    const seconds = await sampleSeconds(() => prepared.squaredDistancesInto(queries, out), {
      repetitions,
      warmups: WARMUPS,
      signal,
      afterEach: tick,
    });
    const spread = spreadOf(seconds);
    const operations = 2 * queries.rows * train.rows * train.columns;
    return {
      kernel: kernel.id,
      engine,
      precision: prepared.path,
      threads,
      queries: queries.rows,
      rows: train.rows,
      columns: train.columns,
      operations,
      ...spread,
      gops: operations / spread.medianSeconds / 1e9,
      peak,
      warmup: WARMUP_NOTE,
      sampleSeconds: seconds,
    };
  } finally {
    await prepared.dispose();
  }
}
