import { describe, expect, test } from 'vitest';
import { randomStream } from '@fashion-bench/random';
import { DropoutMask } from '../src/trainer/dropout-masks.ts';

/** The hash of the file's comment, one element at a time. */
function isDropped(i: number, key0: number, key1: number, rate: number): boolean {
  let x = (key0 + Math.imul(i, 0x9e3779b9)) | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b) ^ key1;
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return x >>> 0 < Math.round(rate * 2 ** 32);
}

describe('elements are those of the plain hash', () => {
  const [images, pixels, channels] = [3, 5, 16];
  const size = images * pixels * channels;
  const rate = 0.3;
  const keep = Math.fround(1 / (1 - rate));
  const stream = randomStream(7, 'dropout', 2, 11);
  const [key0, key1] = [stream.nextUint32(), stream.nextUint32()];
  const valueOf = (i: number): number => (isDropped(i, key0, key1, rate) ? 0 : keep);

  test('row-major, also where the size is no multiple of four', () => {
    for (const n of [1, 3, size]) {
      const mask = new DropoutMask(n, rate);
      mask.draw(7, 2, 11);
      expect([...mask.values]).toEqual(Array.from({ length: n }, (_, i) => valueOf(i)));
    }
  });

  test.each([4, 8, 16])('in blocks of %i channels', (block) => {
    const mask = new DropoutMask(size, rate, { pixels, channels, block });
    mask.draw(7, 2, 11);
    let at = 0;
    for (let n = 0; n < images; n++) {
      for (let c = 0; c < channels; c += block) {
        for (let p = 0; p < pixels; p++) {
          for (let b = 0; b < block; b++) {
            expect(mask.values[at++]).toBe(valueOf((n * pixels + p) * channels + c + b));
          }
        }
      }
    }
  });
});

describe.each([0.1, 0.3, 0.5, 0.9])('rate %f', (rate) => {
  const size = 100_000;
  const mask = new DropoutMask(size, rate);

  test('elements are 0 or 1 / (1 - rate), dropped as often as asked for', () => {
    mask.draw(1, 0, 0);
    const dropped = mask.values.filter((value) => value === 0).length;
    expect(new Set(mask.values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    // Five standard deviations of a binomial count.
    expect(Math.abs(dropped - size * rate)).toBeLessThan(5 * Math.sqrt(size * rate * (1 - rate)));
  });

  test('neighbours are independent: pairs are dropped together at rate squared', () => {
    mask.draw(2, 0, 0);
    let both = 0;
    for (let i = 1; i < size; i++) if (mask.values[i] === 0 && mask.values[i - 1] === 0) both++;
    expect(Math.abs(both / size - rate * rate)).toBeLessThan(6 * Math.sqrt((rate * rate) / size));
  });

  test('a mask depends on seed, layer and step alone, not on what was drawn before', () => {
    mask.draw(3, 1, 4);
    const first = mask.values.slice();
    for (const [seed, layer, step] of [
      [4, 1, 4],
      [3, 2, 4],
      [3, 1, 5],
    ] as const) {
      mask.draw(seed, layer, step);
      expect(mask.values.every((value, i) => value === first[i])).toBe(false);
    }
    mask.draw(3, 1, 4);
    expect(mask.values.every((value, i) => value === first[i])).toBe(true);
  });
});
