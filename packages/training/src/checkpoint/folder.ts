/**
 * The folder of one training's checkpoints: the last two, numbered in the order written. A new one gets its name only
 * once it is whole and on the disk, and the older ones go only after that, so that a crash at any moment leaves a whole
 * one behind. One training at a time may use a folder; keeping others out is the caller's business.
 */
import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { CheckpointError } from '../errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { nodeCheckpointFiles, folderError, type CheckpointFiles } from './files.ts';
import { decodeCheckpoint, encodeCheckpoint } from './format.ts';

const NAME = /^checkpoint-(\d{6,12})\.bin$/;
const UNFINISHED = /^checkpoint-\d{6,12}\.bin\.\d+\.[0-9a-f]+\.tmp$/;

export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  /** Newer ones that were passed over, newest first: one sentence each. */
  readonly skipped: readonly string[];
}

export class CheckpointFolder {
  readonly path: string;
  readonly #files: CheckpointFiles;
  /** Names that turned out to be damaged: never counted among the two that are kept. */
  readonly #damaged = new Set<string>();

  constructor(path: string, files: CheckpointFiles = nodeCheckpointFiles) {
    this.path = path;
    this.#files = files;
  }

  /**
   * Writes the next checkpoint and removes all but the one before. The folder is made where it is missing, its parent
   * is not.
   * @returns the file's path.
   * @throws CheckpointError 'no-space', 'permission', 'vanished' or 'unusable'; the ones before are then untouched.
   */
  async save(checkpoint: Checkpoint): Promise<string> {
    const bytes = encodeCheckpoint(checkpoint);
    let unfinished: string | undefined;
    try {
      await this.#files.makeFolder(this.path);
      const before = await this.#names();
      const number = numberOf(before[0] ?? '') + 1;
      const path = join(this.path, `checkpoint-${String(number).padStart(6, '0')}.bin`);
      unfinished = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
      await this.#files.writeNew(unfinished, bytes);
      await this.#files.rename(unfinished, path);
      await this.#files.syncFolder(this.path);
      await this.#removeAllBut([
        basename(path),
        before.find((name) => !this.#damaged.has(name)) ?? '',
      ]);
      return path;
    } catch (error) {
      if (unfinished !== undefined) await this.#files.remove(unfinished).catch(ignore);
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
        const checkpoint = decodeCheckpoint(await this.#files.read(path), path);
        return { checkpoint, path, skipped };
      } catch (error) {
        this.#damaged.add(name);
        const detail = error instanceof Error ? error.message : String(error);
        skipped.push(
          error instanceof CheckpointError ? detail : `${path} cannot be read: ${detail}.`,
        );
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
    const names = await this.#files.list(this.path);
    return names.filter((name) => NAME.test(name)).sort((a, b) => numberOf(b) - numberOf(a));
  }

  /** What cannot be removed does no harm: the next one tries again. */
  async #removeAllBut(kept: readonly string[]): Promise<void> {
    for (const name of await this.#files.list(this.path).catch(() => [])) {
      if ((NAME.test(name) || UNFINISHED.test(name)) && !kept.includes(name)) {
        await this.#files.remove(join(this.path, name)).catch(ignore);
      }
    }
  }
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1] ?? 0);
}

function ignore(): void {
  // A leftover file is no failure of the training.
}
