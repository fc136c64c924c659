// What is promised of reading and writing, on a real disk, with a handle that fails where a disk would.
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
} from 'node:fs/promises';
import { rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  FileError,
  homeFolder,
  makeFolder,
  readRegularFile,
  RegularFile,
  replaceFile,
  syncFolder,
  targetOfTemporary,
  UnfinishedFile,
  writeNewFile,
} from '../src/index.ts';
import type { OpenFile } from '../src/index.ts';

let root = '';
let folder = '';
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'files-test-'));
});

beforeEach(async () => {
  folder = join(root, String(count++));
  await mkdir(folder);
});

afterAll(() => rm(root, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const text = (path: string): Promise<string> => readFile(path, 'utf8');
const limits = { maximumBytes: 100 };

/** The error of `work`, as its code and message. */
async function failure(work: Promise<unknown>): Promise<readonly [string, string]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FileError)) throw new Error(`no FileError: ${String(error)}`);
  expect(error.message).toMatch(/^[^\n]+\.$/);
  return [error.code, error.message];
}

/** A disk whose handles fail at one method with one system code. */
function failing(method: 'write' | 'sync' | 'writeFile', code: string): OpenFile {
  return async (path, flags) => {
    const handle = await open(path, flags);
    handle[method] = () => Promise.reject(Object.assign(new Error(`${code}: made up`), { code }));
    return handle;
  };
}

describe('reading', () => {
  test('gives the bytes, up to the limit and not beyond', async () => {
    await writeFile(at('a'), 'x'.repeat(100));
    expect((await readRegularFile(at('a'), limits)).toString()).toBe('x'.repeat(100));
    await appendFile(at('a'), 'y');
    expect(await failure(readRegularFile(at('a'), limits))).toEqual([
      'too-large',
      `${at('a')} could not be read: it has 101 bytes, more than the 100 that are allowed.`,
    ]);
  });

  test('an empty file is no bytes', async () => {
    await writeFile(at('a'), '');
    expect(await readRegularFile(at('a'), limits)).toHaveLength(0);
  });

  test('what is appended after opening is not read; a file that shrinks is an error', async () => {
    await writeFile(at('a'), 'abcdef');
    const file = await RegularFile.open(at('a'), limits);
    await appendFile(at('a'), 'x'.repeat(1000));
    const bytes = Buffer.alloc(file.size);
    await file.read(bytes, 0);
    expect(bytes.toString()).toBe('abcdef');
    await truncate(at('a'), 3);
    expect(await failure(file.read(bytes, 0))).toEqual([
      'io',
      `${at('a')} could not be read: it ended early while it was read.`,
    ]);
    await file.close();
  });

  test('a sparse file of a terabyte is refused by its size', async () => {
    await writeFile(at('a'), '');
    await truncate(at('a'), 2 ** 40);
    expect((await failure(readRegularFile(at('a'), limits)))[0]).toBe('too-large');
  });

  test.skipIf(process.platform === 'win32')('a pipe that nobody writes to is no wait', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    await symlink(at('pipe'), at('link'));
    for (const name of ['pipe', 'link']) {
      expect(await failure(readRegularFile(at(name), limits))).toEqual([
        'not-regular',
        `${at(name)} could not be read: it is no regular file (a pipe, say, or a device).`,
      ]);
    }
  });

  test.skipIf(process.platform === 'win32')('nor is a device without end', async () => {
    await symlink('/dev/zero', at('zero'));
    expect((await failure(readRegularFile(at('zero'), limits)))[0]).toBe('not-regular');
    expect((await failure(readRegularFile('/dev/tty', limits)))[0]).toBe('not-regular');
  });

  test.each([
    ['not-found', 'missing', 'there is no such file or folder'],
    ['not-found', 'file/below', 'a part of its path is a file where a folder is needed'],
    ['not-regular', '.', 'it is a folder'],
    ['path', 'x'.repeat(256), 'its name is too long'],
    ['path', 'a\0b', 'its name holds a NUL character'],
    ['path', 'circle', 'its links lead in a circle'],
  ])('%s: %.20s', async (code, name, reason) => {
    await writeFile(at('file'), '');
    await symlink(at('circle'), at('circle'));
    const path = `${folder}/${name}`;
    expect(await failure(readRegularFile(path, limits))).toEqual([
      code,
      `${path} could not be read: ${reason}.`,
    ]);
  });
});

