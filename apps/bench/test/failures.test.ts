import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { DatasetError } from '@fashion-bench/dataset';
import { EngineUnavailableError } from '@fashion-bench/engine';
import type { OpenFile } from '@fashion-bench/files';
import { describe, expect, it } from 'vitest';

import type { Services } from '../src/run/services.ts';
import {
  bench,
  fakeIo,
  fakeServices,
  recordIn,
  SMALL,
  systemError,
  temporaryFolder,
} from './fakes.ts';

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
      { files: { openFile: refuse(systemError('EACCES')) } },
      /^No permission to write the folder .*\.\n$/,
    ],
    [
      'a full disk at the start',
      { files: { openFile: refuse(systemError('ENOSPC')) } },
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
    const openFile: OpenFile = (path, flags) =>
      path.includes('record.json') && ++writes > 1
        ? Promise.reject(systemError('ENOSPC'))
        : open(path, flags);
    const files = { openFile };
    const outcome = await bench(['--out', out, ...SMALL], fakeServices({ files }));
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(
      /^.* pnpm bench --resume .*\nThe disk is full: .*record\.json could not be written; .*\n$/,
    );
    expect(readdirSync(out)).toEqual(['fashion-bench-files.json', 'record.json']);
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
