/**
 * KNeighborsClassifier in scikit-learn's vocabulary, camelCased, over an exact search.
 *
 * Ties: equal distances at the edge of the k -> the lower training row is the neighbour; equal votes -> the smallest
 * label. (scikit-learn leaves the first to the order of the training data, and does the second.)
 */
import { checkOptions, checkPath } from './checks.ts';
import { KnnInputError } from './errors.ts';
import { checkLabelCount, checkLabels, encodeLabels } from './labels.ts';
import type { EncodedLabels, Label } from './labels.ts';
import { checkInPauses, checkNeighborCount, checkShape } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import type { EffectiveMetric } from './metric.ts';
import { readModelFile, writeModelFile } from './model-file.ts';
import { searchOver } from './nearest.ts';
import type { NearestOptions } from './nearest.ts';
import type { NeighborIndices, Neighbors, PreparedSearch, SearchOptions } from './neighbors.ts';
import { checkWeights, vote, voteShares } from './vote.ts';
import type { ClassShares, Weights } from './vote.ts';

export interface KNeighborsClassifierOptions extends NearestOptions {
  /** How many neighbours vote: a whole number from 1 to the number of training rows. Default 5. */
  readonly nNeighbors?: number | undefined;
  /** Default 'uniform'. */
  readonly weights?: Weights | undefined;
}

/** How `kneighbors` searches, and whether it gives distances. */
export interface KneighborsOptions<Distance extends boolean = boolean> extends SearchOptions {
  /** Default true. */
  readonly returnDistance?: Distance | undefined;
}

/** How a loaded classifier searches on this machine. What it was fitted with comes from the file. */
export type LoadOptions = Omit<NearestOptions, 'metric' | 'p'>;

interface Fitted<L extends Label> {
  readonly search: PreparedSearch;
  readonly labels: EncodedLabels<L>;
  readonly train: CheckedMatrix;
}

/** The type parameter is that of the labels: numbers unless told otherwise, `<string>` for names. */
export class KNeighborsClassifier<L extends Label = number> {
  readonly nNeighbors: number;
  readonly weights: Weights;
  /** What distances are measured by. */
  readonly effectiveMetric: EffectiveMetric;
  readonly #options: NearestOptions;
  #fitted: Fitted<L> | undefined;

  /**
   * @throws KnnInputError 'neighbors' for a count that is no whole number from 1, 'option' for unknown weights or metrics.
   */
  constructor(given: KNeighborsClassifierOptions = {}) {
    checkOptions('classifier', given);
    const { nNeighbors = 5, weights = 'uniform', ...options } = given;
    checkNeighborCount(nNeighbors, Infinity);
    checkWeights(weights);
    this.nNeighbors = nNeighbors;
    this.weights = weights;
    this.effectiveMetric = effectiveMetric(options);
    this.#options = options;
  }

  /** The distinct labels, ascending. @throws KnnInputError 'not-fitted'. */
  get classes(): readonly L[] {
    return this.#ready().labels.classes;
  }

