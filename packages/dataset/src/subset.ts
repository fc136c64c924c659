// Smaller sets out of larger ones.

import { permutation, randomStream } from '@fashion-bench/random';
import { checkArrays, isWhole, mustBe } from './checks.ts';
import { DatasetError } from './errors.ts';
import { IMAGE_SIZE } from './types.ts';
import type { LabelledImages } from './types.ts';

/**
 * Number of images in a set.
 * @throws DatasetError 'argument' when images and labels do not belong together.
 */
export function imageCount(set: LabelledImages): number {
  checkArrays('The set', set);
  const count = set.labels.length;
  if (set.images.length !== count * IMAGE_SIZE) {
    throw new DatasetError(
      'argument',
      `The set has ${count} labels and ${set.images.length} bytes of images, not ${count} times ${IMAGE_SIZE}.`,
    );
  }
  return count;
}

/**
 * The first n images, as views of the same memory.
 * @throws DatasetError 'limit' unless n is a whole number from 1 to the set's size.
 */
export function take(set: LabelledImages, n: number): LabelledImages {
  checkLimit(n, imageCount(set));
  return {
    images: set.images.subarray(0, n * IMAGE_SIZE),
    labels: set.labels.subarray(0, n),
    classNames: set.classNames,
  };
}

/**
 * Exactly n images, as evenly over the classes as the set allows, drawn by seed and copied in the set's own order. With
 * the same seed a larger subset holds every image of a smaller one. With n = size of the set it is the set itself.
 *
 * @throws DatasetError 'limit' unless n is a whole number from 1 to the set's size; 'argument' for a label without a
 * class name; InvalidSeedError of \@fashion-bench/random.
 */
export function stratifiedSubset(set: LabelledImages, n: number, seed: number): LabelledImages {
  const count = imageCount(set);
  checkLimit(n, count);
  const { classNames } = set;
  mustBe('The classNames of the set', classNames, 'a list of texts', isTexts(classNames));
  if (n === count) return set;

  const members = set.classNames.map((): number[] => []);
  set.labels.forEach((label, i) => {
    const list = members[label];
    if (list === undefined) {
      throw new DatasetError(
        'argument',
        `The set has label ${label} at position ${i} but only ${members.length} classes.`,
      );
    }
    list.push(i);
  });

  const chosen = new Uint8Array(count);
  // Which classes get one more where n does not divide evenly is drawn as well.
  const classOrder = permutation(members.length, randomStream(seed, 'subset-classes'));
  const quotas = shareOut(
    n,
    Array.from(classOrder, (label) => members[label]?.length ?? 0),
  );
  classOrder.forEach((label, place) => {
    const list = members[label] ?? [];
    const order = permutation(list.length, randomStream(seed, 'subset-images', label));
    for (const at of order.subarray(0, quotas[place])) chosen[list[at] ?? 0] = 1;
  });

  const images = new Uint8Array(n * IMAGE_SIZE);
  const labels = new Uint8Array(n);
  let to = 0;
  chosen.forEach((isChosen, i) => {
    if (isChosen === 0) return;
    images.set(set.images.subarray(i * IMAGE_SIZE, (i + 1) * IMAGE_SIZE), to * IMAGE_SIZE);
    labels[to] = set.labels[i]!;
    to++;
  });
  return { images, labels, classNames: set.classNames };
}

/** Deals n out to bins of limited size, one round after the other, so that no bin lags another by more than one unless full. */
function shareOut(n: number, sizes: readonly number[]): number[] {
  const quotas = sizes.map(() => 0);
  let left = n;
  for (let level = 0; left > 0; level++) {
    for (let bin = 0; bin < sizes.length && left > 0; bin++) {
      if ((sizes[bin] ?? 0) <= level) continue;
      quotas[bin] = level + 1;
      left--;
    }
  }
  return quotas;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function checkLimit(n: number, count: number): void {
  const accepted = `a whole number from 1 to ${count}, the size of the set`;
  mustBe('A limit of images', n, accepted, isWhole(n, 1, count), 'limit');
}
