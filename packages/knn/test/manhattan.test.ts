import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { KnnInputError, matrix, nearestNeighbors } from '../src/index.ts';
import type { Matrix, Neighbors } from '../src/index.ts';
import { learnSteps, stepsInto } from '../src/manhattan/steps.ts';
import { manhattanSearch } from '../src/manhattan/search.ts';
import type { ManhattanSearch } from '../src/manhattan/search.ts';
import {
  asPublic,
  bumps,
  bySorting,
  checked,
  filled,
  floats,
  generator,
  noise,
  pick,
} from './helpers.ts';

const open: { dispose: () => Promise<void> }[] = [];
function fast(train: Matrix, threads = 2): ManhattanSearch {
  const search = manhattanSearch(checked(train), threads);
  open.push(search);
  return search;
}
afterEach(async () => {
  for (const search of open.splice(0)) await search.dispose();
});

function byLoops(
  train: Matrix,
  queries: Matrix,
  k: number,
): Pick<Neighbors, 'indices' | 'distances'> {
  const { indices, squared: distances } = bySorting(train, queries, k, Math.abs);
  return { indices: Int32Array.from(indices), distances: Float64Array.from(distances) };
}

async function expectExact(
  train: Matrix,
  queries: Matrix,
  k: number,
  threads?: number,
): Promise<void> {
  const { indices, distances } = await fast(train, threads).search(checked(queries), k, {});
  expect({ indices, distances }).toEqual(byLoops(train, queries, k));
}

/** Values of very different sizes in one matrix, negative ones and repeated rows among them. */
function ragged(rows: number, columns: number, seed: number): Matrix<Float32Array> {
  const next = generator(seed);
  const scales = Array.from({ length: columns }, () => 10 ** Math.floor(12 * next() - 6));
  const data = Float32Array.from(
    { length: rows * columns },
    (_, i) => (scales[i % columns] ?? 1) * (next() - 0.5),
  );
  for (let r = 3; r < rows; r += 7)
    data.copyWithin(r * columns, (r - 3) * columns, (r - 2) * columns);
  return { data, rows, columns };
}

describe('the fast search by Manhattan distance is that of two loops', () => {
  it('over images-like bytes, blocks of queries and padding of every kind', async () => {
    for (const [rows, columns] of [
      [1, 1],
      [5, 3],
      [130, 16],
      [257, 100],
      [301, 784],
    ] as const) {
      const train = bumps(rows, columns, rows);
      await expectExact(train, bumps(67, columns, 9), Math.min(rows, 7));
    }
  });

  it('over noise, where nothing is ruled out', async () => {
    await expectExact(noise(300, 70, 1), noise(20, 70, 2), 9);
  });

  it('over floats of every size, negative ones and repeated rows', async () => {
    for (const columns of [1, 5, 40, 100]) {
      await expectExact(ragged(200, columns, columns), ragged(30, columns, columns + 1), 6);
    }
  });

  it('over floats far outside of the training rows', async () => {
    await expectExact(ragged(150, 20, 1), floats(noise(10, 20, 3), 1e30), 5);
    await expectExact(floats(noise(50, 4, 3), 1e36), floats(noise(10, 4, 4), -1e36), 5);
    await expectExact(floats(noise(50, 4, 3), 1e-42), floats(noise(10, 4, 4), 1e-42), 5);
  });

  it('with equal rows and equal distances: the lower row first', async () => {
    await expectExact(filled(90, 20, 7), filled(5, 20, 9), 40);
    await expectExact(floats(filled(90, 20, 7), 0.1), floats(filled(5, 20, 9), 0.1), 40);
    const base = bumps(10, 50, 4);
    const rows = Array.from({ length: 200 }, (_, i) => i % 10);
    await expectExact(pick(base, rows), base, 60);
  });

  it('with sums that pass 16 bits in wide rows', async () => {
    const wide = 5000;
    const train = pick(filled(2, wide, 255), [0, 1, 0]);
    train.data.fill(0, 0, wide);
    await expectExact(train, filled(3, wide, 255), 3);
    await expectExact(noise(40, wide, 5), noise(4, wide, 6), 3);
  });

  it('with near-ties that float32 and bytes cannot tell apart', async () => {
    const columns = 64;
    const data = new Float32Array(100 * columns).fill(1);
    // Every row differs from the next by one unit in the last place of one element.
    for (let r = 0; r < 100; r++)
      data[r * columns + (r % columns)] = 1 + ((r * 37) % 100) * 2 ** -23;
    const queries = matrix(new Float32Array(columns).fill(1), 1, columns);
    await expectExact(matrix(data, 100, columns), queries, 30);
  });

  it('over random shapes and values (property)', async () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      columns: fc.integer({ min: 1, max: 40 }),
      queries: fc.integer({ min: 1, max: 5 }),
      values: fc.constantFrom(2, 5, 256),
      seed: fc.nat(1e6),
      float: fc.boolean(),
      threads: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ rows, columns, queries, values, seed, float, threads }) => {
        const few = (n: number, s: number): Matrix => {
          const m = noise(n, columns, s);
          m.data.forEach((x, i) => (m.data[i] = x % values));
          return float ? floats(m, 0.1) : m;
        };
        const train = few(rows, seed);
        const k = 1 + (seed % rows);
        await expectExact(train, few(queries, seed + 1), k, threads);
      }),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe('what it spends', () => {
  it('few rows are compared to the end where the data has structure, none measured for bytes', async () => {
    const search = fast(bumps(4000, 128, 1));
    await search.search(checked(bumps(50, 128, 2)), 5, {});
    expect(search.counts.measured).toBe(0);
    expect(search.counts.compared / search.counts.queries).toBeLessThan(2000);
  });

  it('few floats are measured in float64', async () => {
    const search = fast(floats(bumps(4000, 128, 1), 0.01));
    await search.search(checked(floats(bumps(50, 128, 2), 0.01)), 5, {});
    expect(search.counts.measured / search.counts.queries).toBeLessThan(200);
    expect(search.counts.measured / search.counts.queries).toBeGreaterThanOrEqual(5);
  });
});

