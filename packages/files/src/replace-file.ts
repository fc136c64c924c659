/** Writing files whole or not at all: under a temporary name beside the place, through to the disk, then renamed. */
import { randomBytes } from 'node:crypto';
import { open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { types } from 'node:util';
import { checkBytes, checkWriting, isObject, mustBe } from './checks.ts';
import { FileError, fileError, systemCode } from './errors.ts';
import { ignore, PIECE_BYTES } from './regular-file.ts';
import { syncFolder } from './sync-folder.ts';

/** How files are opened for writing; tests put a disk that fails here. */
export type OpenFile = (path: string, flags: string) => Promise<FileHandle>;

export interface WriteOptions {
  /** Default: that of `node:fs/promises`. */
  readonly openFile?: OpenFile | undefined;
}

/** Text is written as UTF-8; pieces one after the other, so that a large file need not be in memory at once. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Of the target's name, so much is in the temporary one: together they stay within the 143 bytes of eCryptfs. */
const KEPT_NAME_BYTES = 100;
const TEMPORARY = /^(.+)\.\d+\.[0-9a-f]{8}\.tmp$/s;

/** The name of a temporary file -> the name of the file that it was to become (of a long name, the beginning). */
export function targetOfTemporary(name: string): string | undefined {
  return TEMPORARY.exec(name)?.[1];
}

/**
 * Makes `path` a file with this content. Should anything fail, a file that is already there stays as it is, and nothing
 * half-written is left. A link is followed, and stays a link; permissions of a file that is replaced are kept.
 * @throws FileError; whatever the pieces' iterator throws
 */
export async function replaceFile(
  path: string,
  content: FileContent,
  options: WriteOptions = {},
): Promise<void> {
  checkWriting(path, options);
  const fits =
    typeof content === 'string' ||
    (isObject(content) && (Symbol.iterator in content || Symbol.asyncIterator in content));
  mustBe([path, 'written'], 'the content', content, 'a text, a Uint8Array or pieces of one', fits);
  const file = await UnfinishedFile.create(path, options);
  try {
    for await (const piece of piecesOf(content)) await file.append(piece);
    await file.commit();
  } finally {
    await file.discard();
  }
}

/**
 * Makes a new file and brings it to the disk. For what nobody looks for yet: in a fresh folder, or as a lock.
 * @throws FileError, 'io' where there is one of that name; nothing is left then
 */
export async function writeNewFile(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  checkWriting(path, options);
  const fits = typeof content === 'string' || types.isUint8Array(content);
  mustBe([path, 'written'], 'the content', content, 'a text or a Uint8Array', fits);
  const { openFile = open } = options;
  let handle: FileHandle | undefined;
  try {
    handle = await openFile(path, 'wx');
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
  } catch (error) {
    await handle?.close().catch(ignore);
    if (handle !== undefined) await rm(path, { force: true }).catch(ignore);
    throw fileError(error, 'written', path);
  }
}

/** A file that grows under a temporary name until `commit` gives it its own. */
export class UnfinishedFile {
  /** Bytes written since the last start. */
  size = 0;
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;

  private constructor(path: string, target: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** @throws FileError 'not-regular' where the place is taken by a folder, pipe or device; what the system says */
  static async create(path: string, options: WriteOptions = {}): Promise<UnfinishedFile> {
    checkWriting(path, options);
    const { openFile = open } = options;
    return guard(path, async () => {
      const target = await targetOf(path);
      const mode = await modeOf(target, path);
      const random = randomBytes(4).toString('hex');
      const temporary = join(
        dirname(target),
        `${shortened(basename(target))}.${process.pid}.${random}.tmp`,
      );
      const handle = await openFile(temporary, 'wx');
      // Not every file system has permissions.
      if (mode !== undefined) await handle.chmod(mode).catch(ignore);
      return new UnfinishedFile(path, target, temporary, handle);
    });
  }

  /** @throws FileError, as do `restart` and `commit` */
  async append(bytes: Uint8Array): Promise<void> {
    checkBytes(this.#path, 'written', bytes);
    await guard(this.#path, async () => {
      for (let done = 0; done < bytes.length;) {
        const most = Math.min(PIECE_BYTES, bytes.length - done);
        const { bytesWritten } = await this.#handle.write(bytes, done, most, this.size + done);
        done += bytesWritten;
      }
    });
    this.size += bytes.length;
  }

  /** Forgets everything written so far. */
  async restart(): Promise<void> {
    await guard(this.#path, () => this.#handle.truncate(0));
    this.size = 0;
  }

  /** Brings the file to the disk and gives it its name, replacing what is there. */
  async commit(): Promise<void> {
    await guard(this.#path, async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#temporary, this.#target);
      await syncFolder(dirname(this.#target));
    });
  }

  /** Closes and removes the unfinished file; does nothing after a commit. Never throws. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(ignore);
    await rm(this.#temporary, { force: true }).catch(ignore);
  }
}

/** Where a link leads, also one to a file that is yet to be made. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? resolve(path) : targetOf(resolve(dirname(path), link));
  }
}

/** Permissions of the file that is to be replaced; undefined where there is none. */
async function modeOf(target: string, path: string): Promise<number | undefined> {
  try {
    const found = await stat(target);
    if (found.isFile()) return found.mode & 0o777;
    const kind = found.isDirectory() ? 'a folder' : 'no regular file (a pipe, say, or a device)';
    throw new FileError('not-regular', 'written', path, `it is ${kind}`);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The name, or as many of its characters as fit. */
function shortened(name: string): string {
  let short = '';
  for (const character of name) {
    if (Buffer.byteLength(short + character) > KEPT_NAME_BYTES) break;
    short += character;
  }
  return short;
}

function piecesOf(content: FileContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content)];
  return types.isUint8Array(content) ? [content] : content;
}

async function guard<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, 'written', path);
  }
}
