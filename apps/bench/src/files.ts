/**
 * Writing a file whole or not at all: a temporary file beside it, fsync, rename. A run of hours must not
 * end in half a record because the disk filled up.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { codeOf, OutputError } from './errors.ts';

/** The file operations that can fail for want of space or permission; tests replace them. */
export interface FileSystem {
  /** Writes and syncs a new file; fails when it exists. */
  writeNew(path: string, content: string | Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes a folder and its parents; gives back the first folder it had to make. */
  makeFolder(path: string): Promise<string | undefined>;
}

export const nodeFiles: FileSystem = {
  writeNew: async (path, content) => {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename,
  makeFolder: (path) => mkdir(path, { recursive: true }),
};

function outputError(error: unknown, what: string): OutputError {
  const options = { cause: error };
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new OutputError(
        'no-space',
        `The disk is full: ${what} could not be written; free some space or choose another folder with --out.`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new OutputError(
        'permission',
        `No permission to write ${what}; choose another folder with --out.`,
        options,
      );
    default: {
      const detail = error instanceof Error ? error.message : String(error);
      return new OutputError(
        'unwritable',
        `${what} could not be written (${detail}); choose another folder with --out.`,
        options,
      );
    }
  }
}

/**
 * @throws OutputError when the file could not be written whole; an older file of that name is then untouched
 *   and the temporary file is gone.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  files: FileSystem = nodeFiles,
): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await files.writeNew(temporary, content);
    await files.rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw outputError(error, path);
  }
}

/**
 * Makes the folder and proves that a file can be written into it, so that a run does not find out after
 * hours. Gives back a function that removes what was made as long as it is empty.
 *
 * @throws OutputError
 */
export async function prepareFolder(
  folder: string,
  files: FileSystem = nodeFiles,
): Promise<() => Promise<void>> {
  let first: string | undefined;
  try {
    first = await files.makeFolder(folder);
  } catch (error) {
    throw outputError(error, `the folder ${folder}`);
  }
  const discard = (): Promise<void> => removeEmpty(folder, first);
  const probe = join(folder, `.write-test.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await files.writeNew(probe, 'Can this folder be written to?\n');
  } catch (error) {
    await rm(probe, { force: true });
    await discard();
    throw outputError(error, `the folder ${folder}`);
  }
  await rm(probe, { force: true });
  return discard;
}

/** Removes `folder` and its parents up to `first`; stops silently at the first that is not empty. */
async function removeEmpty(folder: string, first: string | undefined): Promise<void> {
  if (first === undefined) return; // the folder was there before: not ours to remove
  for (let path = folder; path.length >= first.length; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return;
    }
  }
}
