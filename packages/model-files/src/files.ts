/** Reading a file whole within a limit, and writing one whole or not at all. */
import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  FileError,
  makeFolder,
  type OpenFile,
  readRegularFile,
  RegularFile,
  replaceFile,
  systemCode,
} from '@fashion-bench/files';
import { fileError, ModelFileError } from './errors.ts';
import { MAX_FILE_BYTES } from './layers/limits.ts';

/** @throws ModelFileError 'not-found', 'unsupported' (too large, or no file), 'permission' or 'disk'. */
export async function readWhole(
  path: string,
  hint: string,
  maximumBytes: number = MAX_FILE_BYTES,
): Promise<Buffer<ArrayBuffer>> {
  return readRegularFile(path, { maximumBytes }).catch((error: unknown) =>
    refuse(error, path, hint),
  );
}

/** The first bytes of a file, or all of them. @throws ModelFileError as `readWhole` does, whatever the size. */
export async function readHead(path: string, length: number, hint: string): Promise<Uint8Array> {
  let file: RegularFile | undefined;
  try {
    file = await RegularFile.open(path, { maximumBytes: Infinity });
    const head = new Uint8Array(Math.min(length, file.size));
    await file.read(head, 0);
    return head;
  } catch (error) {
    return refuse(error, path, hint);
  } finally {
    await file?.close();
  }
}

/** Bytes of a file that `readWhole` would read. @throws ModelFileError as that does. */
export async function sizeOf(path: string, hint: string): Promise<number> {
  try {
    const file = await RegularFile.open(path, { maximumBytes: Infinity });
    await file.close();
    return file.size;
  } catch (error) {
    return refuse(error, path, hint);
  }
}

function refuse(error: unknown, path: string, hint: string): never {
  if (!(error instanceof FileError)) throw error;
  const { code, reason, cause } = error;
  if (code === 'not-found') {
    throw new ModelFileError('not-found', `${path} does not exist; ${hint}.`, { cause });
  }
  if (code === 'not-regular') {
    throw new ModelFileError('unsupported', `${path} is no file (${reason}); ${hint}.`, { cause });
  }
  if (code === 'too-large') {
    throw new ModelFileError('unsupported', `${path} is no model for this package: ${reason}.`);
  }
  throw code === 'path'
    ? new ModelFileError('not-found', `${JSON.stringify(path)} is no path of a file: ${reason}.`)
    : fileError(cause ?? error, 'read', path);
}

/**
 * Writes a file beside the place, flushes it to the disk and renames it. A file that is already there is replaced,
 * and stays as it is should anything fail; a link is followed. Parents are made where they are missing.
 * @throws ModelFileError 'exists-not-model' for a folder, 'permission' or 'disk'.
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  openFile?: OpenFile,
): Promise<void> {
  try {
    if (await isFolder(path)) {
      throw new ModelFileError(
        'exists-not-model',
        `${path} is a folder, so it was left as it is; choose the name of a file.`,
      );
    }
    await makeFolder(dirname(await realPlace(path)));
    await replaceFile(path, bytes, { openFile });
  } catch (error) {
    throw fileError(error, 'write', path);
  }
}

/** False where there is nothing, or nothing that may be looked at. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Where a link leads, so that what it points to is replaced and not the link. */
export async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return resolve(path);
    throw error;
  }
}

export function ignore(): void {
  // Cleaning up, while the outcome is already settled.
}
