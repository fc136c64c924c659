/**
 * From neighbours to classes: pure functions, so that one search can be voted on in several ways.
 * The rules are scikit-learn's (KNeighborsClassifier): votes tied -> smallest label; under 'distance' a neighbour at
 * distance zero counts alone.
 */
import { KnnInputError } from './errors.ts';
import type { EncodedLabels, Label } from './labels.ts';
import type { Neighbors } from './neighbors.ts';

/**
 * Weights of a query's neighbours, from a copy of their distances, [k], nearest first, one call per query.
 * Returns [k] finite numbers of at least 0, not all of them 0.
 */
export type WeightFunction = (distances: Float64Array) => ArrayLike<number>;

/** 'uniform': one neighbour, one vote. 'distance': votes weigh 1 / distance. Or a function of the distances. */
export type Weights = 'uniform' | 'distance' | WeightFunction;

/** One share for each class. */
export interface ClassShares {
  /** [rows * columns] row-major; each row adds up to 1 */
  readonly data: Float64Array;
  readonly rows: number;
  /** As many as classes, in their order. */
  readonly columns: number;
}

/**
 * [queries] the label with the most votes; the smallest of those with equally many.
 *
 * @throws KnnInputError 'option' for unknown weights, 'weights' where a function gives others than it may.
 */
export function vote<L extends Label>(
  neighbors: Neighbors,
  labels: EncodedLabels<L>,
  weights: Weights,
): L[] {
  const { data, rows, columns } = tally(neighbors, labels, weights);
  const winners: L[] = [];
  for (let q = 0; q < rows; q++) {
    let best = 0;
    for (let c = 1; c < columns; c++) {
      if ((data[q * columns + c] ?? 0) > (data[q * columns + best] ?? 0)) best = c;
    }
    winners.push(...labels.classes.slice(best, best + 1));
  }
  return winners;
}

/** The share of the votes that each class has. @throws KnnInputError as `vote` does. */
export function voteShares(
  neighbors: Neighbors,
  labels: EncodedLabels<Label>,
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
  { indices, distances, k, queries }: Neighbors,
  { classes, codes }: EncodedLabels<Label>,
  weights: Weights,
): ClassShares {
  checkWeights(weights);
  const columns = classes.length;
  const data = new Float64Array(queries * columns);
  const row = new Float64Array(k);
  for (let q = 0; q < queries; q++) {
    weigh(distances.subarray(q * k, (q + 1) * k), weights, row, q);
    for (let i = 0; i < k; i++) {
      const at = q * columns + (codes[indices[q * k + i] ?? 0] ?? 0);
      data[at] = (data[at] ?? 0) + (row[i] ?? 0);
    }
  }
  return { data, rows: queries, columns };
}

/** Writes the weights of one query's neighbours. */
function weigh(distances: Float64Array, weights: Weights, out: Float64Array, query: number): void {
  if (weights === 'uniform') {
    out.fill(1);
  } else if (weights === 'distance') {
    // Neighbours come nearest first: a zero is at the front or nowhere.
    const hasZero = distances[0] === 0;
    for (let i = 0; i < out.length; i++) {
      const distance = distances[i] ?? 0;
      out[i] = hasZero ? Number(distance === 0) : 1 / distance;
    }
  } else {
    const given = weights(distances.slice());
    checkGiven(given, out.length, query);
    out.set(given);
  }
}

/** @throws KnnInputError 'weights' for a function's result that cannot be votes. */
function checkGiven(given: ArrayLike<number>, k: number, query: number): void {
  const refuse = (what: string): never => {
    throw new KnnInputError(
      'weights',
      `The weights function gave ${what} for query ${query}, but must give ${k} finite numbers of at least 0, not all of them 0.`,
    );
  };
  // The function comes from outside: its result is looked at before it is believed.
  const result: unknown = given;
  if (typeof result !== 'object' || result === null || !('length' in result)) {
    refuse(`no array (${typeof result})`);
  }
  if (given.length !== k) refuse(`${given.length} weights`);
  let sum = 0;
  for (let i = 0; i < k; i++) {
    const weight: unknown = given[i];
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
      refuse(`the weight ${String(weight)}`);
    }
    sum += Number(weight);
  }
  if (sum === 0) refuse('no weight to any neighbour');
}

/** @throws KnnInputError 'option' for anything but the two names or a function. */
export function checkWeights(weights: Weights): void {
  const known: readonly unknown[] = ['uniform', 'distance'];
  if (typeof weights !== 'function' && !known.includes(weights)) {
    throw new KnnInputError(
      'option',
      `There are no weights "${weights}"; choose uniform, distance or a function of the distances.`,
    );
  }
}
