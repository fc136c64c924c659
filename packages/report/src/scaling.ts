/**
 * What `scaling:knn` of the benchmarks leaves behind: how time and memory of the streamed k-NN search grow with the rows and
 * with the queries. The run-time check of the same shape is `parse-scaling.ts`.
 */

/** The version string of this format; a change of shape needs a new number. */
export const SCALING_SCHEMA = 'fashion-bench/scaling-knn@1';

export interface ScalingRecord {
  readonly schema: typeof SCALING_SCHEMA;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Processor, threads, Node and date, in words. */
  readonly machine: string;
  readonly nodeVersion: string;
  /** What searched each block, in the search's own words. */
  readonly path: string;
  /** Of the drawn rows and queries. */
  readonly seed: number;
  readonly columns: number;
  readonly k: number;
  /** Rows that are in memory at a time. */
  readonly blockRows: number;
  readonly threads: number;
  /** Growing rows at the same queries, then growing queries at the same rows. */
  readonly points: readonly ScalingPoint[];
}

export interface ScalingPoint {
  readonly rows: number;
  readonly queries: number;
  readonly runs: readonly ScalingMeasurement[];
  /** Of `seconds` less `drawingSeconds`. */
  readonly medianSeconds: number;
  /** The largest of the runs, in MiB. */
  readonly peak: number;
}

/** What one process measured, which did nothing else. */
export interface ScalingMeasurement {
  readonly seconds: number;
  /** Of them, for drawing the rows. */
  readonly drawingSeconds: number;
  /** The process's largest resident set before the search and at its end, in MiB. */
  readonly peakBefore: number;
  readonly peak: number;
}

/** Seconds of the search alone, without drawing the rows, in the order measured. */
export function searchSeconds({ runs }: Pick<ScalingPoint, 'runs'>): readonly number[] {
  return runs.map(({ seconds, drawingSeconds }) => seconds - drawingSeconds);
}
