import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { latestRun } from '../src/folders.ts';
import { bench, fakeServices, recordIn, SMALL, temporaryFolder } from './fakes.ts';

describe('bench engines', () => {
  it('lists them, reasons included; JSON under the keys of a record', async () => {
    const words = await bench(['engines'], fakeServices());
    expect(words).toEqual({
      code: 0,
      err: '',
      out: 'available  onnx-cpu    onnxruntime-node 1.30.0, Test CPU, 2 threads\nmissing    tensorflow  not installed.\n',
    });
    const json: unknown = JSON.parse((await bench(['engines', '--json'], fakeServices())).out);
    expect(json).toMatchObject({
      machine: { gpu: null },
      engines: [{ state: 'available' }, { state: 'missing' }],
    });
  });
});

describe('bench report', () => {
  it('makes the same bytes again, from a folder or a file', async () => {
    const out = temporaryFolder();
    await bench(['--out', out, ...SMALL], fakeServices());
    const report = join(out, 'report.md');
    const before = readFileSync(report, 'utf8');
    for (const path of [out, join(out, 'record.json')]) {
      writeFileSync(report, 'old');
      expect(await bench(['report', path])).toMatchObject({ code: 0, err: '' });
      expect(readFileSync(report, 'utf8')).toBe(before);
    }
    expect((await bench(['report', out, '--json'])).out).toBe(
      readFileSync(join(out, 'record.json'), 'utf8'),
    );
  });

  it('several records make one report: printed, or written where --out says', async () => {
    const [a, b, c] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await bench(['knn', '--out', a, ...SMALL], fakeServices());
    await bench(['cnn', '--out', b, ...SMALL], fakeServices());
    const { out } = await bench(['report', a, b]);
    expect(out).toContain(recordIn(a).run.id);
    expect(out).toContain(recordIn(b).run.id);
    await bench(['report', a, b, '--out', c]);
    expect(readFileSync(join(c, 'report.md'), 'utf8')).toBe(out);
  });

  it('without a record takes the latest run, else the reference', async () => {
    const root = temporaryFolder();
    const results = join(root, 'benchmarks', 'results');
    await expect(latestRun(root)).rejects.toThrow(
      /^There is no run in .* yet: run the bench, or name a record\.$/,
    );
    mkdirSync(join(results, 'reference'), { recursive: true });
    expect(await latestRun(root)).toBe(join(results, 'reference'));
    for (const name of ['20260131-093005-knn-aaaaaa', '20260131-093006-all-000000']) {
      mkdirSync(join(results, name));
    }
    expect(await latestRun(root)).toBe(join(results, '20260131-093006-all-000000'));
  });

  it('refuses a record of another version, no record, and a wrong one', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'record.json');
    expect(await bench(['report', folder])).toEqual({
      code: 1,
      out: '',
      err: `There is no record at ${path}.\n`,
    });
    const contents = [
      ['{"schema":"fashion-bench/record@99"}', /has the schema "fashion-bench\/record@99"/],
      ['{"schema":"fashion-bench/record@1"}', /is not a valid record/],
      ['{', /is not JSON/],
    ] as const;
    for (const [content, words] of contents) {
      writeFileSync(path, content);
      const outcome = await bench(['report', path]);
      expect(outcome).toMatchObject({ code: 1, out: '' });
      expect(outcome.err).toMatch(words);
      expect(outcome.err.trim().split('\n')).toHaveLength(1);
    }
    expect(readdirSync(folder)).toEqual(['record.json']);
  });
});