  /** Labels as `vote` takes them. @throws KnnInputError 'not-fitted'. */
  get labels(): EncodedLabels<L> {
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
  async fit(X: Matrix, y: ArrayLike<L>): Promise<this> {
    const train = await checkInPauses(X, 'The training matrix');
    checkLabelCount(y, X.rows, 'training rows');
    checkNeighborCount(this.nNeighbors, X.rows);
    await this.#adopt(train, encodeLabels(y));
    return this;
  }

  /**
   * Writes the fitted classifier to one file, whole or not at all: rows, labels, and how it was made. `load` reads it.
   *
   * @throws KnnInputError before `fit`, and 'weights' where these are a function, which no file can hold; KnnFileError
   * 'unwritable'.
   */
  async save(path: string): Promise<void> {
    const { train, labels } = this.#ready();
    checkPath(path);
    const { nNeighbors, weights, effectiveMetric: metric } = this;
    if (typeof weights === 'function') {
      throw new KnnInputError(
        'weights',
        'A classifier whose weights are a function cannot be saved; use uniform or distance, or save the rows yourself.',
      );
    }
    const { algorithm = 'auto' } = this.#options;
    const settings = { nNeighbors, weights, metric, algorithm };
    await writeModelFile(path, { settings, train, labels });
  }

  /**
   * A classifier that `save` has written, ready to predict.
   *
   * @param options how to search on this machine; `algorithm` as it was saved unless given.
   * @throws KnnFileError where the file is missing, no such file, of another version, or damaged.
   */
  static async load(path: string, options: LoadOptions = {}): Promise<KNeighborsClassifier<Label>> {
    checkPath(path);
    checkOptions('load', options);
    const { settings, train, labels } = await readModelFile(path);
    const { algorithm = settings.algorithm } = options;
    const classifier = new KNeighborsClassifier<Label>({ ...options, ...settings, algorithm });
    await classifier.#adopt(train, labels);
    return classifier;
  }

  async #adopt(train: CheckedMatrix, labels: EncodedLabels<L>): Promise<void> {
    const search = await searchOver(train, this.#options);
    await this.dispose();
    this.#fitted = { search, labels, train };
  }

  /**
   * The nearest training rows of each row of X.
   *
   * @param nNeighbors default: the classifier's own.
   * @throws KnnInputError for queries or a count that do not fit, or before `fit`; the signal's reason.
   */
  async kneighbors(
    X: Matrix,
    nNeighbors?: number,
    options?: KneighborsOptions<true>,
  ): Promise<Neighbors>;
  async kneighbors(
    X: Matrix,
    nNeighbors: number | undefined,
    options: KneighborsOptions,
  ): Promise<NeighborIndices>;
  async kneighbors(
    X: Matrix,
    nNeighbors: number = this.nNeighbors,
    given: KneighborsOptions = {},
  ): Promise<NeighborIndices> {
    checkOptions('kneighbors', given);
    const { returnDistance = true, ...options } = given;
    const found = await this.#ready().search.search(X, nNeighbors, options);
    const { indices, k, queries } = found;
    return returnDistance ? found : { indices, k, queries };
  }

  /** [rows] one label for each row of X. @throws as `kneighbors` does. */
  async predict(X: Matrix, options: SearchOptions = {}): Promise<L[]> {
    const { search, labels } = this.#ready();
    return vote(await search.search(X, this.nNeighbors, options), labels, this.weights);
  }

  /** [rows, classes] the share of the votes for each class, in the order of `classes`. @throws as `kneighbors` does. */
  async predictProba(X: Matrix, options: SearchOptions = {}): Promise<ClassShares> {
    const { search, labels } = this.#ready();
    return voteShares(await search.search(X, this.nNeighbors, options), labels, this.weights);
  }

  /**
   * The share of rows whose prediction is their label, 0..1.
   * @throws KnnInputError 'labels' where they are not one for each row, of the classes' kind; else as `kneighbors` does.
   */
  async score(X: Matrix, y: ArrayLike<L>, options: SearchOptions = {}): Promise<number> {
    checkShape(X, 'The query matrix');
    checkLabelCount(y, X.rows, 'query rows');
    checkLabels(y, this.classes[0]);
    const predicted = await this.predict(X, options);
    return predicted.filter((label, i) => label === y[i]).length / X.rows;
  }

  /** Frees threads and native memory; the classifier must be fitted again before use. */
  async dispose(): Promise<void> {
    const fitted = this.#fitted;
    this.#fitted = undefined;
    await fitted?.search.dispose();
  }

  #ready(): Fitted<L> {
    if (!this.#fitted) {
      throw new KnnInputError(
        'not-fitted',
        'The classifier has no training rows; call fit before using it.',
      );
    }
    return this.#fitted;
  }
}
