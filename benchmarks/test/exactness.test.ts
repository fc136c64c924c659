import { existsSync, readFileSync } from 'node:fs';

import { nearestNeighbors } from '@fashion-bench/knn';
import { expect, it } from 'vitest';

import { plainSearch } from '../src/exactness/plain.ts';
import { exactnessRecord } from '../src/exactness/record.ts';

it('the plain loops keep the nearest in order, ties by the lower row', () => {
  // Squared distances from 10: 100, 1, 1, 81, 0.
  const train = Uint8Array.of(0, 11, 9, 19, 10);
  const { indices, squaredDistances } = plainSearch(train, Uint8Array.of(10, 0), 1, 3, 0, 2);
  expect([...indices]).toEqual([4, 1, 2, 0, 2, 4]);
  expect([...squaredDistances]).toEqual([0, 1, 1, 0, 81, 100]);
});

it('and agree with the package on a part of the queries', async () => {
  const next = (i: number): number => Math.imul(i + 1, 0x9e3779b1) >>> 24;
  const data = (rows: number): Uint8Array =>
    Uint8Array.from({ length: rows * 9 }, (_, i) => next(i));
  const [train, queries] = [data(70), data(11)];
  const search = await nearestNeighbors({ data: train, rows: 70, columns: 9 });
  const found = await search.search({ data: queries.subarray(27), rows: 8, columns: 9 }, 6);
  await search.dispose();
  const plain = plainSearch(train, queries, 9, 6, 3, 11);
  expect(found.indices).toEqual(plain.indices);
  expect(found.squaredDistances).toEqual(plain.squaredDistances);
});

const path = new URL('../results/exactness-knn/record.json', import.meta.url);

it.skipIf(!existsSync(path))('the record: every engine that was there found the same', () => {
  const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { data, ways } = exactnessRecord.parse(stored);
  expect(data).toEqual({ name: 'fashion-mnist', rows: 60_000, queries: 10_000 });
  const compared = ways.filter((way) => way.state === 'compared');
  expect(compared.length).toBeGreaterThan(2);
  for (const { name, different } of compared) expect([name, different]).toEqual([name, 0]);
});
