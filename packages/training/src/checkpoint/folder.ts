/**
 * The folder of one training's checkpoints: the last two, numbered in the order written. A new one gets its name only
 * once it is whole and on the disk, and the older ones go only after that, so that a crash at any moment leaves a whole
 * one behind. One training at a time may use a folder; keeping others out is the caller's business.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { types } from 'node:util';
import {
  fileError,
  readRegularFile,
  RegularFile,
  replaceFile,
  systemCode,
  targetOfTemporary,
  type FileErrorCode,
  type WriteOptions,
} from '@fashion-bench/files';
import { isObject, mustBe } from '../checks.ts';
import { checkCheckpoint } from './checks.ts';
import { CheckpointError, type CheckpointErrorCode } from '../errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint, MAGIC } from './format.ts';

const NAME = /^checkpoint-(\d{6,12})\.bin$/;
/** Of one checkpoint, written or read: 89 million weights with Adam's two moments. */
const MAX_BYTES = 2 ** 30;

export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  /** Newer ones that were passed over, newest first: one sentence each. */
  readonly skipped: readonly string[];
}

export class CheckpointFolder {
  readonly path: string;
  readonly #options: WriteOptions;
  /** Names that turned out to be damaged: never counted among the two that are kept. */
  readonly #damaged = new Set<string>();

  constructor(path: string, options: WriteOptions = {}) {
    mustBe('The path of the folder', path, 'a text', typeof path === 'string' && path !== '');
    mustBe('The value of the options', options, 'an object', isObject(options));
    this.path = path;
    this.#options = options;
  }

  /**
   * Writes the next checkpoint and removes all but the one before. The folder is made where it is missing, its parent
   * is not.
   * @returns the file's path.
   * @throws TrainingError for what is no checkpoint; CheckpointError 'no-space', 'permission', 'vanished' or 'unusable'; the ones before are then untouched.
   */
  async save(checkpoint: Checkpoint): Promise<string> {
    checkCheckpoint(checkpoint);
    const bytes = encodeCheckpoint(checkpoint);
    if (bytes.length > MAX_BYTES) {
      throw new CheckpointError(
        'unusable',
        `No checkpoint could be written to ${this.path}: it would have ${bytes.length} bytes, and ${MAX_BYTES} is the most.`,
      );
    }
    try {
      await mkdir(this.path).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
      const before = await this.#names();
      const number = numberOf(before[0] ?? '') + 1;
      const path = join(this.path, `checkpoint-${String(number).padStart(6, '0')}.bin`);
      await replaceFile(path, bytes, this.#options);
      await this.#removeAllBut([
        basename(path),
        before.find((name) => !this.#damaged.has(name)) ?? '',
      ]);
      return path;
    } catch (error) {
      throw folderError(error, 'written to', this.path);
    }
  }

  /**
   * The newest checkpoint that is whole; undefined where there is none at all.
   * @throws CheckpointError 'damaged' where there are some, but not one that can be read; 'permission' or 'unusable' where
   * the folder cannot be looked into.
   */
  async newest(): Promise<FoundCheckpoint | undefined> {
    const skipped: string[] = [];
    const names = await this.#names().catch((error: unknown) => {
      throw folderError(error, 'read from', this.path);
    });
    for (const name of names) {
      const path = join(this.path, name);
      try {
        const bytes = await readRegularFile(path, { maximumBytes: MAX_BYTES });
        const checkpoint = decodeCheckpoint(bytes, path);
        return { checkpoint, path, skipped };
      } catch (error) {
        this.#damaged.add(name);
        skipped.push(types.isNativeError(error) ? error.message : String(error));
      }
    }
    if (skipped.length === 0) return undefined;
    throw new CheckpointError('damaged', `No checkpoint can be read. ${skipped.join(' ')}`);
  }

  /** Removes every checkpoint, and what a crash left of one. */
  async clear(): Promise<void> {
    await this.#removeAllBut([]);
  }

  /** Newest first. */
  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => NAME.test(name)).sort((a, b) => numberOf(b) - numberOf(a));
  }

  /** What cannot be removed does no harm: the next one tries again. */
  async #removeAllBut(kept: readonly string[]): Promise<void> {
    for (const name of await readdir(this.path).catch(() => [])) {
      const path = join(this.path, name);
      if (!NAME.test(targetOfTemporary(name) ?? name) || kept.includes(name)) continue;
      if (targetOfTemporary(name) !== undefined || (await beginsAsOne(path))) {
        await rm(path, { force: true }).catch(ignore);
      }
    }
  }
}

/** Others name their files so, too: only what begins as a checkpoint of this program, or is empty, may go. */
async function beginsAsOne(path: string): Promise<boolean> {
  try {
    const file = await RegularFile.open(path, { maximumBytes: MAX_BYTES });
    try {
      const start = Buffer.alloc(Math.min(MAGIC.length, file.size));
      await file.read(start, 0);
      return MAGIC.subarray(0, start.length).equals(start);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1] ?? 0);
}

const CODES: Partial<Record<FileErrorCode, CheckpointErrorCode>> = {
  'no-space': 'no-space',
  permission: 'permission',
  'not-found': 'vanished',
};

/** What the system said, as one sentence. */
function folderError(
  error: unknown,
  what: 'written to' | 'read from',
  folder: string,
): CheckpointError {
  const { code: found, reason } = fileError(error, 'written', folder);
  const code = CODES[found] ?? 'unusable';
  const why = code === 'vanished' ? 'the folder is gone' : reason;
  return new CheckpointError(code, `No checkpoint could be ${what} ${folder}: ${why}.`, {
    cause: error,
  });
}

function ignore(): void {
  // A leftover file is no failure of the training.
}
