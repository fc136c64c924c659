/** Reading a file whole within a limit, and writing one whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError, readRegularFile, RegularFile } from '@fashion-bench/files';
import { fileError, ModelFileError, systemCode } from './errors.ts';
import { MAX_FILE_BYTES } from './layers/limits.ts';

/** How files are opened; a test puts a disk without space here. */
export type OpenFile = (path: string, flags: string) => Promise<FileHandle>;

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
  openFile: OpenFile = open,
): Promise<void> {
  let fresh: string | undefined;
  try {
    const target = await realPlace(path);
    if (await isFolder(target)) {
      throw new ModelFileError(
        'exists-not-model',
        `${path} is a folder, so it was left as it is; choose the name of a file.`,
      );
    }
    await mkdir(dirname(target), { recursive: true });
    fresh = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.incomplete`;
    await writeThrough(fresh, bytes, openFile);
    await rename(fresh, target);
    await syncFolder(dirname(target));
  } catch (error) {
    if (fresh !== undefined) await rm(fresh, { force: true }).catch(ignore);
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

/** A new file whose bytes have reached the disk. */
export async function writeThrough(
  path: string,
  bytes: Uint8Array,
  openFile: OpenFile,
): Promise<void> {
  const handle = await openFile(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes names durable, where the system lets a folder be flushed (Windows does not). */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The files themselves are safe.
  }
}

export function ignore(): void {
  // Cleaning up, while the outcome is already settled.
}
