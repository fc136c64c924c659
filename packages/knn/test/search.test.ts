/** Every way of searching against full sorting, on matrices that are hard for one of them. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bruteForceSearch } from '../src/brute.ts';
import { distanceKernel } from '../src/index.ts';
import { kernelOf } from '../src/kernels/table.ts';
import type { CheckedMatrix } from '../src/matrix.ts';
import type { CheckedSearch } from '../src/neighbors.ts';
import type { Matrix, PreparedSearch } from '../src/index.ts';
import { boundedSearch } from '../src/pruned/search.ts';
import {
  asPublic,
  bumps,
  bySorting,
  filled,
  floats,
  found,
  nearTies,
  noise,
  pick,
} from './helpers.ts';

type Prepare = (train: CheckedMatrix) => Promise<CheckedSearch>;

const ways: readonly (readonly [string, Prepare])[] = [
  ['brute, naive', (train) => bruteForceSearch(train, kernelOf('naive', {}), 3)],
  ['brute, expanded', (train) => bruteForceSearch(train, kernelOf('expanded', {}), 5)],
  ['brute, exact', (train) => bruteForceSearch(train, kernelOf('exact', {}))],
  [
    'brute, exact, u8u8',
    (train) => bruteForceSearch(train, kernelOf('exact', { product: 'u8u8' }), 4),
  ],
  ['pruned, one thread', (train) => boundedSearch(train, { threads: 1, way: 'pruned' })],
  ['pruned, two threads', (train) => boundedSearch(train, { threads: 2, way: 'pruned' })],
  ['scan, two threads', (train) => boundedSearch(train, { threads: 2, way: 'scan' })],
];

async function searchOnce(
  prepare: Prepare,
  train: Matrix,
  queries: Matrix,
  k: number,
): Promise<unknown> {
  const search = await asPublic(train, prepare);
  try {
    return found(await search.search(queries, k));
  } finally {
    await search.dispose();
  }
}

const smooth = bumps(400, 300, 1);
const cases: readonly (readonly [string, Matrix<Uint8Array>, Matrix<Uint8Array>, number])[] = [
  ['smooth rows', smooth, bumps(66, 300, 2), 5],
  ['distances past 2^24 that differ by one', nearTies(), filled(2, 784, 0), 27],
  ['smooth rows, few columns', bumps(300, 40, 3), bumps(9, 40, 4), 7],
  ['noise', noise(200, 260, 5), noise(6, 260, 6), 5],
  ['queries that are rows', smooth, pick(smooth, [0, 399, 350, 350]), 3],
  [
    'duplicates',
    pick(
      smooth,
      Array.from({ length: 300 }, (_, i) => i % 7),
    ),
    pick(smooth, [0, 3, 6, 8]),
    60,
  ],
  ['all distances equal', filled(90, 260, 17), filled(5, 260, 200), 20],
  ['all distances zero', filled(40, 256, 255), filled(2, 256, 255), 40],
  ['the farthest possible', filled(40, 784, 0), filled(3, 784, 255), 4],
  ['one row', noise(1, 300, 7), noise(3, 300, 8), 1],
  ['one column', noise(50, 1, 9), noise(6, 1, 10), 9],
  ['two columns', noise(64, 2, 11), noise(6, 2, 12), 64],
  ['k = n', noise(33, 20, 13), noise(5, 20, 14), 33],
  ['k = n, 128', noise(128, 256, 15), noise(2, 256, 16), 128],
  ['constant but for one column', spiked(100, 256), spiked(8, 256), 6],
  [
    'a row farther off than the rows that pad the block',
    stepped(21, 260),
    pick(stepped(21, 260), [0]),
    21,
  ],
];

it('those distances are beyond float32: its products alone get the nearest wrong', async () => {
  const kernel = await distanceKernel('expanded').prepare(nearTies());
  const out = new Float32Array(400);
  await kernel.squaredDistancesInto(filled(1, 784, 0), out);
  await kernel.dispose();
  const order = Array.from(out, (_, row) => row).sort((a, b) => out[a]! - out[b]! || a - b);
  expect(order.slice(0, 27)).not.toEqual(bySorting(nearTies(), filled(1, 784, 0), 27).indices);
});

/** Zeros, and in the last column a small number: distances are tiny and often equal. */
function spiked(rows: number, columns: number): Matrix<Uint8Array> {
  const m = filled(rows, columns, 0);
  for (let r = 0; r < rows; r++) m.data[(r + 1) * columns - 1] = r % 5;
  return m;
}

/** Greys around 128, a step from 255 down to 0, and the opposite step, which is farther from the first than black. */
function stepped(rows: number, columns: number): Matrix<Uint8Array> {
  const m = filled(rows, columns, 0);
  for (let r = 0; r < rows; r++) m.data.fill(118 + r, r * columns, (r + 1) * columns);
  const high = Math.floor(0.6 * columns);
  m.data.fill(255, 0, high).fill(0, high, columns);
  m.data.fill(0, columns, columns + high).fill(255, columns + high, 2 * columns);
  return m;
}

describe.each(ways)('%s', (_, prepare) => {
  it.each(cases)('finds what sorting finds: %s', async (__, train, queries, k) => {
    expect(await searchOnce(prepare, train, queries, k)).toEqual(bySorting(train, queries, k));
  });
});

