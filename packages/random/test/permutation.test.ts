import { expect, test } from 'vitest';
import { permutation, randomStream, shuffleInPlace } from '../src/index.ts';

test('holds each of 0..n-1 once', () => {
  for (const n of [0, 1, 2, 1000]) {
    const order = permutation(n, randomStream(1, 'order', n));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});

test('is decided by its stream alone', () => {
  const one = permutation(50, randomStream(1, 'order', 2));
  expect(permutation(50, randomStream(1, 'order', 2))).toEqual(one);
  expect(permutation(50, randomStream(1, 'order', 3))).not.toEqual(one);
});

test('all 24 orders of four things are equally likely', () => {
  const stream = randomStream(9, 'orders');
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let i = 0; i < draws; i++) {
    const key = permutation(4, stream).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chiSquare = [...counts.values()].reduce((sum, x) => sum + (x - 1000) ** 2 / 1000, 0);
  // 99.9 % quantile of chi-square with 23 degrees of freedom.
  expect(chiSquare).toBeLessThan(49.73);
});

test('shuffleInPlace keeps the values and follows a slow draw-and-remove shuffle', () => {
  const values = Uint32Array.from([5, 5, 7, 9, 11]);
  const left = [...values];
  const stream = randomStream(4, 'slow');
  const expected: number[] = [];
  // The same shuffle told differently: pick one of those left, let the last one take its place.
  while (left.length > 1) {
    const j = stream.integer(0, left.length);
    const last = left.pop() ?? Number.NaN;
    expected.unshift(j < left.length ? (left.splice(j, 1, last)[0] ?? Number.NaN) : last);
  }
  expected.unshift(...left);
  shuffleInPlace(values, randomStream(4, 'slow'));
  expect([...values]).toEqual(expected);
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])('permutation(%s) is refused', (n) => {
  expect(() => permutation(n, randomStream(0, 'a'))).toThrow(
    `permutation(n) needs an integer from 0 to 4294967295, not ${n}.`,
  );
});
