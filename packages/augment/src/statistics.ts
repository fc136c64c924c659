// What erased areas look like as a distribution.

import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { AugmentError } from './errors.ts';

/** Summary of at least one area, all in pixels. Quantiles interpolate linearly between neighbours, as numpy does. */
export interface AreaStatistics {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  /** A quarter of the areas is at most this. */
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly max: number;
}

/** Summarises areas; undefined when there are none, since nothing has no mean. @throws AugmentError for another array. */
export function areaStatistics(areas: Uint16Array): AreaStatistics | undefined {
  if (!types.isUint16Array(areas)) {
    throw new AugmentError('option', `The areas must be a Uint16Array, not ${shown(areas)}.`);
  }
  if (areas.length === 0) return undefined;
  const sorted = areas.toSorted();
  const quantile = (share: number): number => {
    const at = share * (sorted.length - 1);
    const below = sorted[Math.floor(at)]!;
    const above = sorted[Math.ceil(at)]!;
    return below + (above - below) * (at - Math.floor(at));
  };
  return {
    count: sorted.length,
    mean: sorted.reduce((sum, area) => sum + area, 0) / sorted.length,
    min: quantile(0),
    lowerQuartile: quantile(0.25),
    median: quantile(0.5),
    upperQuartile: quantile(0.75),
    max: quantile(1),
  };
}
