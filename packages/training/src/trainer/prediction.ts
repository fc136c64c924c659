/** Predictions in parts of a bounded size, for every engine. */
import { featureCount, type NetworkSpec } from '../network/network.ts';
import type { ImageArray } from './trainer.ts';

/** Images that are predicted at once; more gain no speed, only memory. */
export const PREDICTION_BATCH = 250;

/**
 * @param images row-major [count, rows, columns, channels]
 * @param predictPart writes the probabilities of n images, [n, classes]
 * @returns class probabilities [count, classes]
 */
export async function predictInParts(
  { input, classes }: NetworkSpec,
  images: ImageArray,
  count: number,
  predictPart: (images: ImageArray, n: number, probabilities: Float32Array) => Promise<void>,
): Promise<Float32Array> {
  const size = featureCount(input);
  const probabilities = new Float32Array(count * classes);
  for (let start = 0; start < count; start += PREDICTION_BATCH) {
    const end = Math.min(start + PREDICTION_BATCH, count);
    await predictPart(
      images.subarray(start * size, end * size),
      end - start,
      probabilities.subarray(start * classes, end * classes),
    );
  }
  return probabilities;
}
