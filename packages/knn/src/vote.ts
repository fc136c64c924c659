/**
 * From neighbours to classes: pure functions, so that one search can be voted on in several ways.
 * The rules are scikit-learn's (KNeighborsClassifier): votes tied -> smallest label; under 'distance' a neighbour at
 * distance zero counts alone.
 */
import { types } from 'node:util';
import { isFunction, isObject, mustBe, shown } from './checks.ts';
import { KnnInputError } from './errors.ts';
import type { EncodedLabels, Label } from './labels.ts';
import { checkNeighbors } from './neighbors.ts';
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
 * @throws KnnInputError 'option' for unknown weights, 'weights' where a function gives others than it may, 'type' or 'labels'
 * for neighbours and labels that do not belong together.
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
      if (data[q * columns + c]! > data[q * columns + best]!) best = c;
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
    for (let c = 0; c < columns; c++) row[c] = row[c]! / sum;
  }
  return shares;
}

/** Votes, added up from the nearest neighbour to the farthest. */
function tally(neighbors: Neighbors, labels: EncodedLabels<Label>, weights: Weights): ClassShares {
  checkWeights(weights);
  checkNeighbors(neighbors);
  checkLabels(labels, neighbors.indices);
  const { indices, distances, k, queries } = neighbors;
  const { classes, codes } = labels;
  const columns = classes.length;
  const data = new Float64Array(queries * columns);
  const row = new Float64Array(k);
  for (let q = 0; q < queries; q++) {
    weigh(distances.subarray(q * k, (q + 1) * k), weights, row, q);
    for (let i = 0; i < k; i++) {
      const at = q * columns + codes[indices[q * k + i]!]!;
      data[at] = data[at]! + row[i]!;
    }
  }
  return { data, rows: queries, columns };
}

/** Writes the weights of one query's neighbours, nearest first, to `out`. */
export function weigh(
  distances: Float64Array,
  weights: Weights,
  out: Float64Array,
  query: number,
): void {
  if (weights === 'uniform') {
    out.fill(1);
  } else if (weights === 'distance') {
    // Neighbours come nearest first: a zero, or a distance too small for its inverse, is at the front or nowhere.
    const alone = Infinity === 1 / distances[0]!;
    for (let i = 0; i < out.length; i++) {
      const weight = 1 / distances[i]!;
      out[i] = alone ? Number(weight === Infinity) : weight;
    }
  } else {
    const given = weights(distances.slice());
    checkGiven(given, out.length, query);
    out.set(given);
  }
  // Sums of the largest weights would pass float64; a power of two changes no share.
  if (weights !== 'uniform' && out.some((weight) => weight > LARGE)) {
    for (let i = 0; i < out.length; i++) out[i] = out[i]! * SMALLER;
  }
}

/** 2^31 weights of this size can be added up. */
const LARGE = 2 ** 990;
const SMALLER = 2 ** -40;

/** @throws KnnInputError unless these are encoded labels with a code for each of these rows. */
function checkLabels(labels: unknown, rows: Int32Array): void {
  const what = '{ classes, codes }, as encodeLabels gives them';
  const found = isObject(labels) ? labels : {};
  const { classes, codes } = found;
  const fits = Array.isArray(classes) && types.isInt32Array(codes);
  if (!fits) {
    mustBe('The labels', labels, what, false);
    return;
  }
  const wild = codes.find((code) => code < 0 || code >= classes.length);
  mustBe(
    'A code of the labels',
    wild,
    `from 0 to ${classes.length - 1}`,
    wild === undefined,
    'labels',
  );
  const row = rows.find((index) => index < 0 || index >= codes.length);
  mustBe(
    'A neighbour',
    row,
    `one of the ${codes.length} rows with a label`,
    row === undefined,
    'labels',
  );
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
    refuse(`no array (${shown(result)})`);
  }
  if (given.length !== k) refuse(`${given.length} weights`);
  let sum = 0;
  for (let i = 0; i < k; i++) {
    const weight: unknown = given[i];
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
      refuse(`the weight ${shown(weight)}`);
    }
    sum += Number(weight);
  }
  if (sum === 0) refuse('no weight to any neighbour');
}

/** @throws KnnInputError 'option' for anything but the two names or a function. */
export function checkWeights(weights: Weights): void {
  const known: readonly unknown[] = ['uniform', 'distance'];
  const accepted = 'uniform, distance or a function of the distances';
  mustBe(
    'The option weights',
    weights,
    accepted,
    isFunction(weights) || known.includes(weights),
    'option',
  );
}
