import { describe, expect, it } from 'vitest';
import { formatRecord, parseRecord, RECORD_SCHEMA, RecordError } from '../src/index.ts';
import { fullRecord, fullRecordText, withRun } from './fixture.ts';

/** The stored record with one text replaced: what a damaged or foreign file looks like. */
function damaged(search: string, replacement: string): string {
  const text = fullRecordText.replace(search, replacement);
  if (text === fullRecordText) throw new Error(`the fixture does not hold ${search}`);
  return text;
}

function failure(action: () => unknown): RecordError {
  try {
    action();
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a good record', () => {
  it('survives writing and reading', () => {
    const record = fullRecord();
    const text = formatRecord(record);
    expect(text.endsWith('}\n')).toBe(true);
    expect(parseRecord(text)).toEqual(record);
    expect(parseRecord(JSON.parse(text))).toEqual(record);
  });

  it('has exactly the stated top-level keys', () => {
    expect(Object.keys(fullRecord())).toEqual([
      'schema',
      'run',
      'machine',
      'data',
      'engines',
      'knn',
      'cnn',
      'kernels',
    ]);
  });

  it('may hold no measurement at all', () => {
    const record = { ...fullRecord(), knn: [], cnn: [], kernels: [] };
    expect(parseRecord(formatRecord(record))).toEqual(record);
  });
});

describe('a bad record', () => {
  it('of another schema version is refused by name, with both versions', () => {
    const error = failure(() => parseRecord(damaged('record@1', 'record@7'), 'old/record.json'));
    expect(error.code).toBe('schema-version');
    expect(error.message).toBe(
      `old/record.json has the schema "fashion-bench/record@7", but this version of fashion-bench reads "${RECORD_SCHEMA}": use the version that wrote it, or run the bench again.`,
    );
  });

  it('of another version is refused for its version even when its shape is unknown', () => {
    const error = failure(() => parseRecord('{"schema":"fashion-bench/record@2","x":1}'));
    expect(error.code).toBe('schema-version');
  });

  it('that is no JSON says so', () => {
    const error = failure(() => parseRecord(fullRecordText.slice(0, 1000), 'half.json'));
    expect(error.code).toBe('not-json');
    expect(error.message).toMatch(/^half\.json is not JSON \(.+\)\.$/u);
  });

  it.each([
    ['null', 'x is not a valid record: top level: expected object, received null.'],
    ['{}', `x is not a valid record: schema: expected "${RECORD_SCHEMA}" (and 7 more).`],
    [
      damaged('"accuracy": 0.8554', '"accuracy": 0.8555'),
      'x is not a valid record: knn[0].accuracy: expected accuracy to be correct / total.',
    ],
    [
      damaged(
        '"quick": false,\n    "synthetic": false,\n    "status"',
        '"quick": false,\n    "synthetic": true,\n    "status"',
      ),
      'x is not a valid record: run.synthetic: expected the same as data.synthetic.',
    ],
    [
      damaged('"finalTestAccuracy": 0.9241', '"finalTestAccuracy": null'),
      'x is not a valid record: cnn[0].finalTestAccuracy: expected correct / total, or null in all three.',
    ],
    [
      damaged('"epoch": 2,', '"epoch": 3,'),
      'x is not a valid record: cnn[0].epochs: expected the epochs 1, 2, 3, ... in order.',
    ],
    [
      damaged('"n": 12', '"n": 13'),
      'x is not a valid record: kernels[0].n: expected n to be the number of sampleSeconds.',
    ],
    [
      damaged('3aede38d', 'XXXXXXXX'),
      'x is not a valid record: data.sha256.train-images-idx3-ubyte.gz: expected a SHA-256 in hexadecimal.',
    ],
    [
      damaged('"seed": 42,\n    "quick"', '"seed": -1,\n    "quick"'),
      'x is not a valid record: run.seed: Too small: expected number to be >=0.',
    ],
    [
      damaged('"machine": {', '"machine": { "colour": "red",'),
      'x is not a valid record: machine: Unrecognized key: "colour".',
    ],
  ])('%#: names the place and the problem', (text, message) => {
    const error = failure(() => parseRecord(text, 'x'));
    expect(error.code).toBe('invalid');
    expect(error.message).toBe(message);
  });

  it('is not written: NaN has no JSON', () => {
    const error = failure(() => formatRecord(withRun({ wallSeconds: Number.NaN })));
    expect(error.message).toBe(
      'the record to be written is not a valid record: run.wallSeconds: expected number, received NaN.',
    );
  });
});
