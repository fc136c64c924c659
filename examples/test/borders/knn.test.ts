import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KNeighborsClassifier,
  KnnError,
  KnnFileError,
  KnnInputError,
  StandardScaler,
  bareProduct,
  distanceArray,
  distanceKernel,
  encodeLabels,
  exactKernel,
  matrix,
  naiveKernel,
  nearestNeighbors,
  nearestNeighborsStreamed,
  nearestOf,
  vote,
  voteShares,
} from '@fashion-bench/knn';
import { afterAll, expect, test } from 'vitest';
import { type Border, faultsOf, missing, optional, texts } from './nonsense.ts';

const X = matrix(Uint8Array.of(0, 0, 1, 0, 0, 2, 9, 9, 8, 9, 9, 7), 6, 2);
const y = [3, 3, 3, 7, 7, 7];
const labels = encodeLabels(y);
const signal = new AbortController().signal;
const onProgress = (): void => undefined;
const nearest = { metric: 'euclidean', p: 2, algorithm: 'brute', kernel: 'naive' };
const options = { ...nearest, threads: 1, blockSize: 3, product: 'auto' };
const search = await nearestNeighbors(X, { kernel: 'naive' });
const neighbors = await search.search(X, 3);
const classifier = await new KNeighborsClassifier({ kernel: 'naive' }).fit(X, y);
const folder = mkdtempSync(join(tmpdir(), 'borders-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = join(folder, 'classifier.bin');
const scaler = new StandardScaler().fit(X);
const prepared = await naiveKernel().prepare(X);
const searchOptions = { signal, onProgress };

/** Any two are classes. */
const votes: Border['takes'] = {
  '1.classes': (value) => Array.isArray(value) && value.length === 2,
};

const borders: Border[] = [
  { name: 'matrix', call: matrix, good: [Uint8Array.of(1, 2), 1, 2] },
  {
    name: 'encodeLabels',
    call: encodeLabels,
    good: [y],
    takes: { '0': (value) => Array.isArray(value) || ArrayBuffer.isView(value) },
  },
  {
    name: 'nearestNeighbors',
    call: nearestNeighbors,
    good: [X, options],
    takes: optional(1, options),
  },
  {
    name: 'search',
    call: search.search.bind(search),
    good: [X, 2, searchOptions],
    takes: optional(2, searchOptions),
  },
  {
    name: 'nearestNeighborsStreamed',
    call: nearestNeighborsStreamed,
    good: [[X], X, 2, { ...options, signal, onBlock: onProgress }],
    takes: optional(3, { ...options, signal, onBlock: 0 }),
  },
  { name: 'nearestOf', call: nearestOf, good: [neighbors, 2] },
  { name: 'vote', call: vote, good: [neighbors, labels, 'distance'], takes: votes },
  { name: 'voteShares', call: voteShares, good: [neighbors, labels, 'uniform'], takes: votes },
  { name: 'distanceArray', call: distanceArray, good: [{ rows: 6, output: 'int32' }, 2] },
  {
    name: 'squaredDistancesInto',
    call: prepared.squaredDistancesInto.bind(prepared),
    good: [X, distanceArray(prepared, 6)],
  },
  {
    name: 'distanceKernel',
    call: distanceKernel,
    good: ['exact', { threads: 1, product: 'auto' }],
    takes: optional(1, { threads: 1, product: 0 }),
  },
  {
    name: 'exactKernel',
    call: exactKernel,
    good: [{ threads: 1, product: 'auto' }],
    takes: optional(0, { threads: 1, product: 0 }),
  },
  { name: 'prepare', call: (rows: never) => naiveKernel().prepare(rows), good: [X] },
  {
    name: 'bareProduct',
    call: bareProduct,
    good: ['u8u8', { queries: 1, rows: 2, columns: 2 }, 1],
  },
  {
    name: 'KNeighborsClassifier',
    call: (given: object) => new KNeighborsClassifier(given),
    good: [{ ...options, nNeighbors: 2, weights: 'uniform' }],
    takes: {
      ...optional(0, { ...options, nNeighbors: 0 }),
      '0.weights': (value) => missing(value) || typeof value === 'function',
    },
  },
  {
    name: 'fit',
    call: (rows: never, given: never) =>
      new KNeighborsClassifier({ kernel: 'naive' }).fit(rows, given),
    good: [X, y],
  },
  {
    name: 'kneighbors',
    call: (...values: never[]) =>
      classifier.kneighbors(...(values as unknown as [never, never, never])),
    good: [X, 2, { ...searchOptions, returnDistance: false }],
    takes: {
      '1': missing,
      ...optional(2, { ...searchOptions, returnDistance: 0 }),
      '2.returnDistance': (value) => missing(value) || value === true,
    },
  },
  {
    name: 'predict',
    call: (rows: never, given: never) => classifier.predict(rows, given),
    good: [X, searchOptions],
    takes: optional(1, searchOptions),
  },
  {
    name: 'predictProba',
    call: (rows: never, given: never) => classifier.predictProba(rows, given),
    good: [X, searchOptions],
    takes: optional(1, searchOptions),
  },
  {
    name: 'score',
    call: (rows: never, given: never, how: never) => classifier.score(rows, given, how),
    good: [X, y, searchOptions],
    takes: optional(2, searchOptions),
  },
  {
    name: 'save',
    call: (path: never) => classifier.save(path),
    good: [file],
    takes: { '0': texts },
  },
  {
    name: 'load',
    call: (path: never, given: never) => KNeighborsClassifier.load(path, given),
    good: [file, { algorithm: 'brute', kernel: 'naive', threads: 1 }],
    takes: optional(1, { algorithm: 0, kernel: 0, threads: 0 }),
  },
  { name: 'StandardScaler.fit', call: (rows: never) => new StandardScaler().fit(rows), good: [X] },
  { name: 'transform', call: (rows: never) => scaler.transform(rows), good: [X] },
  { name: 'inverseTransform', call: (rows: never) => scaler.inverseTransform(rows), good: [X] },
];

test.each(borders)('knn: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [KnnInputError, KnnError, KnnFileError])).toEqual([]);
});

test('an option that does not exist is named, with those that do', () => {
  const misspelt: object = { n_neighbors: 3 };
  expect(() => new KNeighborsClassifier(misspelt)).toThrow(
    /^There is no option "n_neighbors"; there are .*nNeighbors/u,
  );
});
