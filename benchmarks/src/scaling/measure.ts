/** One point of the curve: a search over drawn rows that are never all in memory. */

import { nearestNeighborsStreamed } from '@fashion-bench/knn';
import type { ScalingMeasurement } from '@fashion-bench/report';

import { drawnBlocks, drawnQueries, type Shape } from './source.ts';

export interface Point extends Shape {
  readonly queries: number;
  readonly k: number;
  readonly threads: number;
  readonly seed: number;
}

export async function measurePoint(point: Point): Promise<ScalingMeasurement> {
  const { queries, columns, k, threads, seed } = point;
  const asked = drawnQueries(queries, columns, seed);
  const peakBefore = peakMebibytes();
  let drawingSeconds = 0;
  const blocks = drawnBlocks(point, seed, (spent) => {
    drawingSeconds += spent;
  });
  const started = performance.now();
  await nearestNeighborsStreamed(blocks, asked, k, { threads });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, drawingSeconds, peakBefore, peak: peakMebibytes() };
}

/** maxRSS is in KiB on every system. */
function peakMebibytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}
