import { describe, expect, it } from 'vitest';
import { KnnInputError, StandardScaler, matrix } from '../src/index.ts';
import { bumps, floats } from './helpers.ts';

describe('StandardScaler', () => {
  it('gives what scikit-learn gives', () => {
    // StandardScaler().fit([[0, 0, 5], [0, 0, 5], [1, 1, 5], [1, 2, 5]]) of scikit-learn 1.9.1.
    const X = matrix(Uint8Array.of(0, 0, 5, 0, 0, 5, 1, 1, 5, 1, 2, 5), 4, 3);
    const scaler = new StandardScaler();
    const Z = scaler.fitTransform(X);
    expect([...scaler.mean]).toEqual([0.5, 0.75, 5]);
    expect([...scaler.var]).toEqual([0.25, 0.6875, 0]);
    expect([...scaler.scale]).toEqual([0.5, 0.82915619758885, 1]);
    const expected = [
      ...[-1, -0.9045340337332909, 0, -1, -0.9045340337332909, 0],
      ...[1, 0.30151134457776363, 0, 1, 1.507556722888818, 0],
    ];
    expect(Z).toEqual(matrix(Float32Array.from(expected), 4, 3));
  });

  it('leaves zero mean and unit variance, up to float32', () => {
    const Z = new StandardScaler().fitTransform(floats(bumps(500, 20, 1), 0.37));
    const again = new StandardScaler().fit(Z);
    for (const mean of again.mean) expect(mean).toBeCloseTo(0, 6);
    for (const variance of again.var) expect(variance).toBeCloseTo(1, 5);
  });

  it('takes a constant column for constant although its mean is rounded, and only shifts it', () => {
    const X = matrix(new Float32Array(1000).fill(0.1), 1000, 1);
    const scaler = new StandardScaler();
    const Z = scaler.fitTransform(X);
    expect([...scaler.scale]).toEqual([1]);
    expect(Math.max(...Z.data.map(Math.abs))).toBeLessThan(1e-15);
    const { data } = scaler.transform(matrix(Float32Array.of(3.1), 1, 1));
    expect(data[0]).toBeCloseTo(3, 6);
  });

  it('adds up in float64: a large mean hides no small spread', () => {
    const X = matrix(
      Float32Array.from({ length: 20_000 }, (_, i) => 16_000_000 + (i % 2)),
      20_000,
      1,
    );
    const scaler = new StandardScaler().fit(X);
    expect(scaler.mean[0]).toBe(16_000_000.5);
    expect(scaler.var[0]).toBe(0.25);
  });

  it('finds the way back', () => {
    const X = bumps(50, 30, 2);
    const scaler = new StandardScaler();
    const back = scaler.inverseTransform(scaler.fitTransform(X));
    back.data.forEach((x, i) => {
      expect(x).toBeCloseTo(X.data[i]!, 3);
    });
  });

  it('refuses what does not fit, in one sentence', () => {
    const scaler = new StandardScaler();
    const X = matrix(Float32Array.of(1, 2, 3, 5), 2, 2);
    expect(() => scaler.transform(X)).toThrow(
      new KnnInputError('not-fitted', 'The scaler knows no columns; call fit before using it.'),
    );
    expect(() => scaler.mean).toThrow('call fit before using it');
    scaler.fit(X);
    expect(() => scaler.transform(matrix(Uint8Array.of(1), 1, 1))).toThrow(
      'The matrix has 1 columns, but the scaler was fitted to 2; they must agree.',
    );
    expect(() => scaler.inverseTransform(matrix(Float32Array.of(1, 3e38), 1, 2))).toThrow(
      "Row 0, column 1 passes float32's range when it is scaled; remove or replace it first.",
    );
  });
});
