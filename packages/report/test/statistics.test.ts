import { describe, expect, it } from 'vitest';
import { quantile, wilsonInterval } from '../src/index.ts';

describe('wilsonInterval', () => {
  // SciPy 1.17.1: binomtest(k, n).proportion_ci(0.95, method='wilson').
  it.each([
    [8554, 10_000, 0.8483703632704975, 0.8621566906876255],
    [8577, 10_000, 0.8507152982744881, 0.8644099892911299],
    [9246, 10_000, 0.9192603754143146, 0.9296135331693068],
    [15, 148, 0.06238639953073629, 0.16048724172330803],
    [5, 10, 0.236593090512564, 0.7634069094874361],
    [0, 10, 0, 0.27753279986288926],
    [10, 10, 0.7224672001371109, 1],
    [1, 1, 0.20654931437723745, 1],
  ])('gives SciPy’s bounds for %d of %d', (correct, total, low, high) => {
    const interval = wilsonInterval(correct, total);
    expect(interval.low).toBeCloseTo(low, 12);
    expect(interval.high).toBeCloseTo(high, 12);
  });

  it('solves the equation it comes from: |p - bound| = z sqrt(bound (1 - bound) / n)', () => {
    const { low, high } = wilsonInterval(8577, 10_000);
    for (const bound of [low, high]) {
      const z = Math.abs(0.8577 - bound) / Math.sqrt((bound * (1 - bound)) / 10_000);
      expect(z).toBeCloseTo(1.959963984540054, 9);
    }
  });

  it.each([
    [1, 0],
    [-1, 10],
    [11, 10],
    [0.5, 10],
    [Number.NaN, 10],
  ])('refuses %d of %d', (correct, total) => {
    expect(() => wilsonInterval(correct, total)).toThrow(
      `A Wilson interval needs 0 <= correct <= total and total >= 1, not ${correct} of ${total}.`,
    );
  });
});

describe('quantile', () => {
  // NumPy: quantile([3, 1, 4, 1, 5, 9, 2, 6], q); worked out by hand from 1 1 2 3 4 5 6 9.
  it.each([
    [0, 1],
    [0.25, 1.75],
    [0.5, 3.5],
    [0.75, 5.25],
    [1, 9],
  ])('interpolates between order statistics: q = %d', (q, expected) => {
    expect(quantile([3, 1, 4, 1, 5, 9, 2, 6], q)).toBe(expected);
  });

  it('leaves its input alone and takes a single value', () => {
    const values = [2, 1];
    expect(quantile(values, 0.5)).toBe(1.5);
    expect(values).toEqual([2, 1]);
    expect(quantile([7], 0.9)).toBe(7);
  });

  it('refuses no values and a q outside [0, 1]', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.5)).toThrow('not 1 values and q = 1.5');
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });
});