describe('replacing', () => {
  test('text, bytes, pieces and pieces that come later', async () => {
    await replaceFile(at('a'), 'text ü\n');
    expect(await text(at('a'))).toBe('text ü\n');
    await replaceFile(at('a'), Buffer.from([1, 2]));
    expect([...(await readFile(at('a')))]).toEqual([1, 2]);
    await replaceFile(at('a'), [Buffer.from('one '), Buffer.from('two')]);
    expect(await text(at('a'))).toBe('one two');
    async function* later(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('three ');
      await Promise.resolve();
      yield Buffer.from('four');
    }
    await replaceFile(at('a'), later());
    expect(await text(at('a'))).toBe('three four');
    expect(await readdir(folder)).toEqual(['a']);
  });

  test('a system that takes three bytes at a time gets all of them', async () => {
    const openFile: OpenFile = async (path, flags) => {
      const handle = await open(path, flags);
      const write = handle.write.bind(handle);
      handle.write = ((bytes: Uint8Array, offset: number, length: number, position: number) =>
        write(bytes, offset, Math.min(3, length), position)) as typeof handle.write;
      return handle;
    };
    await replaceFile(at('a'), 'abcdefghij', { openFile });
    expect(await text(at('a'))).toBe('abcdefghij');
  });

  test.each(['write', 'sync'] as const)(
    'a full disk at %s leaves what was there',
    async (method) => {
      await writeFile(at('a'), 'old');
      const openFile = failing(method, 'ENOSPC');
      expect(await failure(replaceFile(at('a'), 'new', { openFile }))).toEqual([
        'no-space',
        `${at('a')} could not be written: the disk is full.`,
      ]);
      expect(await text(at('a'))).toBe('old');
      expect(await readdir(folder)).toEqual(['a']);
    },
  );

  test('pieces that fail midway leave what was there, and their own error', async () => {
    await writeFile(at('a'), 'old');
    function* pieces(): Generator<Uint8Array> {
      yield Buffer.from('new');
      throw new RangeError('no more');
    }
    await expect(replaceFile(at('a'), pieces())).rejects.toThrow(new RangeError('no more'));
    expect(await text(at('a'))).toBe('old');
    expect(await readdir(folder)).toEqual(['a']);
  });

  test('a clean-up that fails does not hide the first error', async () => {
    const openFile: OpenFile = async (path, flags) => {
      const handle = await failing('write', 'ENOSPC')(path, flags);
      await rm(folder, { recursive: true });
      await writeFile(folder, 'a file where the folder was: rm would say ENOTDIR');
      return handle;
    };
    expect((await failure(replaceFile(at('a'), 'new', { openFile })))[0]).toBe('no-space');
  });

  test.each(['x'.repeat(255), 'ü'.repeat(127), '👕'.repeat(63)])(
    'a name as long as the system takes: %.3s',
    async (name) => {
      await replaceFile(at(name), 'long');
      expect(await readdir(folder)).toEqual([name]);
    },
  );

  test('a link stays a link, through two links and to a file that is yet to be made', async () => {
    await mkdir(at('elsewhere'));
    await symlink(join('elsewhere', 'file'), at('link'));
    await symlink('link', at('second'));
    for (const content of ['made', 'replaced']) {
      await replaceFile(at('second'), content);
      expect(await text(at('elsewhere/file'))).toBe(content);
      expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
      expect((await lstat(at('second'))).isSymbolicLink()).toBe(true);
    }
    expect((await readdir(folder)).sort()).toEqual(['elsewhere', 'link', 'second']);
    expect(await readdir(at('elsewhere'))).toEqual(['file']);
  });

  test.skipIf(process.platform === 'win32')('permissions stay', async () => {
    await writeFile(at('a'), 'old');
    await chmod(at('a'), 0o600);
    await replaceFile(at('a'), 'new');
    expect((await stat(at('a'))).mode & 0o777).toBe(0o600);
  });

  test.skipIf(process.platform === 'win32')('a pipe is not replaced', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(await failure(replaceFile(at('pipe'), 'x'))).toEqual([
      'not-regular',
      `${at('pipe')} could not be written: it is no regular file (a pipe, say, or a device).`,
    ]);
    expect((await lstat(at('pipe'))).isFIFO()).toBe(true);
  });

  test.each([
    ['not-found', 'missing/a', 'there is no such file or folder'],
    ['not-found', 'file/below', 'a part of its path is a file where a folder is needed'],
    ['not-regular', '.', 'it is a folder'],
    ['path', 'x'.repeat(256), 'its name is too long'],
    ['path', 'a\0b', 'its name holds a NUL character'],
    ['path', 'circle', 'its links lead in a circle'],
  ])('%s: %.20s', async (code, name, reason) => {
    await writeFile(at('file'), '');
    await symlink(at('circle'), at('circle'));
    const path = `${folder}/${name}`;
    expect(await failure(replaceFile(path, 'x'))).toEqual([
      code,
      `${path} could not be written: ${reason}.`,
    ]);
    expect((await readdir(folder)).sort()).toEqual(['circle', 'file']);
  });
});

