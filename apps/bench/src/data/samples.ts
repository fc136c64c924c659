/**
 * Which images the figures of a report show. Always the first in the order of the file that fit, so that nobody
 * has picked them.
 */

import { randomErasing } from '@fashion-bench/augment';
import { studyRecipe } from '@fashion-bench/cnn/recipes';
import { IMAGE_COLUMNS, IMAGE_ROWS, IMAGE_SIZE, type LabelledImages } from '@fashion-bench/dataset';
import type { AugmentInfo } from '@fashion-bench/report';

const PER_CLASS = 8;
const ERASED = 8;
/** As many as the study's plate has. */
const PLATE = 15;

/** Positions of the first images of every class, class by class. */
export function firstOfEachClass(
  { labels, classNames }: Pick<LabelledImages, 'labels' | 'classNames'>,
  perClass: number = PER_CLASS,
): readonly number[] {
  return classNames.flatMap((_, label) => firstWhere(labels, (value) => value === label, perClass));
}

/** Positions for the plates: the first test images, then the first that are predicted wrongly. */
export function plateImages(
  labels: Uint8Array,
  predicted: ArrayLike<number>,
  count: number = PLATE,
): readonly number[] {
  const first = Array.from({ length: Math.min(count, labels.length) }, (_, i) => i);
  const wrong = firstWhere(labels, (label, i) => predicted[i] !== label, count);
  return [...new Set([...first, ...wrong])];
}

/** Positions of the first labels for which `test` holds. */
export function firstWhere(
  labels: Uint8Array,
  test: (label: number, index: number) => boolean,
  count: number,
): number[] {
  const found: number[] = [];
  for (let i = 0; i < labels.length && found.length < count; i++) {
    if (test(labels[i]!, i)) found.push(i);
  }
  return found;
}

export interface ErasedImage {
  readonly index: number;
  readonly pixels: Uint8Array;
}

/**
 * The first training images that a training erased, as it saw them (for `epoch`: in its first epoch).
 * Erasing image i depends on seed, epoch and i only, so a few hundred are erased once more.
 */
export function erasedImages(
  mode: AugmentInfo['mode'],
  images: Uint8Array,
  seed: number,
  count: number = ERASED,
): readonly ErasedImage[] {
  if (mode === 'none') return [];
  const { p } = studyRecipe.erasing;
  const some = images.subarray(0, IMAGE_SIZE * Math.ceil((4 * count) / p));
  const shape = { rows: IMAGE_ROWS, columns: IMAGE_COLUMNS };
  const after = randomErasing(some, shape, { p, seed, epoch: mode === 'once' ? 0 : 1 }).images;
  const found: ErasedImage[] = [];
  for (let index = 0; index < some.length / IMAGE_SIZE && found.length < count; index++) {
    const range = [index * IMAGE_SIZE, (index + 1) * IMAGE_SIZE] as const;
    const pixels = after.subarray(...range);
    if (Buffer.compare(pixels, some.subarray(...range)) !== 0) found.push({ index, pixels });
  }
  return found;
}
