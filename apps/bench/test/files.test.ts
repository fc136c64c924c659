import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { type FileSystem, prepareFolder, writeWhole } from '../src/output/files.ts';
import { systemError, temporaryFolder } from './fakes.ts';

const failing = (code: string): FileSystem => ({
  openFile: async (path, flags) => {
    const file = await open(path, flags);
    // Like a disk that fills up half-way: some bytes are there already.
    await file.write('new');
    const fails = (): Promise<never> => Promise.reject(systemError(code));
    file.write = fails;
    file.writeFile = fails;
    return file;
  },
});

describe('writeWhole', () => {
  it('writes, replaces, and leaves no temporary file', async () => {
    const path = join(temporaryFolder(), 'record.json');
    await writeWhole(path, 'one');
    await writeWhole(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(path, '..'))).toEqual(['record.json']);
  });

  const cases: [string, RegExp][] = [
    ['ENOSPC', /^The disk is full: .*record\.json could not be written; free some space/],
    ['EDQUOT', /^The disk is full/],
    ['EACCES', /^No permission to write .*record\.json; choose another folder with --out\.$/],
    ['EROFS', /^No permission to write/],
    ['EIO', /record\.json could not be written \(EIO: simulated\)/],
  ];
  it.each(cases)(
    '%s: one sentence, the old file untouched, nothing half-written',
    async (code, words) => {
      const path = join(temporaryFolder(), 'record.json');
      await writeWhole(path, 'old');
      await expect(writeWhole(path, 'new content', failing(code))).rejects.toThrow(words);
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(join(path, '..'))).toEqual(['record.json']);
    },
  );

  it.skipIf(!existsSync('/dev/full'))('a really full device', async () => {
    // Every write to /dev/full fails with ENOSPC; only the path is bent, the operations are the real ones.
    const path = join(temporaryFolder(), 'record.json');
    const full: FileSystem = { openFile: () => open('/dev/full', 'w') };
    await expect(writeWhole(path, 'new', full)).rejects.toThrow(/^The disk is full/);
    expect(existsSync(path)).toBe(false);
  });
});

describe('prepareFolder', () => {
  it('makes parents, and can take back what it made', async () => {
    const root = temporaryFolder();
    const discard = await prepareFolder(join(root, 'a', 'b'));
    expect(readdirSync(join(root, 'a', 'b'))).toEqual([]);
    await discard();
    expect(readdirSync(root)).toEqual([]);
  });

  it('keeps a folder that was there, and one that is in use', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'old'));
    await (
      await prepareFolder(join(root, 'old'))
    )();
    const discard = await prepareFolder(join(root, 'new'));
    writeFileSync(join(root, 'new', 'record.json'), '');
    await discard();
    expect(readdirSync(root)).toEqual(['new', 'old']);
  });

  it('refuses a path through a file and a folder that cannot be written, leaving nothing', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'file'), '');
    await expect(prepareFolder(join(root, 'file', 'x'))).rejects.toThrow(/could not be written/);
    await expect(prepareFolder(join(root, 'x'), failing('EACCES'))).rejects.toThrow(
      /^No permission/,
    );
    expect(readdirSync(root)).toEqual(['file']);
  });
});
