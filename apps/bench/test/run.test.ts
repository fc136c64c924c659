import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseRecord } from '@fashion-bench/report';
import { describe, expect, it } from 'vitest';

import { readSettings } from '../src/command-line/settings.ts';
import { OutputError } from '../src/process/errors.ts';
import type { RunContext } from '../src/run/context.ts';
import { expectationsOf } from '../src/run/expectations.ts';
import type { Services } from '../src/run/services.ts';
import {
  bench,
  cnnRun,
  fakeIo,
  fakeServices,
  knnResult,
  recordIn,
  SMALL,
  temporaryFolder,
} from './fakes.ts';

describe('a run', () => {
  it('writes record and report, prints the result on standard output and progress on the other', async () => {
    const out = join(temporaryFolder(), 'run');
    const outcome = await bench(['--out', out, ...SMALL], fakeServices());
    expect(outcome).toMatchObject({ code: 0, err: '' });
    expect(outcome.out).toContain('0.7500');
    expect(outcome.out).toMatch(/Report: .*report\.md\n$/);
    expect(readdirSync(out).sort()).toEqual([
      ...['fashion-bench-files.json', 'figures', 'record.json', 'report.html', 'report.md'],
    ]);
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
    expect(outcome.err).toMatch(/^Stopping after the current step .*\n.* To go on: (.*)\n$/);
    const [, command = ''] = /To go on: (.*)\n/.exec(outcome.err) ?? [];
    expect(command).toBe(`pnpm bench --resume ${out}`);
    expect(recordIn(out)).toMatchObject({
      run: { status: 'interrupted', expectations: [] },
      knn: [{ correct: 15 }],
      cnn: [{ status: 'interrupted' }],
    });
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('INTERRUPTED');
    // The line does what it says, pasted as it is.
    const again = await bench(command.split(' ').slice(2), fakeServices());
    expect(again).toMatchObject({ code: 0, err: '' });
  });

  it('the folder is quoted where a shell would split it', async () => {
    const out = join(temporaryFolder(), "Ann's run");
    const io = fakeIo();
    const knn = ({ signal }: RunContext): Promise<void> => {
      io.stop('SIGHUP');
      signal.throwIfAborted();
      return Promise.resolve();
    };
    const services = fakeServices({ parts: { ...fakeServices().parts, knn } });
    const { err } = await bench(['knn', '--quiet', '--out', out], services, io);
    expect(err).toBe(
      `What was measured is kept. To go on: pnpm bench --resume '${out.replace("'", "'\\''")}'\n`,
    );
  });

  it('an error: the same line before its sentence, where a record was written', async () => {
    const failing = fakeServices({
      parts: {
        ...fakeServices().parts,
        cnn: () => Promise.reject(new OutputError('no-space', 'The disk is full.')),
      },
    });
    const out = temporaryFolder();
    expect(await bench(['--out', out, ...SMALL], failing)).toEqual({
      ...{ code: 1, out: '' },
      err: `What was measured is kept. To go on: pnpm bench --resume ${out}\nThe disk is full.\n`,
    });
    const nothing = await bench(['cnn', '--out', temporaryFolder(), ...SMALL], failing);
    expect(nothing).toEqual({ code: 1, out: '', err: 'The disk is full.\n' });
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
