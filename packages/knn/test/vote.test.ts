import { describe, expect, it } from 'vitest';
import { KnnInputError, encodeLabels, nearestOf, vote, voteShares } from '../src/index.ts';
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

describe('weights by a function', () => {
  const labels = encodeLabels(['b', 'a', 'a']);

  it('get the distances of one query at a time and decide', () => {
    const seen: number[][] = [];
    const squares = (d: Float64Array): number[] => {
      seen.push([...d]);
      return Array.from(d, (x) => 1 / x ** 2);
    };
    const found = { ...neighbors([0, 1, 2, 1, 2, 0], [1, 2, 2, 1, 2, 3]), k: 3, queries: 2 };
    expect(vote(found, labels, squares)).toEqual(['b', 'a']);
    expect(seen).toEqual([
      [1, 2, 2],
      [1, 2, 3],
    ]);
    const shares = voteShares(found, labels, () => Float32Array.of(1, 0, 3)).data;
    expect([...shares]).toEqual([0.75, 0.25, 0.25, 0.75]);
  });

  it('of any finite size give shares', () => {
    const huge = voteShares(neighbors([0, 1, 2], [1, 2, 2]), labels, () => [1e308, 1e308, 2e307]);
    expect(huge.data.every(Number.isFinite)).toBe(true);
    expect([...huge.data].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 15);
    const small = voteShares(neighbors([0, 1, 2], [1, 2, 2]), labels, () => [1, 1, 0.2]);
    huge.data.forEach((share, i) => {
      expect(share).toBeCloseTo(small.data[i]!, 15);
    });
    // 1 / 1e-310 is no number: such neighbours count alone, as those at distance zero do.
    const near = voteShares(neighbors([0, 1, 2], [1e-310, 1, 2]), labels, 'distance');
    expect([...near.data]).toEqual([
      ...voteShares(neighbors([0, 1, 2], [0, 1, 2]), labels, 'distance').data,
    ]);
  });

  it('cannot change the distances', () => {
    const found = neighbors([0, 1, 2], [1, 2, 2]);
    vote(found, labels, (d) => d.fill(1));
    expect([...found.distances]).toEqual([1, 2, 2]);
  });

  it.each([
    ['too few', () => [1, 2], '2 weights'],
    ['NaN', () => [1, NaN, 1], 'the weight NaN'],
    ['infinite', () => [Infinity, 1, 1], 'the weight Infinity'],
    ['negative', () => [1, -1, 1], 'the weight -1'],
    ['all zero', () => [0, 0, 0], 'no weight to any neighbour'],
  ] as const)('are refused when %s', (_, weights, what) => {
    expect(() => vote(neighbors([0, 1, 2], [1, 2, 2]), labels, weights)).toThrow(
      new KnnInputError(
        'weights',
        `The weights function gave ${what} for query 0, but must give 3 finite numbers of at least 0, not all of them 0.`,
      ),
    );
  });
});

describe('nearestOf', () => {
  const found = {
    ...neighbors([4, 2, 7, 1, 0, 3], [1, 2, 3, 4, 5, 6]),
    ...{ k: 3, queries: 2 },
  };

  it('keeps the first of each query', () => {
    const { indices, distances, squaredDistances, k, queries } = nearestOf(found, 2);
    expect([[...indices], [...distances], [...squaredDistances]]).toEqual([
      [4, 2, 1, 0],
      [1, 2, 4, 5],
      [1, 4, 16, 25],
    ]);
    expect([k, queries]).toEqual([2, 2]);
  });

  it('refuses more than there are', () => {
    expect(() => nearestOf(found, 4)).toThrow(
      'The number of neighbours is 4, but must be a whole number from 1 to 3, the number of neighbours that were searched for.',
    );
  });
});