describe('steps', () => {
  it('bound every distance from below', () => {
    const train = ragged(60, 30, 8);
    const queries = ragged(20, 30, 9);
    const steps = learnSteps(train);
    const row = new Uint8Array(30);
    const other = new Uint8Array(30);
    let tight = 0;
    for (let q = 0; q < queries.rows; q++) {
      for (let t = 0; t < train.rows; t++) {
        const slack = stepsInto(queries, q, steps, row) + stepsInto(train, t, steps, other);
        const apart = row.reduce((sum, x, c) => sum + Math.abs(x - other[c]!), 0);
        let distance = 0;
        for (let c = 0; c < 30; c++)
          distance += Math.abs(queries.data[q * 30 + c]! - train.data[t * 30 + c]!);
        expect((apart - slack) * steps.step).toBeLessThanOrEqual(distance);
        tight = Math.max(tight, ((apart - slack) * steps.step) / distance);
      }
    }
    expect(tight).toBeGreaterThan(0.5);
  });
});

describe('nearestNeighbors by Manhattan distance', () => {
  const train = bumps(700, 100, 1);
  const queries = bumps(30, 100, 2);

  it.each([{ p: 1 }, { metric: 'manhattan' }, { metric: 'minkowski', p: 1 }] as const)(
    '%o, by every algorithm',
    async (metric) => {
      const expected = byLoops(train, queries, 4);
      for (const algorithm of ['auto', 'brute', 'pruned'] as const) {
        const search = await nearestNeighbors(train, { ...metric, algorithm, threads: 2 });
        open.push(search);
        const { indices, distances, squaredDistances } = await search.search(queries, 4);
        expect({ indices, distances }).toEqual(expected);
        expect([...squaredDistances]).toEqual(Array.from(distances, (d) => d * d));
      }
    },
  );

  it('is pruned by default, and takes more neighbours than that by two loops', async () => {
    const search = await nearestNeighbors(train, { p: 1, threads: 2 });
    open.push(search);
    expect(search.algorithm).toBe('pruned');
    const { indices, distances } = await search.search(queries, 200);
    expect({ indices, distances }).toEqual(byLoops(train, queries, 200));
  });

  it('hands progress and signals through', async () => {
    for (const algorithm of ['brute', 'pruned'] as const) {
      const search = await nearestNeighbors(train, { p: 1, algorithm, threads: 1 });
      open.push(search);
      const seen: number[] = [];
      await search.search(bumps(70, 100, 3), 1, { onProgress: ({ done }) => seen.push(done) });
      expect(seen.at(-1)).toBe(70);
      expect(seen.length).toBeGreaterThan(1);
      const signal = AbortSignal.abort();
      await expect(search.search(queries, 1, { signal })).rejects.toThrow('aborted');
    }
  });

  it.each([
    [
      { metric: 'manhattan', p: 2 },
      'The metric "manhattan" and p = 2 contradict each other; leave one of them out.',
    ],
    [
      { p: 1, kernel: 'exact' },
      '"exact" is a way to multiply for Euclidean distances; leave the options kernel and product out with the metric "manhattan".',
    ],
  ] as const)('refuses %o', async (options, message) => {
    await expect(nearestNeighbors(train, options)).rejects.toThrow(
      new KnnInputError('option', message),
    );
  });

  it('refuses what it does not know, in one sentence', async () => {
    const unknown: object = { metric: 'chebyshev' };
    await expect(nearestNeighbors(train, unknown)).rejects.toThrow(
      "The option metric is 'chebyshev', but must be one of euclidean, manhattan, minkowski, cosine, innerProduct.",
    );
    const power: object = { p: 3 };
    await expect(nearestNeighbors(train, power)).rejects.toThrow(
      'The option p is 3, but must be one of 1, 2.',
    );
  });

  it('refuses queries and counts that do not fit', async () => {
    const search = await asPublic(train, fast);
    await expect(search.search(bumps(2, 99, 1), 1)).rejects.toThrow('99 columns');
    await expect(search.search(floats(queries), 1)).rejects.toThrow('convert one of them');
    await expect(search.search(queries, 129)).rejects.toThrow(
      'This way of searching finds up to 128 neighbours, not 129',
    );
  });
});
