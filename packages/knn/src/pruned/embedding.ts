/**
 * Short integer vectors whose distances bound the true ones from below, and the proof.
 *
 * Let M be any matrix of axes with |M z| <= |z| for all z, let c be any centre, and embed a row x as
 *     e(x) = (M (x - c), sqrt(|x - c|^2 - |M (x - c)|^2)).
 * Then |e(q) - e(t)| <= |q - t|. For R = sqrt(I - M'M), |z|^2 = |M z|^2 + |R z|^2, the last coordinate is |R (x - c)|, and
 * ||R (q - c)| - |R (t - c)|| <= |R (q - t)|. So orthonormal axes are not needed, only that M lengthens nothing: the
 * rounded int16 axes are divided by a bound of their largest singular value, taken from their exact Gram matrix.
 *
 * Coordinates are scaled by `unit` and rounded, so each difference is off by at most 1 and a distance of n coordinates
 * by at most sqrt(n): that, and 1 for what float64 adds, is the margin. Everything after is integer, and the same on every
 * machine. With unit = 32000 / (255 sqrt(columns)) coordinates fit int16 and squared distances int32, as the kernel
 * assumes: |x - c| <= 255 sqrt(columns), so (32000 + sqrt(128) + 1)^2 < 2^30.
 */
import type { Matrix } from '../matrix.ts';
import type { Pausing } from '../threads/pauses.ts';
import { axisLength, principalAxes } from './principal-axes.ts';
import { packed, productOfRows } from './pairs.ts';
import type { Int16Matrix } from './pairs.ts';

/** Coordinates of the coarse bound: 31 axes and the rest. Measured in benchmarks/notes/knn.md. */
export const COARSE = 32;
/** Coordinates of one half of the fine bound, for rows that pass the coarse one: 63 axes and the rest. */
const HALF = 64;
/** Axes by which rows are sorted into leaves. */
export const KEYS = 16;

/** One of the lower bounds. */
export interface Bound {
  /** How many coordinates are compared: axes and the rest. */
  readonly coordinates: number;
  /** By how much rounding may lengthen the distance, in embedding units. */
  readonly margin: number;
}

export interface Embedding {
  readonly center: Int16Array;
  /** [axes, columns] */
  readonly axes: Int16Matrix;
  /** Embedding units per unit of distance. */
  readonly unit: number;
  /** Embedding units per unit of an integer product with an axis. */
  readonly axisUnit: number;
  readonly coarse: Bound;
  /** 63 axes and the rest, and 126 axes and the rest. */
  readonly near: Bound;
  readonly far: Bound;
}

/** Whether there is a fine bound: where columns are few, measuring costs no more than bounding. */
export function hasFineBound(columns: number): boolean {
  return columns >= 4 * HALF;
}

/** How many axes there are at most. */
export function mostAxes(columns: number): number {
  return hasFineBound(columns) ? 2 * (HALF - 1) : COARSE - 1;
}

/** Learns axes from a sample of the rows. */
export function* learnEmbedding(train: Matrix<Uint8Array>): Pausing<Embedding> {
  const { columns } = train;
  const most = mostAxes(columns);
  const { center, axes, count } = yield* principalAxes(train, most);
  const length = axisLength(columns);
  const rounded = new Int16Array(most * columns);
  for (let i = 0; i < count * columns; i++) rounded[i] = Math.round(axes[i]! * length);
  yield;
  const unit = 32_000 / (255 * Math.sqrt(columns));
  const matrix = { data: rounded, rows: most, columns };
  return {
    center,
    axes: matrix,
    unit,
    axisUnit: unit / largestSingularValue(matrix),
    coarse: boundOf(COARSE),
    near: boundOf(HALF),
    far: boundOf(2 * HALF - 1),
  };
}

function boundOf(coordinates: number): Bound {
  return { coordinates, margin: Math.sqrt(coordinates) + 1 };
}

/**
 * A bound from above. With G the Gram matrix and s the mean of its diagonal, the largest eigenvalue of G is at most
 * s + |G - s I| in Frobenius' norm. Entries of G are exact in int32: axes are at most
 * 32,767 long, half a unit a column for rounding. Zero rows stand apart:
 * they add nothing to the spectrum.
 */
function largestSingularValue(axes: Int16Matrix): number {
  const { rows } = axes;
  const gram = productOfRows(axes, packed(axes));
  const diagonal = Array.from({ length: rows }, (_, i) => gram[i * rows + i]!).filter(Boolean);
  if (diagonal.length === 0) return 1;
  const mean = diagonal.reduce((sum, x) => sum + x, 0) / diagonal.length;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      const x = gram[i * rows + j]!;
      if (i !== j) squares += x * x;
      else if (x !== 0) squares += (x - mean) ** 2;
    }
  }
  // One part in 10^9 for the rounding of these few sums.
  return Math.sqrt((mean + Math.sqrt(squares)) * (1 + 1e-9));
}
