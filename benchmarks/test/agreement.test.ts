import { readFileSync } from 'node:fs';

import { syntheticFashion } from '@fashion-bench/dataset';
import { KNeighborsClassifier, matrix } from '@fashion-bench/knn';
import { describe, expect, it } from 'vitest';

import { compare } from '../src/agreement/compare.ts';
import { explain } from '../src/agreement/explain.ts';
import { agreementRecord } from '../src/agreement/record.ts';

/** Five rows of the classes 0, 1, 1, 2, 2. */
const rows = { codes: [0, 1, 1, 2, 2], classes: 3, weights: 'uniform', tolerance: 0 } as const;

describe('explain', () => {
  it('a tie at the edge, if a choice among the equal rows gives the prediction', () => {
    const distances = Float64Array.of(1, 2, 5, 2, 7);
    // Either row 1 or row 3 is the second neighbour; then the smaller class wins or votes are tied with class 0.
    expect(explain({ ...rows, distances, k: 2, predicted: 2 })).toBe('distance tie');
    expect(
      explain({ ...rows, distances: Float64Array.of(1, 3, 5, 2, 7), k: 1, predicted: 2 }),
    ).toBe('unexplained');
  });

  it('rounding only within the tolerance', () => {
    const distances = Float64Array.of(2, 2.001, 5, 6, 7);
    const question = { ...rows, distances, k: 1, predicted: 1 };
    expect(explain({ ...question, tolerance: 0.01 })).toBe('float rounding');
    expect(explain({ ...question, tolerance: 0.0001 })).toBe('unexplained');
    expect(explain(question)).toBe('unexplained');
  });

  it('equal votes', () => {
    const distances = Float64Array.of(0.5, 1, 1, 8, 9);
    const question = { ...rows, distances, k: 3, weights: 'distance', predicted: 1 } as const;
    // 1 / 0.5 for class 0 against 1 + 1 for class 1.
    expect(explain(question)).toBe('vote tie');
    expect(explain({ ...question, distances: Float64Array.of(0.4, 1, 1, 8, 9) })).toBe(
      'unexplained',
    );
  });
});

describe('compare', () => {
  const { train, test } = syntheticFashion({ seed: 1, train: 80, test: 30 });
  const setting = { pixels: 'raw', p: 1, weights: 'uniform', k: 3 } as const;

  it('counts what is equal and names what is not', async () => {
    const classifier = await new KNeighborsClassifier({ nNeighbors: 3, p: 1 }).fit(
      matrix(train.images, 80, 784),
      train.labels,
    );
    const predicted = await classifier.predict(matrix(test.images, 30, 784));
    await classifier.dispose();
    const [all] = await compare(train, test, 784, [{ ...setting, predicted: predicted.join('') }]);
    expect(all).toMatchObject({ metric: 'manhattan', compared: 30, equal: 30, differences: [] });
    const first = predicted[0] ?? 0;
    const other = (first + 5) % 10;
    const changed = [other, ...predicted.slice(1)].join('');
    const [one] = await compare(train, test, 784, [{ ...setting, predicted: changed }]);
    expect(one?.equal).toBe(29);
    expect(one?.differences).toEqual([
      { query: 0, ours: first, theirs: other, reason: 'unexplained' },
    ]);
  });

  it('refuses another number of predictions', async () => {
    await expect(compare(train, test, 784, [{ ...setting, predicted: '1' }])).rejects.toThrow(
      'scikit-learn gave 1 predictions for 30 queries.',
    );
  });
});

it('the committed record is sound, covers all 32 settings, and leaves nothing unexplained', () => {
  const path = new URL('../results/agreement-knn/record.json', import.meta.url);
  const record = agreementRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  const names = record.settings.map((s) => [s.pixels, s.metric, s.weights, s.k].join());
  expect(new Set(names).size).toBe(32);
  expect([record.rows, record.queries, record.compared]).toEqual([10_000, 2000, 64_000]);
  expect(record.unexplained).toBe(0);
});
