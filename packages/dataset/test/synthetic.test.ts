import { describe, expect, test } from 'vitest';
import { CLASS_NAMES, DatasetError, IMAGE_SIZE, syntheticFashion } from '../src/index.ts';
import type { LabelledImages } from '../src/index.ts';
import { sha256 } from './support/fake.ts';

const data = syntheticFashion({ seed: 42, train: 1000, test: 300 });

function classCounts({ labels }: LabelledImages): number[] {
  return CLASS_NAMES.map((_, label) => labels.filter((x) => x === label).length);
}

function image(set: LabelledImages, i: number): Uint8Array {
  return set.images.subarray(i * IMAGE_SIZE, (i + 1) * IMAGE_SIZE);
}

/** Share of the first test images whose nearest prototype, [m * 784], has their label. */
function nearestAccuracy(prototypes: Uint8Array, labels: ArrayLike<number>, count: number): number {
  // Locals: vitest turns every use of an import into a call.
  const size = IMAGE_SIZE;
  const pixels = data.test.images;
  let right = 0;
  for (let i = 0; i < count; i++) {
    let best = { distance: Infinity, label: -1 };
    for (let m = 0; m < labels.length; m++) {
      let distance = 0;
      for (let j = 0; j < size; j++) {
        const d = pixels[i * size + j]! - prototypes[m * size + j]!;
        distance += d * d;
      }
      if (distance < best.distance) best = { distance, label: labels[m]! };
    }
    if (best.label === data.test.labels[i]) right++;
  }
  return right / count;
}

test('says that it is synthetic', () => {
  expect(data).toMatchObject({
    name: 'synthetic-fashion',
    synthetic: true,
    source: 'generated, seed 42',
  });
  expect(data.train.classNames).toBe(CLASS_NAMES);
});

test('has the shape asked for and the same number of each class', () => {
  expect(data.train.images).toHaveLength(1000 * IMAGE_SIZE);
  expect(data.test.images).toHaveLength(300 * IMAGE_SIZE);
  expect(classCounts(data.train)).toEqual(new Array(10).fill(100));
  expect(classCounts(data.test)).toEqual(new Array(10).fill(30));
  // Class by class in a row would teach a shuffle-less trainer nothing.
  expect([...data.train.labels.subarray(0, 10)]).not.toEqual([
    ...data.train.labels.subarray(10, 20),
  ]);
});

test('numbers that are no multiple of ten are balanced within one', () => {
  const counts = classCounts(syntheticFashion({ seed: 1, train: 37, test: 1 }).train);
  expect(Math.max(...counts)).toBe(4);
  expect(Math.min(...counts)).toBe(3);
});

test('the same seed gives the same bytes, pinned: recorded runs depend on them', () => {
  const again = syntheticFashion({ seed: 42, train: 1000, test: 300 });
  expect(again.sha256).toEqual(data.sha256);
  expect(data.sha256).toEqual({
    train: sha256(Buffer.concat([data.train.images, data.train.labels])),
    test: sha256(Buffer.concat([data.test.images, data.test.labels])),
  });
  expect(data.sha256['train']).toBe(
    'a0ad5d32fbef103d1e3452d2be675f5bd01d2ff7fc7f58f3681ce7bfa70cf237',
  );
});

test('another seed gives other images, and test images are not training images', () => {
  const other = syntheticFashion({ seed: 43, train: 10, test: 10 });
  expect(image(other.train, 0)).not.toEqual(image(data.train, 0));
  expect(image(data.test, 0)).not.toEqual(image(data.train, 0));
});

test('a larger set begins with the smaller one', () => {
  const small = syntheticFashion({ seed: 42, train: 25, test: 5 });
  expect(small.train.images).toEqual(data.train.images.subarray(0, 25 * IMAGE_SIZE));
  expect(small.train.labels).toEqual(data.train.labels.subarray(0, 25));
});

describe('is learnable but not trivial', () => {
  test('by the nearest class mean, about as well as the real data (0.68)', () => {
    const sums = new Float64Array(CLASS_NAMES.length * IMAGE_SIZE);
    data.train.labels.forEach((label, i) => {
      image(data.train, i).forEach((x, j) => {
        sums[label * IMAGE_SIZE + j] = sums[label * IMAGE_SIZE + j]! + x;
      });
    });
    const means = Uint8Array.from(sums, (sum) => Math.round(sum / 100));
    const accuracy = nearestAccuracy(means, Uint8Array.from(CLASS_NAMES.keys()), 300);
    expect(accuracy).toBeGreaterThan(0.6);
    expect(accuracy).toBeLessThan(0.85);
  });

  test('by the nearest neighbour, not perfectly either', () => {
    const accuracy = nearestAccuracy(data.train.images, data.train.labels, 150);
    expect(accuracy).toBeGreaterThan(0.6);
    expect(accuracy).toBeLessThan(0.92);
  });

  test('no two images are alike, and each has cloth and background', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const pixels = image(data.train, i);
      seen.add(sha256(pixels));
      const dark = pixels.filter((x) => x < 50).length;
      expect(dark).toBeGreaterThan(IMAGE_SIZE * 0.15);
      expect(dark).toBeLessThan(IMAGE_SIZE * 0.97);
    }
    expect(seen.size).toBe(1000);
  });
});

test.each([0, -1, 1.5, Number.NaN])('a train size of %s is refused', (train) => {
  expect(() => syntheticFashion({ seed: 1, train })).toThrow(
    new DatasetError(
      'limit',
      `The number of images of a synthetic train set must be a whole number from 1 to 2500000, not ${train}.`,
    ),
  );
});

test('a bad seed is refused', () => {
  expect(() => syntheticFashion({ seed: -1 })).toThrow(
    'The seed must be an integer from 0 to 4294967295, not -1.',
  );
});
