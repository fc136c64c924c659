// The record of the long fuzz that is part of the repository: complete, and nothing but clean refusals and correct loads.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exhausting } from './support/exhausting.ts';
import { fuzzRecord } from './support/fuzz-record.ts';

const path = fileURLToPath(
  new URL('../../../benchmarks/results/fuzz-model-files/record.json', import.meta.url),
);

test('the record of the long fuzz holds what it promises', async () => {
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  const { formats } = fuzzRecord.parse(json);
  for (const counts of Object.values(formats)) {
    expect(counts).toMatchObject({ violations: [], tensorsLeft: 0 });
  }
});

test('files that try to exhaust the machine take 30 seconds and 1 GiB at most, each of them', async () => {
  const record = fuzzRecord.parse(JSON.parse(await readFile(path, 'utf8')));
  expect(Object.keys(record.exhausting)).toEqual(Object.keys(exhausting));
  const outcomes = Object.entries(record.exhausting).map(([name, { outcome }]) => [name, outcome]);
  for (const [name, outcome] of outcomes) {
    // Those that ask for as much as is allowed are no refusals, but for the nodes, which are empty.
    const loads = /^as many (?!empty)/.test(name ?? '') && 'loaded';
    expect([name, outcome]).toEqual([name, loads || 'refused']);
  }
});

test('docs/model-files.md has its counts', async () => {
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  const docs = await readFile(
    fileURLToPath(new URL('../../../docs/model-files.md', import.meta.url)),
    'utf8',
  );
  const rows = docs.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const { formats } = fuzzRecord.parse(json);
  for (const [name, counts] of [
    ['HDF5', formats['keras-h5']],
    ['ONNX', formats.onnx],
    ['TensorFlow.js', formats.tfjs],
  ] as const) {
    const { files, loaded, refused, refusedPredicting, violations } = counts;
    const { tensorsLeft, threadsLost } = counts;
    const numbers = [files, loaded, refused, refusedPredicting, violations.length];
    const cells = [...numbers, tensorsLeft, threadsLost].map((n) => n.toLocaleString('en-US'));
    expect(rows).toContainEqual(['', name, ...cells, '']);
  }
});

test('a record with fewer files, or with a violation, is none', async () => {
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  const changed = (changes: object): unknown => {
    const record = fuzzRecord.parse(json);
    const { onnx } = record.formats;
    return { ...record, formats: { ...record.formats, onnx: { ...onnx, ...changes } } };
  };
  expect(fuzzRecord.safeParse(changed({})).success).toBe(true);
  const { loaded } = fuzzRecord.parse(json).formats.onnx;
  const faults = [{ violations: ['file 3'] }, { tensorsLeft: 1 }, { loaded: loaded + 1 }];
  for (const changes of [{ files: 9999 }, ...faults]) {
    expect(fuzzRecord.safeParse(changed(changes)).success).toBe(false);
  }
});
