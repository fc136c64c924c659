import { describe, expect, test } from 'vitest';
import { DropoutMask } from '../src/dropout-masks.ts';

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
