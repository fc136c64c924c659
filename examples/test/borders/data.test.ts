/** The packages of data and files: dataset and files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DatasetError,
  batches,
  gatherInto,
  imageCount,
  loadFashionMnist,
  parseIdx,
  parseImages,
  parseLabels,
  shuffledOrder,
  stratifiedSubset,
  syntheticFashion,
  take,
} from '@fashion-bench/dataset';
import {
  FileError,
  RegularFile,
  UnfinishedFile,
  makeFolder,
  readRegularFile,
  replaceFile,
  syncFolder,
} from '@fashion-bench/files';
import { RandomError } from '@fashion-bench/random';
import { afterAll, expect, test } from 'vitest';
import { type Border, faultsOf, missing, optional, texts } from './nonsense.ts';

const folder = mkdtempSync(join(tmpdir(), 'borders-'));
const file = join(folder, 'file');
writeFileSync(file, 'content');
const opened = await RegularFile.open(file, { maximumBytes: 99 });
const unfinished = await UnfinishedFile.create(join(folder, 'unfinished'));
afterAll(async () => {
  await opened.close();
  await unfinished.discard();
  rmSync(folder, { recursive: true });
});

const synthetic = syntheticFashion({ seed: 1, train: 20, test: 10 });
const set = synthetic.train;
const out = { images: new Uint8Array(784), labels: new Uint8Array(1) };
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 3);
const loading = {
  ...{ dir: folder, cacheDir: folder, download: false, env: {}, mirrors: ['http://localhost/'] },
  ...{ onProgress: (): void => undefined, signal: new AbortController().signal, fetch },
};
/** The folder holds no data set. */
function absent(error: unknown): void {
  if (!(error instanceof DatasetError) || error.code !== 'not-found') throw error;
}
const whole = (value: unknown): boolean => value === undefined;

const dataset: Border[] = [
  { name: 'imageCount', call: imageCount, good: [set], takes: { '0.classNames': () => true } },
  { name: 'take', call: take, good: [set, 2], takes: { '0.classNames': () => true } },
  {
    name: 'loadFashionMnist',
    call: (given: never) => loadFashionMnist(given).catch(absent),
    good: [loading],
    takes: {
      ...optional(0, loading),
      '0.dir': (v) => missing(v) || texts(v),
      '0.cacheDir': (v) => missing(v) || texts(v),
      '0.mirrors': (v) => missing(v) || (Array.isArray(v) && v.length === 0),
      '0.download': (v) => missing(v) || v === true,
      '0.env': (v) => missing(v) || (typeof v === 'object' && v !== null),
    },
  },
  {
    name: 'stratifiedSubset',
    call: stratifiedSubset,
    good: [set, 2, 1],
    takes: { '0.classNames': Array.isArray },
  },
  {
    name: 'batches',
    call: batches,
    good: [set, 2, Uint32Array.of(1, 0)],
    takes: { '0.classNames': () => true, '2': missing },
  },
  {
    name: 'gatherInto',
    call: gatherInto,
    good: [out, set, Uint32Array.of(1), 0, 1],
    takes: { '1.classNames': () => true },
  },
  { name: 'shuffledOrder', call: shuffledOrder, good: [3, 1, 2], takes: { '2': missing } },
  {
    name: 'parseIdx',
    call: parseIdx,
    good: [labels, 'labels', [1]],
    takes: { '1': (v) => missing(v) || texts(v), '2': missing },
  },
  {
    name: 'parseImages',
    call: parseImages,
    good: [images, 'images', 0],
    takes: { '1': (v) => missing(v) || texts(v), '2': missing },
  },
  {
    name: 'parseLabels',
    call: parseLabels,
    good: [labels, 'labels', 1],
    takes: { '1': (v) => missing(v) || texts(v), '2': missing },
  },
  {
    name: 'syntheticFashion',
    call: syntheticFashion,
    good: [{ seed: 1, train: 1, test: 1 }],
    takes: { '0.train': whole, '0.test': whole },
  },
];

test.each(dataset)('dataset: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [DatasetError, RandomError])).toEqual([]);
});

const objects = (value: unknown): boolean =>
  missing(value) || (typeof value === 'object' && value !== null);
const limits = { maximumBytes: 99 };
const files: Border[] = [
  {
    name: 'readRegularFile',
    call: readRegularFile,
    good: [file, limits],
    takes: { '1.maximumBytes': (v) => v === Infinity || v === 7.5 },
  },
  {
    name: 'RegularFile.open',
    call: (path: never, how: never) => RegularFile.open(path, how).then((f) => f.close()),
    good: [file, limits],
    takes: { '1.maximumBytes': (v) => v === Infinity || v === 7.5 },
  },
  { name: 'read', call: opened.read.bind(opened), good: [new Uint8Array(2), 1] },
  {
    name: 'replaceFile',
    call: replaceFile,
    good: [join(folder, 'new'), 'text', {}],
    takes: {
      '2': objects,
      '0': texts,
      '1': (v) => typeof v === 'string' || (Array.isArray(v) && v.length === 0) || v instanceof Map,
    },
  },
  {
    name: 'UnfinishedFile.create',
    call: (path: never, how: never) => UnfinishedFile.create(path, how).then((f) => f.discard()),
    good: [join(folder, 'other'), {}],
    takes: { '1': objects, '0': texts },
  },
  { name: 'append', call: unfinished.append.bind(unfinished), good: [new Uint8Array(2)] },
  { name: 'makeFolder', call: makeFolder, good: [folder], takes: { '0': texts } },
  { name: 'syncFolder', call: syncFolder, good: [folder], takes: { '0': texts } },
];

test.each(files)('files: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [FileError])).toEqual([]);
});
