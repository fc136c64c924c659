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
import { axisLength, principalAxes } from './principal-axes.ts';
import type { Int16Matrix } from './pairs.ts';

/** Coordinates of the coarse bound, which every row gets: 31 axes and the rest. Measured in benchmarks/notes/knn.md. */
const COARSE = 32;
/** Coordinates of the fine bound, for rows that pass the coarse one: 127 axes and the rest. */
const FINE = 128;

export interface Embedding {
  readonly center: Int16Array;
  /** [axes, columns] */
  readonly axes: Int16Matrix;
  /** Embedding units per unit of distance. */
  readonly unit: number;
  /** Embedding units per unit of an integer product with an axis. */
  readonly axisUnit: number;
  /** Coordinates of the two bounds; fine is 0 where measuring costs no more than bounding. */
  readonly coarse: number;
  readonly fine: number;
  readonly coarseMargin: number;
  readonly fineMargin: number;
}

/** Learns axes from a sample of the rows. */
export function learnEmbedding(train: Matrix<Uint8Array>): Embedding {
  const { columns } = train;
  const fine = columns >= 2 * FINE ? FINE : 0;
  const coordinates = Math.max(COARSE, fine);
  const { center, axes, count } = principalAxes(train, coordinates - 1);
  const length = axisLength(columns);
  const rounded = new Int16Array((coordinates - 1) * columns);
  for (let i = 0; i < count * columns; i++) rounded[i] = Math.round((axes[i] ?? 0) * length);
  const unit = 32_000 / (255 * Math.sqrt(columns));
  return {
    center,
    axes: { data: rounded, rows: coordinates - 1, columns },
    unit,
    axisUnit: unit / largestSingularValue(rounded, coordinates - 1, columns),
    coarse: COARSE,
    fine,
    coarseMargin: Math.sqrt(COARSE) + 1,
    fineMargin: Math.sqrt(fine) + 1,
  };
}

/**
 * A bound from above. With G the Gram matrix and s the mean of its diagonal, the largest eigenvalue of G is at most
 * s + |G - s I| in Frobenius' norm. Entries of G are sums of products of int16, exact in float64. Zero rows stand apart:
 * they add nothing to the spectrum.
 */
function largestSingularValue(axes: Int16Array, rows: number, columns: number): number {
  const gram: number[][] = [];
  for (let i = 0; i < rows; i++) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) row.push(dot(axes, i * columns, j * columns, columns));
    if (row[i] !== 0) gram.push(row);
    // A zero row keeps its place, so that row[j] stays the product with row j.
    else gram.push([]);
  }
  const diagonal = gram.flatMap((row, i) => row[i] ?? []);
  if (diagonal.length === 0) return 1;
  const mean = diagonal.reduce((sum, x) => sum + x, 0) / diagonal.length;
  let squares = 0;
  gram.forEach((row, i) => {
    row.forEach((x, j) => {
      squares += i === j ? (x - mean) ** 2 : 2 * x * x;
    });
  });
  // One part in 10^9 for the rounding of these few sums.
  return Math.sqrt((mean + Math.sqrt(squares)) * (1 + 1e-9));
}

function dot(m: Int16Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (m[a + i] ?? 0) * (m[b + i] ?? 0);
  return sum;
}
