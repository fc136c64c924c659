import { expect, test } from 'vitest';
import { areaStatistics } from '../src/index.ts';

test('a worked example, out of order', () => {
  // Sorted: 2, 4, 4, 10. Quartiles lie at positions 0.75, 1.5 and 2.25.
  expect(areaStatistics(Uint16Array.of(4, 10, 2, 4))).toEqual({
    count: 4,
    mean: 5,
    min: 2,
    lowerQuartile: 3.5,
    median: 4,
    upperQuartile: 5.5,
    max: 10,
  });
});

test('one area is all of its statistics', () => {
  expect(areaStatistics(Uint16Array.of(7))).toEqual({
    count: 1,
    mean: 7,
    min: 7,
    lowerQuartile: 7,
    median: 7,
    upperQuartile: 7,
    max: 7,
  });
});

test('no area has no statistics', () => {
  expect(areaStatistics(new Uint16Array(0))).toBeUndefined();
});

test('large sums do not overflow, and the input stays in its order', () => {
  const areas = new Uint16Array(100_000).fill(65_535);
  areas[0] = 1;
  expect(areaStatistics(areas)?.mean).toBeCloseTo(65_535 - 65_534 / 100_000, 6);
  areas[99_999] = 0;
  areaStatistics(areas);
  expect(areas[0]).toBe(1);
});