describe.each(ways)('%s, floats', (_, prepare) => {
  it('finds what sorting finds', async () => {
    const train = floats(bumps(300, 50, 1), 1 / 255);
    const queries = floats(bumps(8, 50, 2), 1 / 255);
    expect(await searchOnce(prepare, train, queries, 5)).toEqual(bySorting(train, queries, 5));
  });

  it('tells rows apart that float32 products cannot', async () => {
    // Far from the origin, close to each other: |q|^2 - 2 q.t + |t|^2 loses all digits of the difference.
    const rows = 64;
    const columns = 16;
    const data = new Float32Array(rows * columns).fill(4096);
    for (let r = 0; r < rows; r++) data[r * columns] = 4096 + ((r * 37) % rows) / 2048;
    const train = { data, rows, columns };
    const queries = { data: new Float32Array(columns).fill(4096), rows: 1, columns };
    expect(await searchOnce(prepare, train, queries, 6)).toEqual(bySorting(train, queries, 6));
  });

  it.each([1e-30, 1e-22, 1e15])('finds what sorting finds at a scale of %d', async (scale) => {
    const train = floats(bumps(90, 30, 3), scale);
    const queries = floats(bumps(4, 30, 4), scale);
    expect(await searchOnce(prepare, train, queries, 5)).toEqual(bySorting(train, queries, 5));
  });
});

it.each(['expanded', 'exact'] as const)(
  '%s refuses floats whose squares pass float32',
  async (id) => {
    const train = floats(bumps(9, 30, 3), 1e18);
    const search = await asPublic(train, (rows) => bruteForceSearch(rows, kernelOf(id, {})));
    await expect(search.search(train, 1)).rejects.toThrow(
      "Squared distances of query row 0 pass float32's range; scale the matrices down first.",
    );
    await search.dispose();
  },
);

describe('random matrices', () => {
  // Few different values and rows make ties; many columns make the fine bound take part.
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 1, 254, 255) },
    fc.nat({ max: 255 }),
  );
  const problem = fc
    .record({
      rows: fc.integer({ min: 1, max: 40 }),
      columns: fc.constantFrom(1, 2, 15, 16, 17, 31, 256, 263),
      queries: fc.integer({ min: 1, max: 5 }),
      palette: fc.array(byte, { minLength: 1, maxLength: 4 }),
      seed: fc.nat(),
    })
    .chain((p) => fc.record({ ...constants(p), k: fc.integer({ min: 1, max: p.rows }) }));

  it.each(ways.slice(2))('%s finds what sorting finds', async (_, prepare) => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ rows, columns, queries, palette, seed, k }) => {
        const paint = (m: Matrix<Uint8Array>): Matrix<Uint8Array> => ({
          ...m,
          data: m.data.map((x) => palette[x % palette.length] ?? 0),
        });
        const train = paint(noise(rows, columns, seed));
        const asked = paint(noise(queries, columns, seed + 1));
        expect(await searchOnce(prepare, train, asked, k)).toEqual(bySorting(train, asked, k));
      }),
      { numRuns: 8, seed: 42 },
    );
  });
});

function constants<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]: fc.Arbitrary<T[K]> };
function constants(values: Record<string, unknown>): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, fc.constant(value)]),
  );
}

describe.each(ways.slice(2, 5))('%s, as a service', (name, prepare) => {
  const train = bumps(150, 260, 1);
  const queries = bumps(140, 260, 2);
  let search: PreparedSearch;
  beforeAll(async () => {
    search = await asPublic(train, prepare);
  });
  afterAll(() => search.dispose());

  it('gives the same in every run', async () => {
    const first = found(await search.search(queries, 5));
    expect(found(await search.search(queries, 5))).toEqual(first);
    expect(first).toEqual(bySorting(train, queries, 5));
  });

  it('gives the square roots as distances', async () => {
    const { distances, squaredDistances } = await search.search(queries, 3);
    expect([...distances]).toEqual(Array.from(squaredDistances, (x) => Math.sqrt(x)));
  });

  it('serves searches that overlap, of different k', async () => {
    const results = await Promise.all([1, 9, 4].map((k) => search.search(queries, k)));
    expect(results.map(found)).toEqual([1, 9, 4].map((k) => bySorting(train, queries, k)));
  });

  it('reports progress up to the end, never backwards', async () => {
    const done: number[] = [];
    await search.search(queries, 2, {
      onProgress: (progress) => {
        expect(progress.total).toBe(140);
        done.push(progress.done);
      },
    });
    expect(done.at(-1)).toBe(140);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('stops at a signal, with its reason, and works afterwards', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: number[] = [];
    const stopped = search.search(queries, 2, {
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done);
        controller.abort(reason);
      },
    });
    // All these queries are one block of the plain search: it is done before it can stop.
    if (!name.startsWith('brute')) await expect(stopped).rejects.toBe(reason);
    else await Promise.allSettled([stopped]);
    expect(seen.at(-1)).toBeGreaterThan(0);
    expect(found(await search.search(queries, 2))).toEqual(bySorting(train, queries, 2));
  });

  it('rejects at once for a signal that is up already', async () => {
    const reason = new Error('never mind');
    await expect(search.search(queries, 2, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it.each([0, -1, 2.5, 151])('refuses k = %d', async (k) => {
    await expect(search.search(queries, k)).rejects.toThrow(
      `The number of neighbours is ${k}, but must be a whole number from 1 to 150, the number of training rows.`,
    );
  });

  it('refuses queries of other columns', async () => {
    await expect(search.search(noise(2, 261, 1), 1)).rejects.toThrow(
      'The query matrix has 261 columns, but the training matrix has 260; they must agree.',
    );
  });
});
