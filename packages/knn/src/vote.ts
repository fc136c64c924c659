/**
 * From neighbours to classes: pure functions, so that one search can be voted on in several ways.
 * The rules are scikit-learn's (KNeighborsClassifier): votes tied -> smallest label; under 'distance' a neighbour at
 * distance zero counts alone.
 */
import { KnnInputError } from './errors.ts';
import type { Neighbors } from './neighbors.ts';

/** 'uniform': one neighbour, one vote. 'distance': votes weigh 1 / distance. */
export type Weights = 'uniform' | 'distance';

/** Class labels: any whole numbers that int32 holds. */
export type Labels = Uint8Array | Int32Array | readonly number[];

/** Labels with their classes counted from 0. */
export interface EncodedLabels {
  /** [classes] the distinct labels, ascending */
  readonly classes: Int32Array;
  /** [rows] position of each row's label in `classes` */
  readonly codes: Int32Array;
}

/** One share for each class. */
export interface ClassShares {
  /** [rows * columns] row-major; each row adds up to 1 */
  readonly data: Float64Array;
  readonly rows: number;
  /** As many as classes, in their order. */
  readonly columns: number;
}

/** @throws KnnInputError 'labels' naming the first that is no whole number within int32. */
export function encodeLabels(labels: Labels): EncodedLabels {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? NaN;
    if ((label | 0) !== label) {
      throw new KnnInputError(
        'labels',
        `Label ${i} is ${label}, but labels must be whole numbers from -2147483648 to 2147483647.`,
      );
    }
  }
  const classes = Int32Array.from(new Set(labels)).sort();
  const code = new Map(Array.from(classes, (label, i) => [label, i]));
  return { classes, codes: Int32Array.from(labels, (label) => code.get(label) ?? 0) };
}

/** [queries] the label with the most votes; the smallest of those with equally many. */
export function vote(neighbors: Neighbors, labels: EncodedLabels, weights: Weights): Int32Array {
  const { data, rows, columns } = tally(neighbors, labels, weights);
  const winners = new Int32Array(rows);
  for (let q = 0; q < rows; q++) {
    let best = 0;
    for (let c = 1; c < columns; c++) {
      if ((data[q * columns + c] ?? 0) > (data[q * columns + best] ?? 0)) best = c;
    }
    winners[q] = labels.classes[best] ?? 0;
  }
  return winners;
}

/** The share of the votes that each class has. */
export function voteShares(
  neighbors: Neighbors,
  labels: EncodedLabels,
  weights: Weights,
): ClassShares {
  const shares = tally(neighbors, labels, weights);
  const { data, rows, columns } = shares;
  for (let q = 0; q < rows; q++) {
    const row = data.subarray(q * columns, (q + 1) * columns);
    const sum = row.reduce((a, b) => a + b, 0);
    for (let c = 0; c < columns; c++) row[c] = (row[c] ?? 0) / sum;
  }
  return shares;
}

/** Votes, added up from the nearest neighbour to the farthest. */
function tally(
  neighbors: Neighbors,
  { classes, codes }: EncodedLabels,
  weights: Weights,
): ClassShares {
  checkWeights(weights);
  const { indices, distances, k, queries } = neighbors;
  const columns = classes.length;
  const data = new Float64Array(queries * columns);
  for (let q = 0; q < queries; q++) {
    // Neighbours come nearest first: a zero is at the front or nowhere.
    const hasZero = weights === 'distance' && distances[q * k] === 0;
    for (let i = q * k; i < (q + 1) * k; i++) {
      const distance = distances[i] ?? 0;
      let weight = 1;
      if (hasZero) weight = distance === 0 ? 1 : 0;
      else if (weights === 'distance') weight = 1 / distance;
      const at = q * columns + (codes[indices[i] ?? 0] ?? 0);
      data[at] = (data[at] ?? 0) + weight;
    }
  }
  return { data, rows: queries, columns };
}

/** @throws KnnInputError 'option' for anything but the two names. */
export function checkWeights(weights: Weights): void {
  const known: readonly string[] = ['uniform', 'distance'];
  if (!known.includes(weights)) {
    throw new KnnInputError(
      'option',
      `There are no weights "${weights}"; choose uniform or distance.`,
    );
  }
}
