/** Class probabilities of a model, computed on an engine. */
import {
  createTrainer,
  networkOf,
  sgd,
  weightsOf,
  type ImageArray,
  type NetworkSpec,
  type TrainerEngine,
} from '@fashion-bench/training';
import type * as tf from '@tensorflow/tfjs';
import { countImages } from './checks.ts';
import { CnnError } from './errors.ts';

export interface PredictOptions {
  readonly engine: TrainerEngine;
  /** Threads of the engine; its own choice when left out. */
  readonly threads?: number | undefined;
}

export interface Predictions {
  /** Row-major [n, classes]; every row sums to 1. */
  readonly probabilities: Float32Array;
  /** [n]: the class with the largest probability, the lowest one among equals. */
  readonly labels: Uint8Array;
}

/**
 * Predicts without dropout, in the calling thread.
 *
 * @param images [n, rows, columns, channels]: uint8 0..255, which the engine divides by 255, or float32, used as they are.
 * No images give no predictions.
 * @throws CnnError 'images' for images that do not fit the model, 'classes' for more than 256 classes, 'not-finite'
 * where the model gives NaN; UnsupportedModelError of \@fashion-bench/training for layers that it does not know.
 */
export async function predict(
  model: tf.Sequential,
  images: ImageArray,
  options: PredictOptions,
): Promise<Predictions> {
  const network = networkOf(model);
  const count = countImages(network, images);
  const probabilities = await probabilitiesOf(model, network, images, count, options);
  return { probabilities, labels: argMax(probabilities, network.classes) };
}

/** [count, classes]; the images have been checked. */
export async function probabilitiesOf(
  model: tf.Sequential,
  network: NetworkSpec,
  images: ImageArray,
  count: number,
  { engine, threads }: PredictOptions,
): Promise<Float32Array> {
  if (network.classes > 256) {
    throw new CnnError(
      'classes',
      `The model has ${network.classes} classes, but labels are bytes, which tell 256 apart.`,
    );
  }
  const trainer = await createTrainer(engine, {
    network,
    weights: weightsOf(model),
    images: images instanceof Uint8Array ? 'uint8' : 'float32',
    // Nothing is trained: the optimizer without memory, the smallest batch.
    optimizer: sgd(),
    batchSize: 1,
    seed: 0,
    ...(threads !== undefined && { threads }),
  });
  try {
    const probabilities = await trainer.predict(images, count);
    const wrong = probabilities.findIndex((p) => !Number.isFinite(p));
    if (wrong >= 0) {
      throw new CnnError(
        'not-finite',
        `The model gives ${probabilities[wrong] ?? NaN} for image ${Math.floor(wrong / network.classes)}; its weights or the pixels are too large or not numbers.`,
      );
    }
    return probabilities;
  } finally {
    await trainer.dispose();
  }
}

/** Of each row of [n, classes] the position of its largest value, the first one among equals. */
export function argMax(probabilities: Float32Array, classes: number): Uint8Array {
  const labels = new Uint8Array(probabilities.length / classes);
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((probabilities[i * classes + c] ?? 0) > (probabilities[i * classes + best] ?? 0))
        best = c;
    }
    labels[i] = best;
  }
  return labels;
}
