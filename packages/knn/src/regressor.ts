/** KNeighborsRegressor in scikit-learn's vocabulary: the weighted mean of the neighbours' targets. */
import { isObject, mustBe } from './checks.ts';
import { KnnInputError } from './errors.ts';
import { checkNeighborCount } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { NearestNeighbors } from './nearest-neighbors.ts';
import type { NearestNeighborsOptions } from './nearest-neighbors.ts';
import type { SearchOptions } from './neighbors.ts';
import { checkWeights, weigh } from './vote.ts';
import type { Weights } from './vote.ts';

export interface KNeighborsRegressorOptions extends Omit<NearestNeighborsOptions, 'radius'> {
  /** Default 'uniform'. */
  readonly weights?: Weights | undefined;
}

export class KNeighborsRegressor {
  readonly weights: Weights;
  readonly #neighbors: NearestNeighbors;
  #targets: Float64Array | undefined;

  /** @throws KnnInputError as `NearestNeighbors` does, and 'option' for unknown weights. */
  constructor(given: KNeighborsRegressorOptions = {}) {
    const { weights = 'uniform', ...options } = given;
    checkWeights(weights);
    this.weights = weights;
    this.#neighbors = new NearestNeighbors(options);
  }

  get nNeighbors(): number {
    return this.#neighbors.nNeighbors;
  }

  /**
   * Takes the training rows and one finite target for each; a second call replaces the first.
   * @throws KnnInputError for an unsound matrix, targets that do not fit it, or more neighbours than rows.
   */
  async fit(X: Matrix, y: ArrayLike<number>): Promise<this> {
    const targets = checkedTargets(y);
    await this.#neighbors.fit(X);
    checkTargetCount(targets, X.rows, 'training rows');
    checkNeighborCount(this.nNeighbors, X.rows);
    this.#targets = targets;
    return this;
  }

  /** [rows] one number for each row of X. @throws KnnInputError for queries that do not fit, or before `fit`. */
  async predict(X: Matrix, options: SearchOptions = {}): Promise<Float64Array> {
    const targets = this.#targets;
    if (!targets) {
      throw new KnnInputError(
        'not-fitted',
        'The regressor has no training rows; call fit before using it.',
      );
    }
    const { nNeighbors, weights } = this;
    const found = await this.#neighbors.kneighbors(X, nNeighbors, options);
    const { indices, distances, k, queries } = found;
    const row = new Float64Array(k);
    return Float64Array.from({ length: queries }, (_, q) => {
      weigh(distances.subarray(q * k, (q + 1) * k), weights, row, q);
      let sum = 0;
      let all = 0;
      for (let i = 0; i < k; i++) {
        sum += row[i]! * targets[indices[q * k + i]!]!;
        all += row[i]!;
      }
      return sum / all;
    });
  }

  /**
   * The coefficient of determination R^2: 1 for perfect predictions, 0 for those of the mean, below for worse. Of constant
   * targets it is 1 or 0, as in scikit-learn.
   */
  async score(X: Matrix, y: ArrayLike<number>, options: SearchOptions = {}): Promise<number> {
    const truth = checkedTargets(y);
    const predicted = await this.predict(X, options);
    checkTargetCount(truth, predicted.length, 'query rows');
    const mean = truth.reduce((sum, x) => sum + x, 0) / truth.length;
    const left = truth.reduce((sum, x, i) => sum + (x - predicted[i]!) ** 2, 0);
    const all = truth.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    if (all === 0) return left === 0 ? 1 : 0;
    return 1 - left / all;
  }

  /** Frees threads and native memory; it must be fitted again before use. */
  async dispose(): Promise<void> {
    this.#targets = undefined;
    await this.#neighbors.dispose();
  }
}

function checkedTargets(y: ArrayLike<number>): Float64Array {
  const isList = isObject(y) && Number.isInteger(y.length);
  mustBe('The list of targets', y, 'an array or a typed array', isList, 'labels');
  const targets = Array.from(y);
  const odd = targets.findIndex((target) => !Number.isFinite(target));
  mustBe(`Target ${odd}`, targets[odd], 'a finite number', odd < 0, 'labels');
  return Float64Array.from(targets);
}

function checkTargetCount(targets: Float64Array, count: number, rows: string): void {
  if (targets.length === count) return;
  throw new KnnInputError(
    'labels',
    `There are ${targets.length} targets for ${count} ${rows}; each row needs one.`,
  );
}
