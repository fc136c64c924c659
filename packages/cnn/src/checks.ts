/** Whether data fit a network; one sentence where they do not. */
import type { ImageArray, LabelledSet } from '@fashion-bench/training';
import { CnnError } from './errors.ts';

/** What a model takes and gives. */
interface Ports {
  readonly shape: readonly number[];
  readonly classes: number;
}

/** @throws CnnError 'images' for a pixel that is NaN or infinite. */
export function checkFinite(images: ImageArray, what: string): void {
  if (images instanceof Uint8Array) return;
  const wrong = images.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new CnnError(
    'images',
    `Value ${wrong} of the ${what} images is ${images[wrong] ?? NaN}; every pixel must be a finite number.`,
  );
}

/**
 * How many images of the network's input these are.
 * @throws CnnError 'images' for an incomplete image or a value that is not finite.
 */
export function countImages({ shape }: Ports, images: ImageArray): number {
  const size = shape.reduce((product, length) => product * length, 1);
  if (images.length % size !== 0) {
    throw new CnnError(
      'images',
      `The images have ${images.length} values, which is no multiple of the ${size} that the model takes for each (${shape.join(' x ')}).`,
    );
  }
  checkFinite(images, 'given');
  return images.length / size;
}

/** @throws CnnError 'images' or 'labels' for a set that is empty or does not fit. */
export function checkSet(model: Ports, { images, labels }: LabelledSet): void {
  const count = countImages(model, images);
  if (count === 0) throw new CnnError('images', 'There are no images to evaluate the model on.');
  if (labels.length !== count) {
    throw new CnnError(
      'labels',
      `There are ${count} images, but ${labels.length} labels; every image needs one.`,
    );
  }
  const wrong = labels.findIndex((label) => label >= model.classes);
  if (wrong >= 0) {
    throw new CnnError(
      'labels',
      `Label ${wrong} is ${labels[wrong] ?? NaN}, but the model knows the classes 0 to ${model.classes - 1}.`,
    );
  }
}