describe('an unfinished file', () => {
  test('starts over, and has its name only at the end', async () => {
    const file = await UnfinishedFile.create(at('a'));
    await file.append(Buffer.from('forgotten'));
    await file.restart();
    await file.append(Buffer.from('kept'));
    expect(file.size).toBe(4);
    const [name = ''] = await readdir(folder);
    expect(targetOfTemporary(name)).toBe('a');
    await file.commit();
    await file.discard();
    expect(await text(at('a'))).toBe('kept');
    expect(await readdir(folder)).toEqual(['a']);
  });

  test('other names are no temporary ones', () => {
    expect(['a', 'a.tmp', 'a.1.tmp', '.1.01234567.tmp'].map(targetOfTemporary)).toEqual(
      Array.from({ length: 4 }),
    );
  });
});

describe('a new file', () => {
  test('is not written over another, and nothing is left of a failure', async () => {
    await writeNewFile(at('a'), 'first');
    expect((await failure(writeNewFile(at('a'), 'second')))[0]).toBe('io');
    expect(await text(at('a'))).toBe('first');
    const openFile = failing('writeFile', 'EDQUOT');
    expect((await failure(writeNewFile(at('b'), 'x', { openFile })))[0]).toBe('no-space');
    expect(await readdir(folder)).toEqual(['a']);
  });
});

describe('making a folder', () => {
  test('and its parents, and says which was the first', async () => {
    expect(await makeFolder(at('a/b/c'))).toBe(at('a'));
    expect(await makeFolder(at('a/b/c'))).toBeUndefined();
    expect(await makeFolder(at('a/b/d'))).toBe(at('a/b/d'));
    await writeFile(at('file'), '');
    expect((await failure(makeFolder(at('file/a'))))[0]).toBe('not-found');
    expect((await failure(makeFolder(at('file'))))[0]).toBe('io');
  });

  test.skipIf(process.platform !== 'linux')('ends below /proc', async () => {
    expect((await failure(makeFolder('/proc/none/here')))[0]).toBe('not-found');
  });
});

test('the home folder is null where the system knows none', () => {
  const { HOME } = process.env;
  try {
    process.env['HOME'] = '/somewhere';
    expect(homeFolder()).toBe('/somewhere');
    process.env['HOME'] = '';
    expect(homeFolder()).not.toBe('');
  } finally {
    process.env['HOME'] = HOME;
  }
});

describe('syncing a folder', () => {
  test('says nothing of one that is there, and what is wrong with one that is not', async () => {
    await syncFolder(folder);
    expect((await failure(syncFolder(at('missing'))))[0]).toBe('not-found');
  });
});
