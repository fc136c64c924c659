/**
 * What a run predicted, image by image: the types of `predictions.json`, which lies beside `record.json`.
 * The figures and the tests between classifiers are made from it, so that a report can be made again
 * without the data set. It holds the few images that the plates show, and no others.
 *
 * Classes are written as one digit each in base 36, so that ten thousand of them are one short line.
 * Positions of images count from 0 within the set that the run used.
 */

import type { KnnResult } from './results.ts';

/** The version string of the format; a change of shape needs a new number. */
export const PREDICTIONS_SCHEMA = 'fashion-bench/predictions@1';

/** The whole of `predictions.json`. */
export interface RunPredictions {
  readonly schema: typeof PREDICTIONS_SCHEMA;
  /** `run.id` of the record that it belongs to. */
  readonly runId: string;
  /** True classes of the test images, one digit each; empty when nothing was predicted. */
  readonly labels: string;
  /** One entry per k-NN result whose predictions were kept. */
  readonly knn: readonly KnnPredictions[];
  /** Accuracy over the number of neighbours, from one search; empty without k-NN. */
  readonly kCurve: readonly KCurvePoint[];
  /** The neighbours of a few test images. */
  readonly neighbors: readonly NeighborSample[];
  /** One entry per training. */
  readonly cnn: readonly CnnPredictions[];
  /** Training images before and after Random Erasing; the first are among `images`. */
  readonly erased: readonly ErasedSample[];
  /** Every image that the entries above name by its position, and samples of every class. */
  readonly images: readonly SampleImage[];
}

/** What identifies a k-NN result of the same record. */
export type KnnKey = Pick<KnnResult, 'k' | 'weights' | 'metric' | 'standardised'>;

export interface KnnPredictions extends KnnKey {
  /** Predicted classes of the test images, as `labels`. */
  readonly predicted: string;
}

export interface KCurvePoint {
  readonly k: number;
  readonly weights: 'uniform' | 'distance';
  /** Test images classified rightly, of all in `labels`. */
  readonly correct: number;
}

/** One test image with its nearest training images; see `images` for the pixels. */
export interface NeighborSample {
  /** Position of the test image. */
  readonly index: number;
  readonly weights: 'uniform' | 'distance';
  readonly predicted: number;
  /** Nearest first. */
  readonly neighbors: readonly {
    readonly index: number;
    readonly label: number;
    /** Euclidean, in grey levels 0 to 255. */
    readonly distance: number;
  }[];
}

export interface CnnPredictions {
  readonly seed: number;
  readonly batchSize: number;
  readonly engine: string;
  /** Predicted classes of the test images, as `labels`. */
  readonly predicted: string;
  /**
   * Probabilities [n, classes] row by row, each as a little-endian uint16 `round(65535 p)`, in base64:
   * good to 8e-6.
   */
  readonly probabilities: string;
}

export interface ErasedSample {
  /** Position of the training image. */
  readonly index: number;
  /** Its pixels after Random Erasing, as in `SampleImage`. */
  readonly pixels: string;
}

export interface SampleImage {
  readonly set: 'train' | 'test';
  readonly index: number;
  readonly label: number;
  /** 28 x 28 grey levels, row by row, in base64. */
  readonly pixels: string;
}
