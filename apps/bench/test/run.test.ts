import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { DatasetError } from '@fashion-bench/dataset';
import { EngineUnavailableError } from '@fashion-bench/engine';
import { parseRecord, type RunRecord } from '@fashion-bench/report';
import { describe, expect, it } from 'vitest';

import type { RunContext } from '../src/context.ts';
import { expectationsOf } from '../src/expectations.ts';
import { nodeFiles } from '../src/files.ts';
import { latestRun } from '../src/folders.ts';
import type { Services } from '../src/services.ts';
import { readSettings } from '../src/settings.ts';
import {
  bench,
  cnnRun,
  fakeIo,
  fakeServices,
  knnResult,
  systemError,
  temporaryFolder,
} from './fakes.ts';

function recordIn(folder: string): RunRecord {
  return parseRecord(readFileSync(join(folder, 'record.json'), 'utf8'));
}

/** Parts that promise nothing: a set of this size is a subset of the real one. */
const SMALL = ['--train-limit', '60', '--test-limit', '20'];

describe('a run', () => {
  it('writes record and report, prints the result on standard output and progress on the other', async () => {
    const out = join(temporaryFolder(), 'run');
    const outcome = await bench(['--out', out, ...SMALL], fakeServices());
    expect(outcome).toMatchObject({ code: 0, err: '' });
    expect(outcome.out).toContain('0.7500');
    expect(outcome.out).toMatch(/Report: .*report\.md\n$/);
    expect(readdirSync(out).sort()).toEqual(['record.json', 'report.md']);
    const record = recordIn(out);
    expect(record).toMatchObject({
      run: { status: 'completed', quick: false, synthetic: false, seed: 42, expectations: [] },
      data: { trainCount: 60, testCount: 20, trainLimit: 60 },
      knn: [{ correct: 15 }],
      cnn: [{ finalTestAccuracy: 0.9 }],
      kernels: [{ kernel: 'exact' }],
    });
    expect(record.run.command).toBe(`pnpm bench --out ${out} --train-limit 60 --test-limit 20`);
    expect(record.run.packages).toEqual({ 'onnxruntime-node': '1.30.0' });
    expect(record.run.peakMemoryBytes).toBeGreaterThan(1e6);
    expect(record.engines).toHaveLength(2);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toMatch(/^# /);
  });

  it('one part leaves the others out', async () => {
    const out = temporaryFolder();
    await bench(['kernels', '--out', out, '--synthetic', '--quick'], fakeServices());
    expect(recordIn(out)).toMatchObject({
      run: { synthetic: true, quick: true },
      knn: [],
      cnn: [],
      kernels: [{}],
    });
  });

  it('--json prints the record and nothing else', async () => {
    const out = temporaryFolder();
    const outcome = await bench(['knn', '--out', out, '--json', ...SMALL], fakeServices());
    expect(parseRecord(outcome.out)).toEqual(recordIn(out));
  });

  it('never writes over a record', async () => {
    const out = temporaryFolder();
    await bench(['knn', '--out', out], fakeServices());
    const before = readFileSync(join(out, 'record.json'), 'utf8');
    const outcome = await bench(['knn', '--out', out], fakeServices());
    expect(outcome.code).toBe(1);
    expect(outcome.err).toMatch(/^.* holds a record already, .*\.\n$/);
    expect(readFileSync(join(out, 'record.json'), 'utf8')).toBe(before);
  });
});

describe('stated bands, of the full recipe only', () => {
  const parts = (uniform: number, cnn: number): Partial<Services> => ({
    parts: {
      ...fakeServices().parts,
      knn: async ({ journal, data }) => {
        // The counts are those of the whole set; the images are made up.
        expect(data.info.testLimit).toBeNull();
        const total = 10_000;
        await journal.addKnn(knnResult({ correct: uniform, total, accuracy: uniform / total }));
        await journal.addKnn(
          knnResult({ weights: 'distance', correct: 8577, total, accuracy: 0.8577 }),
        );
        await journal.addKnn(knnResult({ k: 9, correct: 1, total, accuracy: 0.0001 }));
      },
      cnn: ({ journal }) =>
        journal.setCnn(
          cnnRun({ finalTestAccuracy: cnn, correct: Math.round(cnn * 10_000), total: 10_000 }),
        ),
    },
  });

  it('met: exit code 0', async () => {
    const out = temporaryFolder();
    const outcome = await bench(['--out', out], fakeServices(parts(8554, 0.918)));
    expect(outcome).toMatchObject({ code: 0, err: '' });
    expect(recordIn(out).run.expectations).toEqual([
      {
        name: 'k-NN images right, k = 5, uniform weights',
        expected: 'exactly 8554 of 10000',
        measured: 8554,
        ok: true,
      },
      {
        name: 'k-NN images right, k = 5, distance weights',
        expected: 'exactly 8577 of 10000',
        measured: 8577,
        ok: true,
      },
      {
        name: 'CNN test accuracy after 1 epochs',
        expected: 'at least 0.918',
        measured: 0.918,
        ok: true,
      },
    ]);
  });

  it('missed: exit code 3, all files written, the figure named even when quiet', async () => {
    const out = temporaryFolder();
    const outcome = await bench(['--out', out, '--quiet'], fakeServices(parts(8555, 0.9179)));
    expect(outcome.code).toBe(3);
    expect(outcome.err).toMatch(
      /^Outside its stated band: k-NN .*: expected exactly 8554 .*8555\.\nOutside .*0\.9179\.\n$/,
    );
    expect(recordIn(out).run).toMatchObject({ status: 'completed' });
  });

  it.each([
    { quick: true },
    { synthetic: true },
    { trainLimit: '100' },
    { epochs: '3' },
    { augment: 'none' },
    { batchSize: '8' },
  ] as const)('no promise for the network with %o', (raw) => {
    const results = { knn: [], cnn: [cnnRun()] };
    expect(expectationsOf(readSettings({}), results)).toHaveLength(1);
    expect(expectationsOf(readSettings(raw), results)).toEqual([]);
  });

  it('no promise for an interrupted training, another k, or other weights of a subset', () => {
    const knn = [knnResult({ k: 9 })];
    const cnn = [cnnRun({ status: 'interrupted' })];
    expect(expectationsOf(readSettings({}), { knn, cnn })).toEqual([]);
    expect(expectationsOf(readSettings({ testLimit: '9' }), { knn: [knnResult()], cnn })).toEqual(
      [],
    );
  });
});

describe('stopped by the user', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s keeps what was measured: exit code %d', async (signal, code) => {
    const out = temporaryFolder();
    const io = fakeIo();
    const services = fakeServices({
      parts: {
        ...fakeServices().parts,
        cnn: async ({ journal, signal: stopped }) => {
          await journal.setCnn(cnnRun({ epochsRequested: 3, status: 'interrupted' }));
          io.stop(signal);
          stopped.throwIfAborted();
        },
      },
    });
    const outcome = await bench(['--out', out, ...SMALL], services, io);
    expect(outcome.code).toBe(code);
    expect(outcome.err).toContain('Stopping after the current step');
    expect(recordIn(out)).toMatchObject({
      run: { status: 'interrupted', expectations: [] },
      knn: [{ correct: 15 }],
      cnn: [{ status: 'interrupted' }],
    });
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('INTERRUPTED');
  });

  it('before the first result: a record that says so, and nothing in it', async () => {
    const out = temporaryFolder();
    const io = fakeIo();
    const knn = ({ signal }: RunContext): Promise<void> => {
      io.stop('SIGINT');
      signal.throwIfAborted();
      return Promise.resolve();
    };
    const services = fakeServices({ parts: { ...fakeServices().parts, knn } });
    expect(await bench(['--out', out], services, io)).toMatchObject({ code: 130 });
    expect(recordIn(out)).toMatchObject({ run: { status: 'interrupted' }, knn: [], kernels: [] });
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('INTERRUPTED');
  });

  it('before the data is loaded: nothing is written', async () => {
    const out = join(temporaryFolder(), 'run');
    const io = fakeIo();
    const services = fakeServices({
      loadImages: (_, { signal }) => {
        io.stop('SIGINT');
        return Promise.reject(
          signal.reason instanceof Error ? signal.reason : new Error('not aborted'),
        );
      },
    });
    const outcome = await bench(['knn', '--out', out, '--quiet'], services, io);
    expect(outcome).toEqual({ code: 130, out: '', err: 'Stopped by SIGINT.\n' });
    expect(existsSync(out)).toBe(false);
  });
});

