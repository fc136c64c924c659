// A file being written: grows under a name of its own, is hashed on the way, and gets its real name in one atomic step
// once it is whole and on the disk. Nobody ever sees a half-written file, two processes never share one.

import { createHash, randomBytes } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './errors.ts';

/** How files are opened; a test puts a disk without space here. */
export type OpenFile = (path: string, flags: string) => Promise<FileHandle>;

export class PartialFile {
  /** Bytes written since the last start. */
  received = 0;
  readonly #target: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  #hash: Hash = createHash('sha256');

  private constructor(target: string, path: string, handle: FileHandle) {
    this.#target = target;
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws DatasetError 'permission', 'disk-full' or 'io', as do the other methods. */
  static async create(target: string, openFile: OpenFile = open): Promise<PartialFile> {
    const path = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.incomplete`;
    return guard(target, async () => new PartialFile(target, path, await openFile(path, 'wx')));
  }

  async append(chunk: Uint8Array): Promise<void> {
    await guard(this.#target, async () => {
      for (let at = 0; at < chunk.length;) {
        const { bytesWritten } = await this.#handle.write(
          chunk,
          at,
          chunk.length - at,
          this.received + at,
        );
        at += bytesWritten;
      }
    });
    this.#hash.update(chunk);
    this.received += chunk.length;
  }

  /** Forgets everything written so far. */
  async restart(): Promise<void> {
    await guard(this.#target, () => this.#handle.truncate(0));
    this.#hash = createHash('sha256');
    this.received = 0;
  }

  /** SHA-256 of everything written so far, in hexadecimal. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Flushes the file to the disk and gives it its real name, replacing what is there. */
  async commit(): Promise<void> {
    await guard(this.#target, async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#path, this.#target);
    });
    await syncFolder(dirname(this.#target));
  }

  /** Closes and removes the unfinished file; does nothing after a commit. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(ignore);
    await rm(this.#path, { force: true }).catch(ignore);
  }
}

/** Makes the new name itself durable, where the system lets a folder be flushed (Windows does not). */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file itself is safe; at worst a crash now brings back the old name.
  }
}

async function guard<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, 'write', target);
  }
}

function ignore(): void {
  // Cleaning up after a failure that is already being reported.
}
