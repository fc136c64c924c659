import { describe, expect, test } from 'vitest';
import { batches, gatherInto, IMAGE_SIZE, shuffledOrder, syntheticFashion } from '../src/index.ts';

const { train } = syntheticFashion({ seed: 6, train: 50, test: 1 });

describe('batches in the order of the set', () => {
  test('are views that together are the set', () => {
    const all = [...batches(train, 16)];
    expect(all.map(({ start, size }) => [start, size])).toEqual([
      [0, 16],
      [16, 16],
      [32, 16],
      [48, 2],
    ]);
    for (const { images, labels, start, size } of all) {
      expect(images.buffer).toBe(train.images.buffer);
      expect(labels.buffer).toBe(train.labels.buffer);
      expect(images).toEqual(
        train.images.subarray(start * IMAGE_SIZE, (start + size) * IMAGE_SIZE),
      );
      expect(labels).toEqual(train.labels.subarray(start, start + size));
    }
  });

  test('one batch may hold everything', () => {
    expect([...batches(train, 50)]).toHaveLength(1);
  });
});

describe('batches in another order', () => {
  test('hold the images that the order names, one by one', () => {
    const order = Uint32Array.from([49, 0, 7, 7, 20]);
    const all = [...batches(train, 2, order)];
    expect(all.map(({ size }) => size)).toEqual([2, 2, 1]);
    all.forEach(({ images, labels, start, size }) => {
      for (let i = 0; i < size; i++) {
        const from = order[start + i]!;
        expect(labels[i]).toBe(train.labels[from]);
        // Slow and obvious: pixel by pixel.
        for (let j = 0; j < IMAGE_SIZE; j++) {
          if (images[i * IMAGE_SIZE + j] !== train.images[from * IMAGE_SIZE + j]) {
            expect.fail(`pixel ${j} of image ${from}`);
          }
        }
      }
    });
  });

  test('do not overwrite each other', () => {
    const [first, second] = [...batches(train, 1, Uint32Array.of(3, 4))];
    expect(first?.images).toEqual(train.images.subarray(3 * IMAGE_SIZE, 4 * IMAGE_SIZE));
    expect(second?.images.buffer).not.toBe(first?.images.buffer);
  });

  test('an order that leaves the set is refused', () => {
    expect(() => [...batches(train, 2, Uint32Array.of(1, 2, 50))]).toThrow(
      'The order asks for image 50 at position 2, but the set has images 0 to 49.',
    );
  });
});

test.each([0, -1, 1.5, 51, Number.NaN])('a batch size of %s is refused at once', (batchSize) => {
  expect(() => batches(train, batchSize)).toThrow(
    expect.objectContaining({
      code: 'limit',
      message: `The batch size must be a whole number from 1 to 50, the number of images, not ${batchSize}.`,
    }),
  );
});

describe('gatherInto', () => {
  test('fills the beginning of the buffer and leaves the rest alone', () => {
    const out = {
      images: new Uint8Array(3 * IMAGE_SIZE).fill(7),
      labels: new Uint8Array(3).fill(7),
    };
    gatherInto(out, train, Uint32Array.of(9, 8, 5, 4), 1, 2);
    expect(out.images.subarray(0, IMAGE_SIZE)).toEqual(
      train.images.subarray(8 * IMAGE_SIZE, 9 * IMAGE_SIZE),
    );
    expect(out.images.subarray(IMAGE_SIZE, 2 * IMAGE_SIZE)).toEqual(
      train.images.subarray(5 * IMAGE_SIZE, 6 * IMAGE_SIZE),
    );
    expect(out.images.subarray(2 * IMAGE_SIZE).every((x) => x === 7)).toBe(true);
    expect([...out.labels]).toEqual([train.labels[8], train.labels[5], 7]);
  });

  test('refuses a range outside the order and a buffer too small', () => {
    const out = { images: new Uint8Array(IMAGE_SIZE), labels: new Uint8Array(1) };
    const order = Uint32Array.of(1, 2, 3);
    expect(() => {
      gatherInto(out, train, order, 3, 1);
    }).toThrow(
      'The number of images must be a whole number from 0 to the 0 that the order has from position 3 on, not 1.',
    );
    expect(() => {
      gatherInto(out, train, order, 0, 2);
    }).toThrow('A buffer for 1 labels and 784 bytes of images is too small for 2 images.');
  });
});

test('shuffledOrder is a permutation of its own for every seed and epoch', () => {
  const order = shuffledOrder(100, 1, 0);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(shuffledOrder(100, 1)).toEqual(order);
  expect(shuffledOrder(100, 1, 1)).not.toEqual(order);
  expect(shuffledOrder(100, 2, 0)).not.toEqual(order);
});
