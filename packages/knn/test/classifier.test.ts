import { afterEach, describe, expect, it } from 'vitest';
import { KNeighborsClassifier, KnnInputError, matrix } from '../src/index.ts';
import type { KNeighborsClassifierOptions } from '../src/index.ts';
import { bumps } from './helpers.ts';

/** Six points on a line: 0 1 2 and 10 11 12. */
const X = matrix(Uint8Array.of(0, 1, 2, 10, 11, 12), 6, 1);
const y = Uint8Array.of(4, 4, 4, 1, 1, 1);
const near = matrix(Uint8Array.of(1, 11, 6), 3, 1);

const open: KNeighborsClassifier[] = [];
async function fitted(options?: KNeighborsClassifierOptions): Promise<KNeighborsClassifier> {
  const classifier = await new KNeighborsClassifier(options).fit(X, y);
  open.push(classifier);
  return classifier;
}
afterEach(async () => {
  for (const classifier of open.splice(0)) await classifier.dispose();
});

describe('KNeighborsClassifier', () => {
  it('has the defaults of scikit-learn', () => {
    const { nNeighbors, weights } = new KNeighborsClassifier();
    expect({ nNeighbors, weights }).toEqual({ nNeighbors: 5, weights: 'uniform' });
  });

  it('predicts, scores and gives shares', async () => {
    const classifier = await fitted({ nNeighbors: 3 });
    expect([...classifier.classes]).toEqual([1, 4]);
    expect([...(await classifier.predict(near))]).toEqual([4, 1, 4]);
    // 6 is 4 away from both 2 and 10: rows 2 and 3, then 1 and 4 tie at 5 and the lower row is taken.
    expect([...(await classifier.predictProba(near)).data]).toEqual([0, 1, 1, 0, 1 / 3, 2 / 3]);
    expect(await classifier.score(near, [4, 1, 1])).toBeCloseTo(2 / 3, 15);
  });

  it('gives neighbours, nearest first, the lower row first among equals', async () => {
    const classifier = await fitted({ nNeighbors: 2 });
    const { indices, distances, k, queries } = await classifier.kneighbors(near, 4);
    expect({ k, queries }).toEqual({ k: 4, queries: 3 });
    expect([...indices]).toEqual([1, 0, 2, 3, 4, 3, 5, 2, 2, 3, 1, 4]);
    expect([...distances]).toEqual([0, 1, 1, 9, 0, 1, 1, 9, 4, 4, 5, 5]);
    expect((await classifier.kneighbors(near)).k).toBe(2);
  });

  it('lets an equal row decide alone under distance weights', async () => {
    const classifier = await fitted({ nNeighbors: 6, weights: 'distance' });
    expect([...(await classifier.predictProba(near)).data.subarray(0, 4)]).toEqual([0, 1, 1, 0]);
  });

  it.each(['naive', 'expanded', 'exact'] as const)(
    'predicts alike with the kernel %s',
    async (kernel) => {
      const classifier = await fitted({ nNeighbors: 3, kernel });
      expect([...(await classifier.predict(near))]).toEqual([4, 1, 4]);
      expect(classifier.algorithm).toBe('brute');
    },
  );

  it('predicts alike with pruning', async () => {
    const classifier = await fitted({ nNeighbors: 3, algorithm: 'pruned', threads: 1 });
    expect([...(await classifier.predict(near))]).toEqual([4, 1, 4]);
    expect(classifier.path).toBe(
      'integer bounds, then int32 distances, WebAssembly SIMD, 1 threads',
    );
  });

  it('classifies by Manhattan distance', async () => {
    // From (0, 0): (3, 3) is 6 by blocks and 4.2 as the crow flies, (5, 0) is 5 either way.
    const plane = matrix(Uint8Array.of(3, 3, 5, 0), 2, 2);
    const origin = matrix(Uint8Array.of(0, 0), 1, 2);
    for (const [options, expected] of [
      [{ p: 2 }, 7],
      [{ p: 1 }, 8],
      [{ metric: 'manhattan' }, 8],
    ] as const) {
      const classifier = new KNeighborsClassifier({ nNeighbors: 1, ...options });
      open.push(await classifier.fit(plane, [7, 8]));
      expect(await classifier.predict(origin)).toEqual([expected]);
      expect(classifier.effectiveMetric).toBe(expected === 7 ? 'euclidean' : 'manhattan');
    }
  });

  it('gives names back for names', async () => {
    const classifier = await new KNeighborsClassifier<string>({ nNeighbors: 3 }).fit(X, [
      ...['low', 'low', 'low', 'high', 'high', 'high'],
    ]);
    const predicted: string[] = await classifier.predict(near);
    expect(predicted).toEqual(['low', 'high', 'low']);
    expect(classifier.classes).toEqual(['high', 'low']);
    expect(await classifier.score(near, ['low', 'low', 'low'])).toBeCloseTo(2 / 3, 15);
    await classifier.dispose();
  });

  it('leaves the distances out on request', async () => {
    const classifier = await fitted({ nNeighbors: 2 });
    expect(await classifier.kneighbors(near, 1, { returnDistance: false })).toEqual({
      indices: Int32Array.of(1, 4, 2),
      k: 1,
      queries: 3,
    });
  });

  it('can be fitted again', async () => {
    const classifier = await fitted({ nNeighbors: 1 });
    await classifier.fit(matrix(Float32Array.of(0.5, 0.75), 2, 1), [8, 9]);
    expect([...(await classifier.predict(matrix(Float32Array.of(0.7), 1, 1)))]).toEqual([9]);
  });

  it('keeps its rows when a second fit is refused', async () => {
    const classifier = await fitted({ nNeighbors: 3 });
    await expect(classifier.fit(X, [1])).rejects.toThrow(
      'There are 1 labels for 6 training rows; each row needs one.',
    );
    expect([...(await classifier.predict(near))]).toEqual([4, 1, 4]);
  });

  it.each([0, -2, 1.5, NaN])('refuses nNeighbors = %d', (nNeighbors) => {
    expect(() => new KNeighborsClassifier({ nNeighbors })).toThrow(KnnInputError);
  });

  it('refuses more neighbours than rows', async () => {
    await expect(new KNeighborsClassifier({ nNeighbors: 7 }).fit(X, y)).rejects.toThrow(
      'The number of neighbours is 7, but must be a whole number from 1 to 6, the number of training rows.',
    );
  });

  it('refuses to predict before fitting', async () => {
    const message = 'The classifier has no training rows; call fit before using it.';
    const classifier = new KNeighborsClassifier();
    await expect(classifier.predict(near)).rejects.toThrow(
      new KnnInputError('not-fitted', message),
    );
    await expect(classifier.kneighbors(near)).rejects.toThrow(message);
    await expect(classifier.predictProba(near)).rejects.toThrow(message);
    await expect(classifier.score(near, [1, 1, 1])).rejects.toThrow(message);
    expect(() => classifier.classes).toThrow(message);
  });

  it('refuses to predict after dispose', async () => {
    const classifier = await fitted({ nNeighbors: 1 });
    await classifier.dispose();
    await expect(classifier.predict(near)).rejects.toThrow('call fit before using it');
  });

  it('refuses labels that do not fit the queries', async () => {
    const classifier = await fitted({ nNeighbors: 1 });
    await expect(classifier.score(near, [1])).rejects.toThrow(
      'There are 1 labels for 3 query rows; each row needs one.',
    );
  });

  it('hands progress and signals through', async () => {
    const classifier = await new KNeighborsClassifier({ nNeighbors: 1 }).fit(
      bumps(40, 20, 1),
      new Uint8Array(40),
    );
    open.push(classifier);
    const seen: number[] = [];
    await classifier.predict(bumps(10, 20, 2), { onProgress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([10]);
    await expect(
      classifier.predict(bumps(10, 20, 2), { signal: AbortSignal.abort() }),
    ).rejects.toThrow('aborted');
  });
});
