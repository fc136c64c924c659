/** The pruned search from inside: the bound that everything rests on, its limits, and the choice of `auto`. */
import { describe, expect, it } from 'vitest';
import { KnnError, nearestNeighbors } from '../src/index.ts';
import type { Matrix } from '../src/index.ts';
import { hasFineBound, learnEmbedding } from '../src/pruned/embedding.ts';
import type { Embedding } from '../src/pruned/embedding.ts';
import { boundedSearch } from '../src/pruned/search.ts';
import { eigenvectors } from '../src/pruned/symmetric-eigen.ts';
import { withoutPauses } from '../src/threads/pauses.ts';
import { bumps, bySorting, checked, filled, floats, found, generator, noise } from './helpers.ts';

/** The embedding of one row as embedding.ts describes it, in plain float64. */
function embed(m: Matrix, row: number, embedding: Embedding, size: number): number[] {
  const { axes, center, axisUnit, unit } = embedding;
  const x = Array.from(center, (c, i) => m.data[row * m.columns + i]! - c);
  const along: number[] = [];
  for (let a = 0; a < size - 1; a++) {
    along.push(axisUnit * x.reduce((sum, v, i) => sum + v * axes.data[a * m.columns + i]!, 0));
  }
  const square = (v: readonly number[]): number => v.reduce((sum, a) => sum + a * a, 0);
  return [...along, Math.sqrt(Math.max(0, unit ** 2 * square(x) - square(along)))].map(Math.round);
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((x, i) => x - (b[i] ?? 0)));

describe('embedding', () => {
  it.each([
    ['bumps', bumps(150, 300, 1)],
    ['noise', noise(60, 300, 2)],
    [
      'extremes',
      { ...noise(60, 784, 3), data: noise(60, 784, 3).data.map((x) => (x < 128 ? 0 : 255)) },
    ],
    ['one value', filled(20, 300, 9)],
    ['few columns', noise(50, 5, 4)],
  ])('never lengthens a distance beyond its margin: %s', (_, m) => {
    const embedding = withoutPauses(learnEmbedding(m));
    const queries = noise(5, m.columns, 5);
    const { coarse, near, far } = embedding;
    const bounds = hasFineBound(m.columns) ? [coarse, near, far] : [coarse];
    for (const { coordinates: size, margin } of bounds) {
      const rows = Array.from({ length: m.rows }, (__, r) => embed(m, r, embedding, size));
      for (let q = 0; q < queries.rows; q++) {
        const asked = embed(queries, q, embedding, size);
        expect(Math.max(...asked.map(Math.abs))).toBeLessThan(2 ** 15);
        rows.forEach((row, r) => {
          const true2 = bySorting(pickOne(m, r), pickOne(queries, q), 1).squared[0] ?? NaN;
          expect(distance(asked, row)).toBeLessThanOrEqual(
            embedding.unit * Math.sqrt(true2) + margin,
          );
        });
      }
    }
  });

  it('holds nearly the whole distance where few directions matter', () => {
    const m = bumps(200, 300, 1);
    const embedding = withoutPauses(learnEmbedding(m));
    const a = embed(m, 0, embedding, embedding.far.coordinates);
    const b = embed(m, 1, embedding, embedding.far.coordinates);
    const true2 = bySorting(pickOne(m, 0), pickOne(m, 1), 1).squared[0] ?? NaN;
    expect(distance(a, b) / (embedding.unit * Math.sqrt(true2))).toBeGreaterThan(0.95);
  });
});

function pickOne(m: Matrix<Uint8Array>, row: number): Matrix<Uint8Array> {
  return {
    data: m.data.subarray(row * m.columns, (row + 1) * m.columns),
    rows: 1,
    columns: m.columns,
  };
}

describe('eigenvectors', () => {
  it('are orthonormal, by falling eigenvalue, and turn the matrix diagonal', () => {
    const n = 12;
    const next = generator(3);
    const half = Array.from({ length: n * n }, () => next() - 0.5);
    const a = Float64Array.from({ length: n * n }, (_, i) => {
      const [r, c] = [Math.floor(i / n), i % n];
      return Array.from(
        { length: n },
        (__, k) => (half[r * n + k] ?? 0) * (half[c * n + k] ?? 0),
      ).reduce((x, y) => x + y);
    });
    const v = withoutPauses(eigenvectors(a.slice(), n, 1e-12));
    const row = (i: number): number[] => [...v.subarray(i * n, (i + 1) * n)];
    const dot = (x: readonly number[], y: readonly number[]): number =>
      x.reduce((sum, xi, i) => sum + xi * (y[i] ?? 0), 0);
    const times = (x: readonly number[]): number[] =>
      x.map((_, r) => dot(x, [...a.subarray(r * n, (r + 1) * n)]));
    const values: number[] = [];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 9);
        if (i !== j) expect(dot(row(i), times(row(j)))).toBeCloseTo(0, 8);
      }
      values.push(dot(row(i), times(row(i))));
    }
    expect(values).toEqual([...values].sort((x, y) => y - x));
  });
});

