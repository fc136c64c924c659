/**
 * The estimators beside the classifier. What is written out here is what scikit-learn 1.9.1 gives for the same rows, with
 * algorithm='brute' (where it breaks ties otherwise, the rows have none).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KNeighborsRegressor, NearestNeighbors, RadiusNeighborsClassifier } from '../src/index.ts';
import type { Matrix } from '../src/index.ts';
import { bumps, floats, found, generator } from './helpers.ts';

function made(rows: number, of: (i: number, j: number) => number): Matrix<Float32Array> {
  const data = Float32Array.from({ length: rows * 3 }, (_, at) => of(Math.floor(at / 3), at % 3));
  return { data, rows, columns: 3 };
}

const X = made(40, (i, j) => ((i * i * 7 + j * 13 * i + j * j) % 101) / 10);
const queries = made(4, (i, j) => ((i * i * 11 + j * 17 * i + 5) % 97) / 10);
const targets = Array.from({ length: 40 }, (_, i) => ((i * 37) % 29) / 4);
const labels = Array.from({ length: 40 }, (_, i) => i % 3);

function near(values: ArrayLike<number>, expected: readonly number[], digits = 6): void {
  expect(values.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(values[i]!).toBeCloseTo(value, digits);
  });
}

describe('KNeighborsRegressor', () => {
  it.each([
    ['uniform', [2.25, 3.5, 2.1875, 3.6875], 0.0859375],
    [
      'distance',
      [0.9562994808659948, 3.610298294204364, 3.2575682250554547, 2.2597459823400325],
      -0.13795915364598832,
    ],
  ] as const)('predicts and scores as scikit-learn does, %s', async (weights, expected, r2) => {
    const regressor = await new KNeighborsRegressor({ nNeighbors: 4, weights }).fit(X, targets);
    near(await regressor.predict(queries), expected);
    expect(await regressor.score(queries, [1, 2, 3, 4])).toBeCloseTo(r2, 6);
    await regressor.dispose();
  });

  it('refuses targets that are none', async () => {
    const regressor = new KNeighborsRegressor();
    await expect(regressor.fit(X, [1, NaN])).rejects.toThrow(
      'Target 1 is NaN, but must be a finite number.',
    );
    await expect(regressor.fit(X, [1, 2])).rejects.toThrow(
      'There are 2 targets for 40 training rows; each row needs one.',
    );
    await expect(regressor.predict(queries)).rejects.toThrow('call fit before using it');
  });
});

describe('RadiusNeighborsClassifier', () => {
  it.each(['uniform', 'distance'] as const)(
    'predicts as scikit-learn does, %s',
    async (weights) => {
      const options = { radius: 3.5, weights, outlierLabel: 9 };
      const classifier = await new RadiusNeighborsClassifier(options).fit(X, labels);
      expect(await classifier.predict(queries)).toEqual([0, 2, 0, 1]);
      expect(await classifier.score(queries, [0, 2, 1, 1])).toBe(0.75);
      await classifier.dispose();
    },
  );

  it('gives outliers their label, or says which query has no neighbours', async () => {
    const far = made(1, () => 1000);
    const lenient = await new RadiusNeighborsClassifier<number>({ outlierLabel: 9 }).fit(X, labels);
    expect(await lenient.predict(far)).toEqual([9]);
    const strict = await new RadiusNeighborsClassifier().fit(X, labels);
    await expect(strict.predict(far)).rejects.toThrow(
      'Query row 0 has no training row within 1; take a larger radius, or give an outlierLabel.',
    );
    await Promise.all([lenient.dispose(), strict.dispose()]);
  });
});

describe('NearestNeighbors', () => {
  it('finds what lies within a radius, as scikit-learn does', async () => {
    const search = await new NearestNeighbors({ radius: 3 }).fit(X);
    const { indices, distances } = await search.radiusNeighbors(queries);
    expect(indices.map((row) => [...row])).toEqual([[0], [17, 1, 39], [18, 11, 33], [4]]);
    for (const row of distances) {
      expect([...row]).toEqual([...row.toSorted()]);
      expect(Math.max(...row)).toBeLessThanOrEqual(3);
    }
    const among = await search.radiusNeighbors(undefined, 2.5);
    const first = [[], [17], [25, 34], [27], [], [13, 36, 21, 14]];
    expect(among.indices.slice(0, 6).map((row) => [...row])).toEqual(first);
    await search.dispose();
  });

  it('makes the graph of the rows themselves, as scikit-learn does', async () => {
    const search = await new NearestNeighbors({ nNeighbors: 2 }).fit(X);
    const graph = await search.kneighborsGraph(undefined, 2, 'distance');
    expect([...graph.indices.subarray(0, 8)]).toEqual([1, 30, 17, 7, 25, 34, 27, 26]);
    near(graph.data.subarray(0, 3), [3.92173433303833, 4.604345798492432, 0.9165151119232178]);
    expect([...graph.indptr.subarray(0, 3)]).toEqual([0, 2, 4]);
    expect([graph.rows, graph.columns, graph.indptr.at(-1)]).toEqual([40, 40, 80]);
    const connected = await search.kneighborsGraph(queries, 1);
    expect([...connected.data]).toEqual([1, 1, 1, 1]);
    await search.dispose();
  });

  it('measures by cosine as scikit-learn does, to its float32', async () => {
    const search = await new NearestNeighbors({ nNeighbors: 3, metric: 'cosine' }).fit(X);
    const { indices, distances } = await search.kneighbors(queries);
    expect([...indices]).toEqual([31, 23, 39, 2, 25, 1, 18, 11, 33, 4, 11, 28]);
    near(distances.subarray(0, 3), [0.00011694431, 0.00034523, 0.00260061025]);
    await search.dispose();
  });

  it('leaves each row out of its own neighbours, also among many equal rows', async () => {
    const data = new Float32Array(30);
    const search = await new NearestNeighbors().fit({ data, rows: 10, columns: 3 });
    const { indices, k } = await search.kneighbors(undefined, 3);
    expect(k).toBe(3);
    for (let row = 0; row < 10; row++) {
      const own = [...indices.subarray(row * 3, row * 3 + 3)];
      expect(own).toEqual([0, 1, 2, 3].filter((i) => i !== row).slice(0, 3));
    }
    await expect(search.kneighbors(undefined, 10)).rejects.toThrow('from 1 to 9');
    await search.dispose();
  });

  it('a radius that takes in all rows finds all of them', async () => {
    const train = floats(bumps(700, 100, 1));
    const asked = floats(bumps(3, 100, 2));
    const search = await new NearestNeighbors({ threads: 1 }).fit(train);
    const all = found(await search.kneighbors(asked, 700));
    const { indices } = await search.radiusNeighbors(asked, 1e9);
    expect(indices.flatMap((row) => [...row])).toEqual(all.indices);
    await search.dispose();
  });

  it('after any additions and removals finds what a fresh fit of the same rows finds', async () => {
    const step = fc.record({ adds: fc.boolean(), count: fc.integer({ min: 1, max: 12 }) });
    const history = fc.record({
      steps: fc.array(step, { maxLength: 6 }),
      metric: fc.constantFrom('euclidean', 'cosine', 'manhattan'),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, metric, seed }) => {
        const next = generator(seed);
        const draw = (rows: number): Matrix<Float32Array> =>
          made(rows, () => Math.floor(next() * 4));
        const data = [...draw(20).data];
        const search = await new NearestNeighbors({ metric }).fit(matrixOf(data));
        let there = [...Array(20).keys()];
        for (const { adds, count } of steps) {
          if (adds) {
            const more = draw(count);
            const first = await search.add(more);
            expect(first).toBe(data.length / 3);
            data.push(...more.data);
            there.push(...Array.from({ length: count }, (_, i) => first + i));
          } else {
            const gone = there.filter((_, i) => i % 5 === 1).slice(0, count);
            search.remove(gone);
            there = there.filter((row) => !gone.includes(row));
          }
        }
        const kept = matrixOf(there.flatMap((row) => data.slice(row * 3, row * 3 + 3)));
        const fresh = await new NearestNeighbors({ metric }).fit(kept);
        const asked = draw(4);
        const k = Math.min(5, there.length - 1);
        for (const X of [asked, undefined]) {
          const [got, want] = [await search.kneighbors(X, k), await fresh.kneighbors(X, k)];
          expect([...got.indices]).toEqual(Array.from(want.indices, (row) => there[row]));
          expect(got.distances).toEqual(want.distances);
          expect(got.squaredDistances).toEqual(want.squaredDistances);
        }
        const near = await fresh.radiusNeighbors(asked, 2);
        const expected = near.indices.map((rows) => Array.from(rows, (row) => there[row]));
        const got = await search.radiusNeighbors(asked, 2);
        expect(got.indices.map((rows) => [...rows])).toEqual(expected);
        await Promise.all([search.dispose(), fresh.dispose()]);
      }),
      { numRuns: 25, seed: 42 },
    );
  });

  it('searches among the rows that pass a filter', async () => {
    const search = await new NearestNeighbors().fit(X);
    const isEven = (row: number): boolean => row % 2 === 0;
    const { indices } = await search.kneighbors(queries, 3, { filter: isEven });
    const all = await search.kneighbors(queries, 40);
    for (let q = 0; q < 4; q++) {
      const expected = [...all.indices.subarray(q * 40, q * 40 + 40)].filter(isEven).slice(0, 3);
      expect([...indices.subarray(q * 3, q * 3 + 3)]).toEqual(expected);
    }
    await expect(search.kneighbors(queries, 3, { filter: (row) => row < 2 })).rejects.toThrow(
      'Query row 0 has 2 training rows that pass the filter, fewer than the 3 asked for.',
    );
    expect(() => {
      search.remove([40]);
    }).toThrow('A row to remove is 40, but must be the number of a row that is there');
    await search.dispose();
  });
});

function matrixOf(data: readonly number[]): Matrix<Float32Array> {
  return { data: Float32Array.from(data), rows: data.length / 3, columns: 3 };
}
