/** Files and folders of a run, whole or not at all, and the errors of the command line for what goes wrong with them. */

import { randomBytes } from 'node:crypto';
import { open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import {
  FileError,
  fileError,
  makeFolder,
  type OpenFile,
  replaceFile,
  writeNewFile,
} from '@fashion-bench/files';

import { OTHER_FOLDER, OutputError } from '../process/errors.ts';

/** What can fail for want of space or permission; tests replace it. */
export interface FileSystem {
  readonly openFile: OpenFile;
}

export const nodeFiles: FileSystem = { openFile: open };

function outputError(error: unknown, what: string): OutputError {
  if (error instanceof FileError && error.cause instanceof OutputError) return error.cause;
  const { code, reason } = fileError(error, 'written', what);
  const sentences = {
    'no-space': `The disk is full: ${what} could not be written; free some space or ${OTHER_FOLDER}.`,
    permission: `No permission to write ${what}; ${OTHER_FOLDER}.`,
    unwritable: `${what} could not be written (${reason}); ${OTHER_FOLDER}.`,
  };
  const known = code === 'no-space' || code === 'permission' ? code : 'unwritable';
  return new OutputError(known, sentences[known], { cause: error });
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
  try {
    await replaceFile(path, content, files);
  } catch (error) {
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
    first = await makeFolder(folder);
  } catch (error) {
    throw outputError(error, `the folder ${folder}`);
  }
  const discard = (): Promise<void> => removeEmpty(folder, first);
  const probe = join(folder, `.write-test.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await writeNewFile(probe, 'Can this folder be written to?\n', files);
    await rm(probe, { force: true });
  } catch (error) {
    await discard();
    throw outputError(error, `the folder ${folder}`);
  }
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
