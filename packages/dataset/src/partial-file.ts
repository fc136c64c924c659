// A file being downloaded: hashed on the way, with its real name only once it is whole and on the disk.

import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { UnfinishedFile } from '@fashion-bench/files';
import type { OpenFile } from '@fashion-bench/files';
import { fileError } from './errors.ts';

export class PartialFile {
  /** Bytes appended since it was created, whether or not it was restarted since. */
  appended = 0;
  readonly #target: string;
  readonly #file: UnfinishedFile;
  #hash: Hash = createHash('sha256');

  private constructor(target: string, file: UnfinishedFile) {
    this.#target = target;
    this.#file = file;
  }

  /** @throws DatasetError 'permission', 'disk-full' or 'io', as do the other methods. */
  static async create(target: string, openFile?: OpenFile): Promise<PartialFile> {
    const file = await guard(target, UnfinishedFile.create(target, { openFile }));
    return new PartialFile(target, file);
  }

  /** Bytes written since the last start. */
  get received(): number {
    return this.#file.size;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await guard(this.#target, this.#file.append(chunk));
    this.#hash.update(chunk);
    this.appended += chunk.length;
  }

  /** Forgets everything written so far. */
  async restart(): Promise<void> {
    await guard(this.#target, this.#file.restart());
    this.#hash = createHash('sha256');
  }

  /** SHA-256 of everything written so far, in hexadecimal. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  async commit(): Promise<void> {
    await guard(this.#target, this.#file.commit());
  }

  async discard(): Promise<void> {
    await this.#file.discard();
  }
}

async function guard<T>(target: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileError(error, 'write', target);
  }
}
