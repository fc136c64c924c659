/** Reading files that others may have made: never a pipe or a device, and never more bytes than the caller allows. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { checkBytes, checkLimits, mustBe } from './checks.ts';
import { FileError, fileError } from './errors.ts';

export interface ReadLimits {
  /** Bytes; a file that has more is refused before anything is read. */
  readonly maximumBytes: number;
}

/** One call of the system reads or writes at most this much; Node refuses 2 GiB and more. */
export const PIECE_BYTES: number = 2 ** 26;

/** A regular file that is open for reading. Whoever opened it closes it. */
export class RegularFile {
  readonly path: string;
  /** Bytes it had when it was opened. What is appended later is not part of it. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /**
   * Follows links. A pipe or device is opened without waiting for anybody and given up at once.
   * @throws FileError 'not-regular', 'too-large', or what the system says
   */
  static async open(path: string, limits: ReadLimits): Promise<RegularFile> {
    checkLimits(path, limits);
    const { maximumBytes } = limits;
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    let handle: FileHandle | undefined;
    try {
      // Windows has neither flag: undefined counts as 0.
      handle = await open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
      const found = await handle.stat();
      if (!found.isFile()) {
        const kind = found.isDirectory()
          ? 'a folder'
          : 'no regular file (a pipe, say, or a device)';
        throw new FileError('not-regular', 'read', path, `it is ${kind}`);
      }
      if (found.size > maximumBytes) {
        const reason = `it has ${found.size} bytes, more than the ${maximumBytes} that are allowed`;
        throw new FileError('too-large', 'read', path, reason);
      }
      return new RegularFile(path, found.size, handle);
    } catch (error) {
      await handle?.close().catch(ignore);
      throw fileError(error, 'read', path);
    }
  }

  /**
   * Fills `into` with the bytes from `position` on.
   * @throws FileError 'io' where the file ends before; what the system says
   */
  async read(into: Uint8Array, position: number): Promise<void> {
    checkBytes(this.path, 'read', into);
    const fits = Number.isSafeInteger(position) && position >= 0;
    mustBe([this.path, 'read'], 'the position', position, 'a whole number', fits);
    try {
      for (let done = 0; done < into.length;) {
        const most = Math.min(PIECE_BYTES, into.length - done);
        const { bytesRead } = await this.#handle.read(into, done, most, position + done);
        if (bytesRead === 0) {
          throw new FileError('io', 'read', this.path, 'it ended early while it was read');
        }
        done += bytesRead;
      }
    } catch (error) {
      throw fileError(error, 'read', this.path);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(ignore);
  }
}

/**
 * A regular file whole.
 * @returns the bytes that it had when it was opened; none of a file in /proc, whose size is 0
 * @throws FileError 'not-regular', 'too-large', or what the system says
 */
export async function readRegularFile(
  path: string,
  limits: ReadLimits,
): Promise<Buffer<ArrayBuffer>> {
  const file = await RegularFile.open(path, limits);
  try {
    const bytes = Buffer.allocUnsafeSlow(file.size);
    await file.read(bytes, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

export function ignore(): void {
  // Cleaning up, while the outcome is already settled.
}
