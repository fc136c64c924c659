/**
 * The published results that a run is compared with: types of `benchmarks/published.json`.
 * The file is the one place where these figures stand; this package holds none of them.
 */

/** The version string of the file's format. */
export const PUBLISHED_SCHEMA = 'fashion-bench/published@1';

export interface Published {
  readonly schema: typeof PUBLISHED_SCHEMA;
  readonly figures: readonly PublishedFigure[];
  /** What to know about all of them, as one sentence. */
  readonly caveat: string;
}

/**
 * One published accuracy. `role` says where it stands in the report: `study` and `benchmark` in the
 * comparison table beside the classifier of the same `kind`, `context` only in the list below it.
 */
export type PublishedFigure = PublishedKnn | PublishedCnn | PublishedOther;

export interface PublishedKnn extends PublishedBase {
  readonly kind: 'knn';
  readonly recipe: KnnRecipe | null;
}

export interface PublishedCnn extends PublishedBase {
  readonly kind: 'cnn';
  readonly recipe: CnnRecipe | null;
}

export interface PublishedOther extends PublishedBase {
  readonly kind: 'other';
  readonly recipe: null;
}

interface PublishedBase {
  /** Unique in the file. */
  readonly id: string;
  readonly role: 'study' | 'benchmark' | 'context';
  /** As its source names it. */
  readonly classifier: string;
  /** Test accuracy, a fraction in [0, 1]. */
  readonly accuracy: number;
  readonly preprocessing: string;
  /** Number of parameters in words, or `null` where unknown or meaningless. */
  readonly parameters: string | null;
  readonly source: string;
  readonly url: string | null;
  /** What makes it another experiment, in two or three words that fit beside the figure, or `null`. */
  readonly qualifier: string | null;
  /** What a reader must know before comparing, in whole sentences. */
  readonly note: string | null;
}

/** What a k-NN result must share with the figure to be the same experiment. */
export interface KnnRecipe {
  readonly k: number;
  readonly weights: 'uniform' | 'distance';
  readonly metric: string;
  readonly standardised: boolean;
}

/** What a training run must share with the figure to be the same experiment. */
export interface CnnRecipe {
  readonly parameters: number;
  /** Compared without regard to case. */
  readonly optimizer: string;
  /** Absent where it is not stated. */
  readonly learningRate?: number;
  readonly batchSize: number;
  /** `null` where it is not stated. */
  readonly epochs: number | null;
  readonly augment: 'once' | 'epoch' | 'none';
  readonly p: number | null;
}
