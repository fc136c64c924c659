/** Float searches in every metric against plain float64 loops, on numbers that are hard for them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNeighbors } from '../src/index.ts';
import type { Matrix, PreparedSearch } from '../src/index.ts';
import { boundedSearch } from '../src/pruned/search.ts';
import type { BoundedMetric } from '../src/pruned/search.ts';
import { plainSearch } from '../src/plain.ts';
import { asPublic, generator } from './helpers.ts';

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, v, i) => sum + v * (y[i] ?? NaN), 0);
}

/** The definitions, written out apart from the package. */
const KEYS: Record<BoundedMetric, (x: readonly number[], y: readonly number[]) => number> = {
  euclidean: (x, y) => x.reduce((sum, v, i) => sum + (v - (y[i] ?? NaN)) ** 2, 0),
  cosine: (x, y) => {
    const lengths = Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y));
    return lengths === 0 ? 1 : Math.min(2, Math.max(0, 1 - dot(x, y) / lengths));
  },
  innerProduct: (x, y) => 0 - dot(x, y),
};

function rowsOf({ data, rows, columns }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, r) => [...data.subarray(r * columns, (r + 1) * columns)]);
}

interface Found {
  readonly indices: number[];
  readonly distances: number[];
}

function byLoops(train: Matrix, queries: Matrix, k: number, metric: BoundedMetric): Found {
  const rows = rowsOf(train);
  const best = rowsOf(queries).flatMap((query) =>
    rows
      .map((row, index) => ({ index, key: KEYS[metric](query, row) }))
      .sort((a, b) => a.key - b.key || a.index - b.index)
      .slice(0, k),
  );
  const root = metric === 'euclidean' ? Math.sqrt : (x: number): number => x;
  return { indices: best.map(({ index }) => index), distances: best.map(({ key }) => root(key)) };
}

async function bySearch(search: PreparedSearch, queries: Matrix, k: number): Promise<Found> {
  try {
    const { indices, distances } = await search.search(queries, k);
    return { indices: [...indices], distances: [...distances] };
  } finally {
    await search.dispose();
  }
}

/** A number from a few that often meet, of one kind. */
const KINDS: Record<string, (next: () => number) => number> = {
  'few values': (next) => Math.floor(next() * 3) - 1,
  'near ties': (next) => 1000 + Math.floor(next() * 4) * 2 ** -14,
  uniform: (next) => next(),
  huge: (next) => (next() - 0.5) * 6e38,
  tiny: (next) => (next() - 0.5) * 2e-38,
  denormals: (next) => Math.floor(next() * 5) * 2 ** -149,
  'zeros of both signs': (next) => (next() < 0.8 ? (next() < 0.5 ? 0 : -0) : next()),
  'all scales': (next) => (next() - 0.5) * 10 ** Math.floor(next() * 60 - 30),
};

function drawn(rows: number, columns: number, seed: number, kind: string): Matrix<Float32Array> {
  const next = generator(seed);
  const value = KINDS[kind] ?? ((): number => NaN);
  const data = Float32Array.from({ length: rows * columns }, () => value(next));
  // Every fourth row stands twice.
  for (let r = 4; r < rows; r += 4)
    data.copyWithin(r * columns, (r - 3) * columns, (r - 2) * columns);
  return { data, rows, columns };
}

const metrics = ['euclidean', 'cosine', 'innerProduct'] as const;

describe.each(metrics)('%s', (metric) => {
  it.each(['pruned', 'scan'] as const)('%s finds what loops find', async (way) => {
    const problem = fc.record({
      rows: fc.integer({ min: 1, max: 70 }),
      columns: fc.constantFrom(1, 2, 3, 16, 19, 257),
      queries: fc.integer({ min: 1, max: 9 }),
      kind: fc.constantFrom(...Object.keys(KINDS)),
      seed: fc.nat(),
      k: fc.integer({ min: 1, max: 70 }),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ rows, columns, queries, kind, seed, k: wanted }) => {
        const k = Math.min(wanted, rows);
        const train = drawn(rows, columns, seed, kind);
        const asked = drawn(queries, columns, seed + 1, kind);
        asked.data.set(train.data.subarray(0, columns));
        const search = await asPublic(train, (checked) =>
          boundedSearch(checked, { metric, threads: 1, way }),
        );
        expect(await bySearch(search, asked, k)).toEqual(byLoops(train, asked, k, metric));
      }),
      { numRuns: 24, seed: 42 },
    );
  });

  it('is the same by every algorithm, also of bytes and of more neighbours than lists hold', async () => {
    const columns = 40;
    const next = generator(7);
    const bytes = Uint8Array.from({ length: 2000 * columns }, () => next() * 4);
    const train = { data: bytes, rows: 2000, columns };
    const queries = { data: bytes.slice(0, 9 * columns), rows: 9, columns };
    for (const k of [3, 150]) {
      const expected = byLoops(train, queries, k, metric);
      for (const algorithm of ['auto', 'brute'] as const) {
        const search = await nearestNeighbors(train, { metric, algorithm, threads: 2 });
        expect(await bySearch(search, queries, k)).toEqual(expected);
      }
    }
  });
});

it('a zero row is at cosine distance 1 from every row, itself too', async () => {
  const train = { data: Float32Array.of(0, 0, 3, 4, -3, -4), rows: 3, columns: 2 };
  const queries = { data: Float32Array.of(0, 0, 6, 8), rows: 2, columns: 2 };
  const search = await asPublic(train, (checked) => plainSearch(checked, 'cosine'));
  const found = await bySearch(search, queries, 3);
  expect(found).toEqual({ indices: [0, 1, 2, 1, 0, 2], distances: [1, 1, 1, 0, 1, 2] });
});