describe('failures: exit code 1, one sentence, nothing half-written', () => {
  const refuse = (error: Error) => (): Promise<never> => Promise.reject(error);
  it.each(['download', 'is-mnist', 'swapped', 'corrupt', 'permission', 'disk-full'] as const)(
    'data: %s',
    async (code) => {
      const out = join(temporaryFolder(), 'run');
      const error = new DatasetError(code, `What is wrong: ${code}.`);
      const outcome = await bench(['--out', out], fakeServices({ loadImages: refuse(error) }));
      expect(outcome).toEqual({ code: 1, out: '', err: `What is wrong: ${code}.\n` });
      expect(existsSync(out)).toBe(false);
    },
  );

  const cases: [string, Partial<Services>, RegExp][] = [
    [
      'missing data',
      { loadImages: refuse(new DatasetError('not-found', 'No data.')) },
      /^No data\.\n$/,
    ],
    [
      'damaged data',
      { loadImages: refuse(new DatasetError('corrupt', 'Bad bytes.')) },
      /^Bad bytes\.\n$/,
    ],
    [
      'an engine that is missing',
      { resolveEngine: refuse(new EngineUnavailableError('tensorflow', 'not installed.')) },
      /^Engine tensorflow cannot be used: not installed\.\n$/,
    ],
    [
      'a bug',
      { loadImages: refuse(new TypeError('x is not a function')) },
      /^Unexpected error: x is not a function\. \(FASHION_BENCH_DEBUG=1 shows where\.\)\n$/,
    ],
    [
      'no permission for the output',
      { files: { ...nodeFiles, writeNew: refuse(systemError('EACCES')) } },
      /^No permission to write the folder .*\.\n$/,
    ],
    [
      'a full disk at the start',
      { files: { ...nodeFiles, writeNew: refuse(systemError('ENOSPC')) } },
      /^The disk is full: .*\.\n$/,
    ],
  ];
  it.each(cases)('%s', async (_, changes, sentence) => {
    const out = join(temporaryFolder(), 'run');
    const outcome = await bench(['knn', '--out', out], fakeServices(changes));
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(sentence);
    expect(existsSync(out)).toBe(false);
  });

  it('a disk that fills up later keeps the last whole record', async () => {
    const out = temporaryFolder();
    let writes = 0;
    const files = {
      ...nodeFiles,
      writeNew: (path: string, text: string) =>
        ++writes > 2 ? Promise.reject(systemError('ENOSPC')) : nodeFiles.writeNew(path, text),
    };
    const outcome = await bench(['--out', out, ...SMALL], fakeServices({ files }));
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(/^The disk is full: .*record\.json could not be written; .*\n$/);
    expect(readdirSync(out)).toEqual(['record.json']);
    expect(recordIn(out)).toMatchObject({ run: { status: 'interrupted' }, knn: [{}], kernels: [] });
  });

  it('an output folder below a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const outcome = await bench(['knn', '--out', join(folder, 'file', 'x')], fakeServices());
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(/^the folder .*\/file\/x could not be written .*\n$/i);
  });

  it('FASHION_BENCH_DEBUG adds the stack', async () => {
    const io = fakeIo({ FASHION_BENCH_DEBUG: '1' });
    const { err } = await bench(['svm'], fakeServices(), io);
    expect(err).toMatch(/^Unknown command 'svm'.*\nUsageError: .*\n\s+at /);
  });
});

