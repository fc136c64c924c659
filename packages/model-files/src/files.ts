/** Reading a file whole within a limit, and writing one whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileError, ModelFileError, systemCode } from './errors.ts';

/** How files are opened; a test puts a disk without space here. */
export type OpenFile = (path: string, flags: string) => Promise<FileHandle>;

/** Bytes of one file: far above what any model of this kind needs, far below what Node can hold. */
const MAX_FILE_BYTES: number = 1 << 30;

/** @throws ModelFileError 'not-found', 'unsupported' (too large, or no file), 'permission' or 'disk'. */
export async function readWhole(path: string, hint: string): Promise<Buffer<ArrayBuffer>> {
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      throw new ModelFileError('unsupported', `${path} is no file; ${hint}.`);
    }
    if (found.size > MAX_FILE_BYTES) {
      throw new ModelFileError(
        'unsupported',
        `${path} has ${found.size} bytes; model files of up to ${MAX_FILE_BYTES} can be read here.`,
      );
    }
    return await readFile(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, 'read', path);
    throw new ModelFileError('not-found', `${path} does not exist; ${hint}.`, { cause: error });
  }
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

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
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
