import { describe, expect, test } from 'vitest';
import {
  CLASS_NAMES,
  imageCount,
  IMAGE_SIZE,
  stratifiedSubset,
  syntheticFashion,
  take,
} from '../src/index.ts';
import type { LabelledImages } from '../src/index.ts';

const { train } = syntheticFashion({ seed: 5, train: 200, test: 1 });

/** n images in which byte 0 and 1 tell the image's number. */
function numbered(labels: readonly number[]): LabelledImages {
  const images = new Uint8Array(labels.length * IMAGE_SIZE);
  labels.forEach((_, i) => {
    images[i * IMAGE_SIZE] = i & 0xff;
    images[i * IMAGE_SIZE + 1] = i >> 8;
  });
  return { images, labels: Uint8Array.from(labels), classNames: CLASS_NAMES };
}

function numbers({ images, labels }: LabelledImages): number[] {
  return Array.from(labels, (_, i) => images[i * IMAGE_SIZE]! + 256 * images[i * IMAGE_SIZE + 1]!);
}

function classCounts({ labels }: LabelledImages): number[] {
  return CLASS_NAMES.map((_, label) => labels.filter((x) => x === label).length);
}

const even = numbered(Array.from({ length: 300 }, (_, i) => (i * 7) % 10));
const uneven = numbered([...new Array<number>(100).fill(0), ...new Array<number>(5).fill(1), 2]);

describe('take', () => {
  test('gives views of the first n', () => {
    const first = take(train, 12);
    expect(first.images).toHaveLength(12 * IMAGE_SIZE);
    expect(first.images.buffer).toBe(train.images.buffer);
    expect(first.labels).toEqual(train.labels.subarray(0, 12));
  });

  test.each([0, -1, 2.5, 201, Number.NaN])('refuses %s', (n) => {
    expect(() => take(train, n)).toThrow(
      `A limit of images must be a whole number from 1 to 200, the size of the set, not ${n}.`,
    );
  });
});

describe('stratifiedSubset', () => {
  test.each([1, 9, 10, 37, 100, 299])('of %i: exactly so many, classes within one', (n) => {
    const subset = stratifiedSubset(even, n, 1);
    expect(imageCount(subset)).toBe(n);
    const counts = classCounts(subset);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  test('keeps image and label together, the order of the set, and repeats nothing', () => {
    const subset = stratifiedSubset(even, 123, 1);
    const chosen = numbers(subset);
    expect(new Set(chosen).size).toBe(123);
    expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
    expect([...subset.labels]).toEqual(chosen.map((i) => even.labels[i]));
    expect(subset.images).toHaveLength(123 * IMAGE_SIZE);
  });

  test('is drawn by the seed', () => {
    const one = numbers(stratifiedSubset(even, 50, 1));
    expect(numbers(stratifiedSubset(even, 50, 1))).toEqual(one);
    expect(numbers(stratifiedSubset(even, 50, 2))).not.toEqual(one);
  });

  test('a larger one holds the smaller one', () => {
    let smaller = new Set<number>();
    for (const n of [1, 5, 10, 33, 150, 299, 300]) {
      const larger = new Set(numbers(stratifiedSubset(even, n, 3)));
      for (const i of smaller) expect(larger.has(i)).toBe(true);
      smaller = larger;
    }
  });

  test('takes all of a small class and shares the rest out', () => {
    expect(classCounts(stratifiedSubset(uneven, 30, 1))).toEqual([24, 5, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('every image has the same chance', () => {
    // 40 images of a class of 400, for 200 seeds: each image is expected 20 times, standard deviation 4.2.
    const set = numbered(new Array<number>(400).fill(3));
    const counts = new Uint32Array(400);
    for (let seed = 0; seed < 200; seed++) {
      for (const i of numbers(stratifiedSubset(set, 40, seed))) counts[i] = counts[i]! + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(3);
    expect(Math.max(...counts)).toBeLessThan(40);
  });

  test('of the whole set is the set', () => {
    expect(stratifiedSubset(even, 300, 9)).toBe(even);
  });

  test.each([0, -1, 2.5, 301, Infinity])('refuses %s', (n) => {
    expect(() => stratifiedSubset(even, n, 1)).toThrow(
      expect.objectContaining({
        code: 'limit',
        message: `A limit of images must be a whole number from 1 to 300, the size of the set, not ${n}.`,
      }),
    );
  });

  test('refuses a label without a class', () => {
    expect(() => stratifiedSubset(numbered([0, 1, 10]), 2, 1)).toThrow(
      'The set has label 10 at position 2 but only 10 classes.',
    );
  });
});

test('imageCount refuses images and labels that do not belong together', () => {
  const broken = { ...even, labels: even.labels.subarray(1) };
  expect(() => imageCount(broken)).toThrow(
    'The set has 299 labels and 235200 bytes of images, not 299 times 784.',
  );
});
