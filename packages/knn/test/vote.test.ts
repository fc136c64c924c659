import { describe, expect, it } from 'vitest';
import { KnnInputError, encodeLabels, vote, voteShares } from '../src/index.ts';
import type { Neighbors } from '../src/index.ts';

/** One query whose neighbours have these rows and distances. */
function neighbors(indices: number[], distances: number[]): Neighbors {
  return {
    indices: Int32Array.from(indices),
    distances: Float64Array.from(distances),
    squaredDistances: Float64Array.from(distances, (d) => d * d),
    k: indices.length,
    queries: 1,
  };
}

describe('encodeLabels', () => {
  it('sorts the classes as numbers', () => {
    const { classes, codes } = encodeLabels([10, 9, -3, 10]);
    expect([...classes]).toEqual([-3, 9, 10]);
    expect([...codes]).toEqual([2, 1, 0, 2]);
  });

  it.each([1.5, NaN, 2 ** 31, -(2 ** 31) - 1, Infinity])('refuses %d', (label) => {
    expect(() => encodeLabels([0, label])).toThrow(
      new KnnInputError(
        'labels',
        `Label 1 is ${label}, but labels must be whole numbers from -2147483648 to 2147483647.`,
      ),
    );
  });
});

describe('vote', () => {
  const labels = encodeLabels([7, 2, 2, 7, 5]);

  it('goes to the most', () => {
    expect([...vote(neighbors([0, 3, 1], [1, 2, 3]), labels, 'uniform')]).toEqual([7]);
  });

  it('goes to the smallest label where votes are tied, however near the others are', () => {
    expect([...vote(neighbors([0, 3, 1, 2], [1, 1, 9, 9]), labels, 'uniform')]).toEqual([2]);
    expect([...vote(neighbors([4, 0, 1], [1, 1, 1]), labels, 'distance')]).toEqual([2]);
  });

  it('weighs 1 / distance', () => {
    // 1/2 for label 7 against 1/5 + 1/5 for label 2, then 1/2 against 1/3 + 1/3.
    expect([...vote(neighbors([0, 1, 2], [2, 5, 5]), labels, 'distance')]).toEqual([7]);
    expect([...vote(neighbors([0, 1, 2], [2, 3, 3]), labels, 'distance')]).toEqual([2]);
  });

  it('lets neighbours at distance zero decide alone', () => {
    expect([...vote(neighbors([0, 1, 2], [0, 1e-9, 1e-9]), labels, 'distance')]).toEqual([7]);
    expect([...voteShares(neighbors([0, 1, 4], [0, 0, 1]), labels, 'distance').data]).toEqual([
      0.5, 0, 0.5,
    ]);
  });
});

describe('voteShares', () => {
  it('are shares, in the order of the classes', () => {
    const labels = encodeLabels([3, 1, 1]);
    expect(voteShares(neighbors([0, 1, 2], [1, 2, 4]), labels, 'uniform')).toEqual({
      data: Float64Array.of(2 / 3, 1 / 3),
      rows: 1,
      columns: 2,
    });
    const weighted = voteShares(neighbors([0, 1, 2], [1, 2, 4]), labels, 'distance').data;
    expect(weighted[0]).toBeCloseTo(0.75 / 1.75, 15);
    expect(weighted[1]).toBeCloseTo(1 / 1.75, 15);
  });
});
