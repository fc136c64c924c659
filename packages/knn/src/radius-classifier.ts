/** RadiusNeighborsClassifier in scikit-learn's vocabulary: all training rows within a distance vote. */
import { KnnInputError } from './errors.ts';
import { checkLabelCount, encodeLabels } from './labels.ts';
import type { EncodedLabels, Label } from './labels.ts';
import type { Matrix } from './matrix.ts';
import { NearestNeighbors } from './nearest-neighbors.ts';
import type { NearestNeighborsOptions } from './nearest-neighbors.ts';
import type { SearchOptions } from './neighbors.ts';
import { checkWeights, weigh } from './vote.ts';
import type { Weights } from './vote.ts';

export interface RadiusNeighborsClassifierOptions<L extends Label = number> extends Omit<
  NearestNeighborsOptions,
  'nNeighbors'
> {
  /** Default 'uniform'. */
  readonly weights?: Weights | undefined;
  /** The label of a query without neighbours. Default: such a query is an error. */
  readonly outlierLabel?: L | undefined;
}

/** The type parameter is that of the labels: numbers unless told otherwise, `<string>` for names. */
export class RadiusNeighborsClassifier<L extends Label = number> {
  readonly weights: Weights;
  readonly outlierLabel: L | undefined;
  readonly #neighbors: NearestNeighbors;
  #labels: EncodedLabels<L> | undefined;

  /** @throws KnnInputError as `NearestNeighbors` does, and 'option' for unknown weights. */
  constructor(given: RadiusNeighborsClassifierOptions<L> = {}) {
    const { weights = 'uniform', outlierLabel, ...options } = given;
    checkWeights(weights);
    this.weights = weights;
    this.outlierLabel = outlierLabel;
    this.#neighbors = new NearestNeighbors(options);
  }

  get radius(): number {
    return this.#neighbors.radius;
  }

  /** The distinct labels, ascending. @throws KnnInputError 'not-fitted'. */
  get classes(): readonly L[] {
    return this.#ready().classes;
  }

  /**
   * Takes the training rows and one label for each; a second call replaces the first.
   * @throws KnnInputError for an unsound matrix, or labels that do not fit it.
   */
  async fit(X: Matrix, y: ArrayLike<L>): Promise<this> {
    const labels = encodeLabels(y);
    await this.#neighbors.fit(X);
    checkLabelCount(y, X.rows, 'training rows');
    this.#labels = labels;
    return this;
  }

  /**
   * [rows] the label with the most votes for each row of X, the smallest of those with equally many.
   * @throws KnnInputError 'neighbors' for a query without any, where there is no outlier label; else as `kneighbors` does.
   */
  async predict(X: Matrix, options: SearchOptions = {}): Promise<L[]> {
    const { classes, codes } = this.#ready();
    const found = await this.#neighbors.radiusNeighbors(X, this.radius, options);
    return found.indices.map((rows, query) => {
      const distances = found.distances[query] ?? new Float64Array();
      const votes = new Float64Array(classes.length);
      const row = new Float64Array(rows.length);
      if (rows.length > 0) weigh(distances, this.weights, row, query);
      rows.forEach((index, i) => {
        const code = codes[index]!;
        votes[code] = votes[code]! + row[i]!;
      });
      const best = votes.indexOf(votes.reduce((a, b) => Math.max(a, b)));
      const label = rows.length > 0 ? classes[best] : this.outlierLabel;
      if (label === undefined) {
        throw new KnnInputError(
          'neighbors',
          `Query row ${query} has no training row within ${this.radius}; take a larger radius, or give an outlierLabel.`,
        );
      }
      return label;
    });
  }

  /** The share of rows whose prediction is their label, 0..1. @throws as `predict` does. */
  async score(X: Matrix, y: ArrayLike<L>, options: SearchOptions = {}): Promise<number> {
    const predicted = await this.predict(X, options);
    checkLabelCount(y, predicted.length, 'query rows');
    return predicted.filter((label, i) => label === y[i]).length / predicted.length;
  }

  /** Frees threads and native memory; it must be fitted again before use. */
  async dispose(): Promise<void> {
    this.#labels = undefined;
    await this.#neighbors.dispose();
  }

  #ready(): EncodedLabels<L> {
    if (!this.#labels) {
      throw new KnnInputError(
        'not-fitted',
        'The classifier has no training rows; call fit before using it.',
      );
    }
    return this.#labels;
  }
}
