/**
 * KNeighborsClassifier in scikit-learn's vocabulary, camelCased, over an exact search.
 *
 * Ties: equal distances at the edge of the k -> the lower training row is the neighbour; equal votes -> the smallest
 * label. (scikit-learn leaves the first to the order of the training data, and does the second.)
 */
import { KnnInputError } from './errors.ts';
import { checkMatrix, checkNeighborCount } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { nearestNeighbors } from './nearest.ts';
import type { NearestOptions } from './nearest.ts';
import type { Neighbors, PreparedSearch, SearchOptions } from './neighbors.ts';
import { checkWeights, encodeLabels, vote, voteShares } from './vote.ts';
import type { ClassShares, EncodedLabels, Labels, Weights } from './vote.ts';

export interface KNeighborsClassifierOptions extends NearestOptions {
  /** How many neighbours vote: a whole number from 1 to the number of training rows. Default 5. */
  readonly nNeighbors?: number | undefined;
  /** Default 'uniform'. */
  readonly weights?: Weights | undefined;
}

interface Fitted {
  readonly search: PreparedSearch;
  readonly labels: EncodedLabels;
}

export class KNeighborsClassifier {
  readonly nNeighbors: number;
  readonly weights: Weights;
  readonly #options: NearestOptions;
  #fitted: Fitted | undefined;

  /** @throws KnnInputError 'neighbors' for a count that is no whole number from 1, 'option' for unknown weights. */
  constructor({
    nNeighbors = 5,
    weights = 'uniform',
    ...options
  }: KNeighborsClassifierOptions = {}) {
    checkNeighborCount(nNeighbors, Infinity);
    checkWeights(weights);
    this.nNeighbors = nNeighbors;
    this.weights = weights;
    this.#options = options;
  }

  /** The distinct labels, ascending. @throws KnnInputError 'not-fitted'. */
  get classes(): Int32Array {
    return this.#ready().labels.classes;
  }

  /** Labels as `vote` takes them. @throws KnnInputError 'not-fitted'. */
  get labels(): EncodedLabels {
    return this.#ready().labels;
  }

  /** How neighbours are searched for, in words for a report. @throws KnnInputError 'not-fitted'. */
  get path(): string {
    return this.#ready().search.path;
  }

  /** What `algorithm` came to. @throws KnnInputError 'not-fitted'. */
  get algorithm(): PreparedSearch['algorithm'] {
    return this.#ready().search.algorithm;
  }

  /**
   * Takes the training rows and one label for each; a second call replaces the first.
   *
   * @param X must not change while the classifier is in use.
   * @throws KnnInputError for an unsound matrix, labels that do not fit it, or more neighbours than rows.
   */
  async fit(X: Matrix, y: Labels): Promise<this> {
    checkMatrix(X, 'The training matrix');
    if (y.length !== X.rows) {
      throw new KnnInputError(
        'labels',
        `There are ${y.length} labels for ${X.rows} training rows; each row needs one.`,
      );
    }
    checkNeighborCount(this.nNeighbors, X.rows);
    const labels = encodeLabels(y);
    const search = await nearestNeighbors(X, this.#options);
    await this.dispose();
    this.#fitted = { search, labels };
    return this;
  }

  /**
   * The nearest training rows of each row of X.
   *
   * @param nNeighbors default: the classifier's own.
   * @throws KnnInputError for queries or a count that do not fit, or before `fit`; the signal's reason.
   */
  async kneighbors(
    X: Matrix,
    nNeighbors: number = this.nNeighbors,
    options: SearchOptions = {},
  ): Promise<Neighbors> {
    return this.#ready().search.search(X, nNeighbors, options);
  }

  /** [rows] one label for each row of X. @throws as `kneighbors` does. */
  async predict(X: Matrix, options: SearchOptions = {}): Promise<Int32Array> {
    const { search, labels } = this.#ready();
    return vote(await search.search(X, this.nNeighbors, options), labels, this.weights);
  }

  /** [rows, classes] the share of the votes for each class, in the order of `classes`. @throws as `kneighbors` does. */
  async predictProba(X: Matrix, options: SearchOptions = {}): Promise<ClassShares> {
    const { search, labels } = this.#ready();
    return voteShares(await search.search(X, this.nNeighbors, options), labels, this.weights);
  }

  /** The share of rows whose prediction is their label, 0..1. @throws as `kneighbors` does. */
  async score(X: Matrix, y: Labels, options: SearchOptions = {}): Promise<number> {
    if (y.length !== X.rows) {
      throw new KnnInputError(
        'labels',
        `There are ${y.length} labels for ${X.rows} query rows; each row needs one.`,
      );
    }
    const predicted = await this.predict(X, options);
    return predicted.filter((label, i) => label === y[i]).length / X.rows;
  }

  /** Frees threads and native memory; the classifier must be fitted again before use. */
  async dispose(): Promise<void> {
    const fitted = this.#fitted;
    this.#fitted = undefined;
    await fitted?.search.dispose();
  }

  #ready(): Fitted {
    if (!this.#fitted) {
      throw new KnnInputError(
        'not-fitted',
        'The classifier has no training rows; call fit before using it.',
      );
    }
    return this.#fitted;
  }
}