describe('data that cannot be used, with the real loader', () => {
  it('a folder without the files, and no network asked', async () => {
    const data = temporaryFolder();
    const outcome = await bench(['knn', '--data-dir', data, '--out', join(data, 'run')]);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err.trim().split('\n')).toHaveLength(1);
    expect(outcome.err).toContain(data);
    expect(readdirSync(data)).toEqual([]);
  });

  it('files that are not what their names say', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'd'));
    for (const name of [
      'train-images-idx3',
      'train-labels-idx1',
      't10k-images-idx3',
      't10k-labels-idx1',
    ]) {
      writeFileSync(join(data, 'd', `${name}-ubyte`), 'not an IDX file');
    }
    const outcome = await bench(['cnn', '--data-dir', join(data, 'd'), '--out', join(data, 'run')]);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(data)).toEqual(['d']);
  });
});

describe('folders without permission', () => {
  it('of the data', async () => {
    const [data, out] = [temporaryFolder(), temporaryFolder()];
    chmodSync(data, 0o000);
    chmodSync(out, 0o777);
    const outcome = await unprivileged(() =>
      bench(['knn', '--data-dir', data, '--out', join(out, 'run')]),
    );
    chmodSync(data, 0o700);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(/^No permission to read .*\.\n$/);
    expect(readdirSync(out)).toEqual([]);
  });

  it('of the output', async () => {
    const out = temporaryFolder();
    chmodSync(out, 0o555);
    const argv = ['knn', '--out', join(out, 'run')];
    const outcome = await unprivileged(() => bench(argv, fakeServices()));
    chmodSync(out, 0o700);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(/^No permission to write the folder .*\/run; choose .*\.\n$/);
    expect(readdirSync(out)).toEqual([]);
  });
});

/** Permissions do not hold root back, so root works as nobody for the moment. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.('nobody');
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

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
