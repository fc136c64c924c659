import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { writeRecord } from '../src/write-record.ts';

it('a record takes the place of one of its kind, and of nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'write-record-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'record.json');
  const record = (n: number) => ({ schema: 'fashion-bench/some@1', n });
  await writeRecord(folder, record(1));
  await writeRecord(folder, record(2));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(record(2));
  writeFileSync(path, 'mine');
  await expect(writeRecord(folder, record(3))).rejects.toThrow(/is no record of this kind/);
  expect(readFileSync(path, 'utf8')).toBe('mine');
  rmSync(path);
  writeFileSync(join(folder, 'elsewhere'), JSON.stringify(record(1)));
  symlinkSync('elsewhere', path);
  await expect(writeRecord(folder, record(3))).rejects.toThrow(/is no record of this kind/);
  expect(readdirSync(folder)).toEqual(['elsewhere', 'record.json']);
});
