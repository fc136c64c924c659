import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { syntheticFashion } from '@fashion-bench/dataset';
import { formatPredictions, PREDICTIONS_SCHEMA } from '@fashion-bench/report';
import { describe, expect, it } from 'vitest';

import { latestRun, readRecord } from '../src/output/folders.ts';
import type { RunContext } from '../src/run/context.ts';
import { realServices } from '../src/services.ts';
import { bench, cnnRun, fakeServices, recordIn, SMALL, temporaryFolder } from './fakes.ts';

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
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>');
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
    // The file has the figures that a terminal cannot show.
    const written = readFileSync(join(c, 'report.md'), 'utf8');
    expect(written).toContain(recordIn(a).run.id);
    expect(written.split('\n')[0]).toBe(out.split('\n')[0]);
  });

  it('figures and predictions come back from what was stored, other files stay', async () => {
    const out = temporaryFolder();
    const outcome = await bench(['--synthetic', '--quick', '--epochs', '2', '--out', out], {
      ...realServices,
      loadImages: () => Promise.resolve(syntheticFashion({ seed: 1, train: 60, test: 20 })),
    });
    expect(outcome.code, outcome.err).toBe(0);
    const files = (): Map<string, string> =>
      new Map(
        readdirSync(out, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => join(parentPath, name))
          .sort()
          .map((path) => [path, readFileSync(path, 'base64')]),
      );
    const before = files();
    expect([...before.keys()].map((path) => basename(path))).toEqual(
      expect.arrayContaining([
        ...['predictions.json', 'report.html', 'training-curves.svg', 'predictions.svg'],
        ...[
          'k-curve.svg',
          'reliability.svg',
          'class-9.png',
          'erasing-after.png',
          'neighbors-0.png',
        ],
      ]),
    );
    const notes = join(out, 'figures', 'notes.txt');
    writeFileSync(notes, 'mine');
    expect(await bench(['report', out])).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(notes, 'utf8')).toBe('mine');
    rmSync(notes);
    expect(files()).toEqual(before);
    for (const [, name = ''] of readFileSync(join(out, 'report.md'), 'utf8').matchAll(
      /\]\((figures\/[^)]+)\)/g,
    )) {
      expect([...before.keys()]).toContain(join(out, name));
    }
  });

  it('predictions of another run are left aside, damaged ones named', async () => {
    const out = temporaryFolder();
    await bench(['knn', '--out', out, ...SMALL], fakeServices());
    const path = join(out, 'predictions.json');
    writeFileSync(path, '{');
    const outcome = await bench(['report', out]);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(/predictions\.json is not JSON \(.*\)\.\n$/);
    const none = { knn: [], kCurve: [], neighbors: [], cnn: [], erased: [], images: [] };
    const ids = { schema: PREDICTIONS_SCHEMA, runId: 'other', labels: '' } as const;
    writeFileSync(path, formatPredictions({ ...ids, ...none }));
    expect((await readRecord(out)).predictions).toBeNull();
  });

  it('reads a record with a byte order mark', async () => {
    const out = temporaryFolder();
    await bench(['knn', '--out', out, ...SMALL], fakeServices());
    const path = join(out, 'record.json');
    const { record } = await readRecord(out);
    writeFileSync(path, `\ufeff${readFileSync(path, 'utf8')}`);
    expect((await readRecord(out)).record).toEqual(record);
  });

  it.skipIf(process.platform === 'win32')('reads no pipe, device or endless file', async () => {
    const out = temporaryFolder();
    await bench(['knn', '--out', out, ...SMALL], fakeServices());
    const pipe = /could not be read: it is no regular file \(a pipe, say, or a device\)\.\n$/;
    const kinds: [(path: string) => void, RegExp][] = [
      [(path) => execFileSync('mkfifo', [path]), pipe],
      [
        (path) => {
          symlinkSync('/dev/zero', path);
        },
        pipe,
      ],
      [
        (path) => {
          writeFileSync(path, '');
          truncateSync(path, 2 ** 40);
        },
        /more than the 67108864 that are allowed\.\n$/,
      ],
    ];
    for (const name of ['predictions.json', 'record.json']) {
      for (const [make, words] of kinds) {
        rmSync(join(out, name), { force: true });
        make(join(out, name));
        for (const command of [
          ['report', out],
          ['compare', out, out],
        ]) {
          const outcome = await bench(command);
          expect(outcome).toMatchObject({ code: 1, out: '' });
          expect(outcome.err).toMatch(words);
        }
      }
    }
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

it('a record from outside steers no terminal: report of two, compare, what goes wrong', async () => {
  const [a, b] = [temporaryFolder(), temporaryFolder()];
  await bench(['--out', a, ...SMALL], fakeServices());
  const nasty = '\u001b[2J\u009b31m\u202ex';
  const record = recordIn(a);
  const changed = {
    ...record,
    run: { ...record.run, id: nasty, command: `${nasty}\n# forged` },
    machine: { ...record.machine, cpuModel: nasty },
  };
  writeFileSync(join(b, 'record.json'), JSON.stringify(changed));
  writeFileSync(join(b, 'other.json'), JSON.stringify({ schema: nasty }));
  writeFileSync(join(b, 'wrong.json'), JSON.stringify({ ...changed, [nasty]: 1 }));
  for (const words of [
    ['report', a, b],
    ['compare', a, b],
    ['report', b, '--json'],
    ['report', join(b, 'other.json')],
    ['report', join(b, 'wrong.json')],
    ['report', `${b}${nasty}`],
    [nasty],
    [`--${nasty}`],
  ]) {
    const { out, err } = await bench(words);
    expect(out + err).toContain('u001b');
    expect(out + err).not.toMatch(/(?!\n)\p{Cc}|\u202e|^# forged/mu);
    if (words.includes('--json')) expect(JSON.parse(out)).toEqual(changed);
  }
});

describe('bench compare', () => {
  it('says what got faster', async () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    const epochs = (seconds: number) =>
      Array.from({ length: 8 }, (_, i) => ({
        ...{ epoch: i + 1, seconds: seconds + i / 100, loss: 0.5, accuracy: 0.8 },
        ...{ testAccuracy: 0.9, evaluationSeconds: 0.1 },
      }));
    for (const [folder, seconds] of [
      [a, 2],
      [b, 1],
    ] as const) {
      const cnn = cnnRun({ epochs: epochs(seconds), epochsRequested: 8 });
      const parts = {
        ...fakeServices().parts,
        cnn: ({ journal }: RunContext) => journal.setCnn(cnn),
      };
      await bench(['cnn', '--out', folder, ...SMALL], fakeServices({ parts }));
    }
    const { code, out, err } = await bench(['compare', a, b]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /epoch +\| 2\.04 s \| 1\.04 s \| +x 0\.509 \| 0\.49\d to 0\.52\d \| \*\*faster\*\*/,
    );
    expect((await bench(['compare', b, a])).out).toContain('**slower**');

    // As JSON, and as a gate: only what is named and told fails.
    const compared = await bench(['compare', b, a, '--json', '--fail-on', 'slower,worse']);
    expect(compared).toMatchObject({ code: 3, err: 'CNN, batch 32: epoch is slower.\n' });
    expect(JSON.parse(compared.out)).toMatchObject({
      accuracies: [{ verdict: 'the same' }],
      times: [
        {
          what: 'CNN, batch 32: epoch',
          first: expect.closeTo(1.035, 9) as number,
          verdict: 'slower',
        },
      ],
      differences: [],
    });
    for (const [first, second, verdicts] of [
      [a, b, 'slower,worse'],
      [b, a, 'worse'],
    ] as const) {
      const outcome = await bench(['compare', first, second, '--fail-on', verdicts]);
      expect(outcome).toMatchObject({ code: 0, err: '' });
    }
    expect(await bench(['compare', a, b, '--fail-on', 'faster'])).toEqual({
      code: 2,
      out: '',
      err: "--fail-on must be slower, worse or slower,worse, not 'faster'.\n",
    });
  });

  it('takes two runs', async () => {
    expect(await bench(['compare', 'a'])).toEqual({
      code: 2,
      out: '',
      err: "'compare' takes two runs, the earlier first, but got 1: name two records or folders that hold one.\n",
    });
  });
});
