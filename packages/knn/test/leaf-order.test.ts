/** The order in which rows and queries are taken, and the small matrix products behind the axes. */
import { describe, expect, it } from 'vitest';
import { gramOf, inverseFactor, productOf } from '../src/pruned/dense.ts';
import { leafOrder } from '../src/pruned/leaf-order.ts';
import { boundedSearch } from '../src/pruned/search.ts';
import { withoutPauses } from '../src/threads/pauses.ts';
import { asPublic, bySorting, found, generator, noise } from './helpers.ts';

/** [columns, slots] coordinates */
function keysOf(columns: number, slots: number, of: (i: number) => number): Int16Array {
  return Int16Array.from({ length: columns * slots }, (_, i) => of(i));
}

describe('leafOrder', () => {
  it.each([
    [
      'random',
      (): ((i: number) => number) =>
        (
          (next) => () =>
            next() * 2000 - 1000
        )(generator(1)),
    ],
    ['all equal', () => () => 7],
    ['two values', () => (i: number) => i % 2],
    ['falling', () => (i: number) => -i],
  ] as const)('holds every row once and the padding last: %s', (_, make) => {
    const order = withoutPauses(leafOrder(keysOf(3, 128, make()), 128, 101, 32));
    expect([...order.subarray(0, 101)].sort((a, b) => a - b)).toEqual([...Array(101).keys()]);
    expect([...order.subarray(101)]).toEqual(Array.from({ length: 27 }, (__, i) => 101 + i));
  });

  it('keeps apart along a line what lies apart', () => {
    const next = generator(2);
    const keys = keysOf(1, 128, () => next() * 2000 - 1000);
    const order = withoutPauses(leafOrder(keys, 128, 128, 32));
    const leaves = [0, 32, 64, 96].map((from) =>
      Array.from(order.subarray(from, from + 32), (row) => keys[row]!),
    );
    for (const [i, leaf] of leaves.slice(1).entries())
      expect(Math.min(...leaf)).toBeGreaterThanOrEqual(Math.max(...(leaves[i] ?? [])));
  });
});

it('answers stand in the order of the questions, also where these are ordered in several parts', async () => {
  const train = noise(40, 6, 1);
  const queries = noise(16_384 + 70, 6, 2);
  const search = await asPublic(train, (rows) =>
    boundedSearch(rows, { threads: 2, way: 'pruned' }),
  );
  expect(found(await search.search(queries, 2))).toEqual(bySorting(train, queries, 2));
  await search.dispose();
});

it('inverseFactor makes rows orthonormal and dependent ones zero', () => {
  const next = generator(3);
  const rows = [0, 1, 2].map(() => [next(), next(), next(), next()]);
  const [a = [], b = [], c = []] = rows;
  const scaled = [a, b, a.map((x, i) => x + (b[i] ?? 0)), c].flatMap((row) =>
    row.map((x) => x / Math.hypot(...row)),
  );
  const m = Float64Array.from(scaled);
  const basis = productOf(inverseFactor(gramOf(m, 4, 4), 4), m, 4, 4, 4);
  const want = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  gramOf(basis, 4, 4).forEach((x, i) => {
    expect(x).toBeCloseTo(want[i] ?? NaN, 9);
  });
});
