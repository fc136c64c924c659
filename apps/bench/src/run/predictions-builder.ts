/** What a run predicts, collected part by part until it is written beside the record. */

import { IMAGE_SIZE, type LabelledImages } from '@fashion-bench/dataset';
import {
  type CnnPredictions,
  encodeClasses,
  encodePixels,
  encodeProbabilities,
  type ErasedSample,
  type KCurvePoint,
  type KnnKey,
  type KnnPredictions,
  type NeighborSample,
  PREDICTIONS_SCHEMA,
  type RunPredictions,
  type SampleImage,
} from '@fashion-bench/report';

type TrainingKey = Pick<CnnPredictions, 'seed' | 'batchSize' | 'engine'>;

export class PredictionsBuilder {
  readonly #runId: string;
  readonly #knn: KnnPredictions[] = [];
  readonly #cnn: CnnPredictions[] = [];
  readonly #images = new Map<string, SampleImage>();
  #labels = '';
  #kCurve: readonly KCurvePoint[] = [];
  #neighbors: readonly NeighborSample[] = [];
  #erased: readonly ErasedSample[] = [];

  constructor(runId: string) {
    this.#runId = runId;
  }

  /** Takes over what was written before a run was interrupted. */
  restore({ labels, knn, kCurve, neighbors, cnn, erased, images }: RunPredictions): void {
    this.#labels = labels;
    this.#knn.push(...knn);
    this.#cnn.push(...cnn);
    this.#kCurve = kCurve;
    this.#neighbors = neighbors;
    this.#erased = erased;
    for (const image of images) this.#images.set(`${image.set} ${image.index}`, image);
  }

  /** @param predicted [n] classes of the test images, whose true classes are `labels` */
  addKnn(key: KnnKey, labels: Uint8Array, predicted: ArrayLike<number>): void {
    const { k, weights, metric, standardised } = key;
    this.#labels = encodeClasses(labels);
    const entry = { k, weights, metric, standardised, predicted: encodeClasses(predicted) };
    put(this.#knn, entry, isSameSearch);
  }

  hasKnn(key: KnnKey): boolean {
    return this.#knn.some((kept) => isSameSearch(kept, key));
  }

  get hasNeighbors(): boolean {
    return this.#kCurve.length > 0;
  }

  setNeighbors(kCurve: readonly KCurvePoint[], samples: readonly NeighborSample[]): void {
    this.#kCurve = kCurve;
    this.#neighbors = samples;
  }

  hasCnn(key: TrainingKey): boolean {
    return this.#cnn.some((kept) => isSameTraining(kept, key));
  }

  /** A training of the same seed, batch and engine is replaced. @param probabilities [n, classes] */
  setCnn(
    { seed, batchSize, engine }: TrainingKey,
    labels: Uint8Array,
    predicted: ArrayLike<number>,
    probabilities: Float32Array,
  ): void {
    this.#labels = encodeClasses(labels);
    const entry: CnnPredictions = {
      seed,
      batchSize,
      engine,
      predicted: encodeClasses(predicted),
      probabilities: encodeProbabilities(probabilities),
    };
    put(this.#cnn, entry, isSameTraining);
  }

  setErased(samples: readonly { readonly index: number; readonly pixels: Uint8Array }[]): void {
    this.#erased = samples.map(({ index, pixels }) => ({ index, pixels: encodePixels(pixels) }));
  }

  /** Keeps the pixels of a few images; one that is kept already is not kept twice. */
  addImages(
    set: SampleImage['set'],
    { images, labels }: Pick<LabelledImages, 'images' | 'labels'>,
    indices: readonly number[],
  ): void {
    for (const index of indices) {
      const pixels = images.subarray(index * IMAGE_SIZE, (index + 1) * IMAGE_SIZE);
      this.#images.set(`${set} ${index}`, {
        set,
        index,
        label: labels[index]!,
        pixels: encodePixels(pixels),
      });
    }
  }

  /** @returns null as long as nothing was predicted */
  build(): RunPredictions | null {
    if (this.#knn.length === 0 && this.#cnn.length === 0) return null;
    return {
      schema: PREDICTIONS_SCHEMA,
      runId: this.#runId,
      labels: this.#labels,
      knn: this.#knn,
      kCurve: this.#kCurve,
      neighbors: this.#neighbors,
      cnn: this.#cnn,
      erased: this.#erased,
      images: [...this.#images.values()],
    };
  }
}

/** Replaces the entry of the same kind, or adds one. */
export function put<Entry>(
  entries: Entry[],
  entry: Entry,
  isSame: (a: Entry, b: Entry) => boolean,
): void {
  const same = entries.findIndex((other) => isSame(other, entry));
  entries.splice(same < 0 ? entries.length : same, 1, entry);
}

export function isSameSearch(a: KnnKey, b: KnnKey): boolean {
  return (
    a.k === b.k &&
    a.weights === b.weights &&
    a.metric === b.metric &&
    a.standardised === b.standardised
  );
}

function isSameTraining(a: TrainingKey, b: TrainingKey): boolean {
  return a.seed === b.seed && a.batchSize === b.batchSize && a.engine === b.engine;
}
