/** The package report: what renders, encodes and formats. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  PredictionsError,
  RecordError,
  ReportInputError,
  compareRuns,
  decodeClasses,
  decodePixels,
  decodeProbabilities,
  encodeClasses,
  encodePixels,
  encodeProbabilities,
  formatAccuracy,
  formatBytes,
  formatCount,
  formatGops,
  formatPercent,
  formatPoints,
  formatRange,
  formatRecord,
  formatSeconds,
  meanAndSd,
  parseRecord,
  printable,
  quantile,
  renderHtml,
  renderSummary,
  wilsonInterval,
} from '@fashion-bench/report';
import { expect, test } from 'vitest';
import { type Border, faultsOf, missing, texts } from './nonsense.ts';

const path = '../../../benchmarks/results/reference/record.json';
const record = parseRecord(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8'));
const numbers = (value: unknown): boolean => typeof value === 'number';
const lists = (value: unknown): boolean =>
  (Array.isArray(value) && value.every(numbers) && value.length > 0) ||
  value instanceof Float64Array;

const borders: readonly Border[] = [
  ...[
    formatAccuracy,
    formatBytes,
    formatCount,
    formatGops,
    formatPercent,
    formatPoints,
    formatSeconds,
  ].map((call): Border => ({ name: call.name, call, good: [0.5], takes: { '0': numbers } })),
  { name: 'formatRange', call: formatRange, good: [1, 2], takes: { '0': numbers, '1': numbers } },
  {
    name: 'encodeClasses',
    call: encodeClasses,
    good: [[1, 2]],
    takes: { '0': (value) => Array.isArray(value) || value instanceof Float64Array },
  },
  {
    name: 'decodeClasses',
    call: decodeClasses,
    good: ['09'],
    takes: { '0': (value) => value === '' || value === 'nonsense' },
  },
  {
    name: 'encodeProbabilities',
    call: encodeProbabilities,
    good: [[0.5, 1]],
    takes: {
      '0': (value) => value instanceof Float64Array || (Array.isArray(value) && value.length === 0),
    },
  },
  ...[decodeProbabilities, decodePixels].map((call): Border => ({
    ...{ name: call.name, call, good: ['AAAA'] },
    takes: { '0': (value) => value === '' || value === 'nonsense' },
  })),
  { name: 'encodePixels', call: encodePixels, good: [new Uint8Array(4)] },
  { name: 'meanAndSd', call: meanAndSd, good: [[1, 2]], takes: { '0': lists } },
  { name: 'quantile', call: quantile, good: [[1, 2], 0.5], takes: { '0': lists } },
  { name: 'wilsonInterval', call: wilsonInterval, good: [1, 2] },
  { name: 'printable', call: printable, good: ['text'], takes: { '0': texts } },
  {
    name: 'renderHtml',
    call: renderHtml,
    good: ['# Title', []],
    takes: { '0': texts, '1': (value) => Array.isArray(value) && value.length === 0 },
  },
];

test.each(borders)('report: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [ReportInputError])).toEqual([]);
});

const none = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const empty = {
  ...{ '0.knn': none, '0.cnn': none, '0.kernels': none, '0.engines': none },
  '0.stretches': missing,
};

test.each<Border>([
  { name: 'renderSummary', call: renderSummary, good: [record], takes: empty },
  { name: 'formatRecord', call: formatRecord, good: [record], takes: empty },
])('report: $name takes a record and nothing else', async (border) => {
  expect(await faultsOf(border, [RecordError])).toEqual([]);
});

test('report: compareRuns takes two runs and nothing else', async () => {
  const run = { record, predictions: null };
  const border = { name: 'compareRuns', call: compareRuns, good: [run, run] };
  const keys = Object.fromEntries(
    ['0.predictions', '1.predictions'].map((key) => [
      key,
      (value: unknown) => missing(value) || value === null,
    ]),
  );
  const faults = await faultsOf({ ...border, takes: keys }, [
    RecordError,
    ReportInputError,
    PredictionsError,
  ]);
  expect(faults).toEqual([]);
});