describe('boundedSearch', () => {
  it('measures few of the rows where few directions matter', async () => {
    const train = bumps(3000, 300, 1);
    const queries = bumps(64, 300, 2);
    const search = await boundedSearch(checked(train), { threads: 2, way: 'pruned' });
    expect(found(await search.search(checked(queries), 5, {}))).toEqual(
      bySorting(train, queries, 5),
    );
    expect(search.counts.queries).toBe(64);
    expect(search.counts.measured / 64).toBeLessThan(0.1 * train.rows);
    expect(search.counts.measured / 64).toBeGreaterThanOrEqual(16);
    await search.dispose();
  });

  it('measures few of them in float64', async () => {
    const train = floats(bumps(3000, 300, 1), 1 / 255);
    const queries = floats(bumps(64, 300, 2), 1 / 255);
    const search = await boundedSearch(checked(train), { threads: 2, way: 'pruned' });
    expect(found(await search.search(checked(queries), 5, {}))).toEqual(
      bySorting(train, queries, 5),
    );
    expect(search.counts.measuredExactly).toBeLessThanOrEqual(search.counts.measured);
    expect(search.counts.measuredExactly / 64).toBeLessThan(40);
    expect(search.counts.measuredExactly / 64).toBeGreaterThanOrEqual(5);
    await search.dispose();
  });

  it('refuses more neighbours than it can insert', async () => {
    const search = await nearestNeighbors(noise(200, 20, 1), { threads: 1, algorithm: 'pruned' });
    await expect(search.search(noise(1, 20, 2), 129)).rejects.toThrow(
      'This way of searching finds up to 128 neighbours, not 129',
    );
    await search.dispose();
  });

  it('says so after dispose', async () => {
    const search = await boundedSearch(checked(noise(20, 20, 1)), { threads: 1, way: 'pruned' });
    await search.dispose();
    await expect(search.search(checked(noise(1, 20, 2)), 1, {})).rejects.toBeInstanceOf(KnnError);
  });
});

describe('nearestNeighbors', () => {
  it.each([
    ['prunes smooth bytes', bumps(4096, 100, 1), 'pruned'],
    ['compares all noise', noise(4096, 100, 1), 'brute'],
    ['multiplies small sets', bumps(500, 100, 1), 'brute'],
    ['prunes smooth floats', floats(bumps(4096, 100, 1)), 'pruned'],
    ['compares all noise of floats', floats(noise(4096, 100, 1)), 'brute'],
    ['takes small sets of floats', floats(bumps(50, 100, 1)), 'brute'],
  ] as const)('auto %s', async (_, train, algorithm) => {
    const search = await nearestNeighbors(train, { threads: 2 });
    expect(search.algorithm).toBe(algorithm);
    const queries: Matrix = { data: train.data.slice(0, 300), rows: 3, columns: 100 };
    expect(found(await search.search(queries, 3))).toEqual(bySorting(train, queries, 3));
    await search.dispose();
  });

  it('lets timers through while it fits and searches', async () => {
    const train = floats(noise(12_000, 128, 1));
    const queries = floats(noise(256, 128, 2));
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const search = await nearestNeighbors(train, { threads: 1 });
    const whileFitting = turns;
    await search.search(queries, 5);
    clearInterval(timer);
    await search.dispose();
    expect(whileFitting).toBeGreaterThan(4);
    expect(turns).toBeGreaterThan(whileFitting);
  });

  it('auto takes any k', async () => {
    const train = bumps(4096, 100, 1);
    const queries = bumps(2, 100, 2);
    const search = await nearestNeighbors(train, { threads: 1 });
    expect(found(await search.search(queries, 500))).toEqual(bySorting(train, queries, 500));
    await search.dispose();
  });

  it.each([0, 1.5, 65])('refuses %d threads', async (threads) => {
    await expect(nearestNeighbors(noise(2, 2, 1), { threads })).rejects.toThrow(
      `The option threads is ${threads}, but must be a whole number from 1 to 64.`,
    );
  });

  it.each([0, 2.5])('refuses a block size of %d', async (blockSize) => {
    await expect(nearestNeighbors(noise(2, 2, 1), { blockSize })).rejects.toThrow(
      `The option blockSize is ${blockSize}, but must be a whole number from 1 to 2147483647.`,
    );
  });
});
