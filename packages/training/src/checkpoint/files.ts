/** The file operations of checkpoints, in one record so that tests can put a disk that fails in their place. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { CheckpointError, type CheckpointErrorCode } from '../errors.ts';

export interface CheckpointFiles {
  /** Makes one folder inside an existing one; it may be there already. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder; none where there is no folder. */
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array>;
  /** Writes a new file through to the disk. */
  writeNew(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes the names in a folder durable, where the system lets a folder be flushed (Windows does not). */
  syncFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export const nodeCheckpointFiles: CheckpointFiles = {
  makeFolder: async (path) => {
    await mkdir(path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  },
  list: async (path) => {
    try {
      return await readdir(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  read: (path) => readFile(path),
  writeNew: async (path, bytes) => {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename,
  syncFolder: async (path) => {
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  },
  remove: (path) => rm(path, { force: true }),
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const REASONS: Readonly<Record<string, readonly [CheckpointErrorCode, string]>> = {
  ENOSPC: ['no-space', 'the disk is full'],
  EDQUOT: ['no-space', 'the disk quota is used up'],
  EACCES: ['permission', 'there is no permission'],
  EPERM: ['permission', 'there is no permission'],
  EROFS: ['permission', 'the disk is read-only'],
  ENOENT: ['vanished', 'the folder is gone'],
};

/** What the system said, as one sentence. */
export function folderError(
  error: unknown,
  what: 'written to' | 'read from',
  folder: string,
): CheckpointError {
  const detail = error instanceof Error ? error.message : String(error);
  const [code, why] = REASONS[codeOf(error)] ?? (['unusable', detail] as const);
  return new CheckpointError(code, `No checkpoint could be ${what} ${folder}: ${why}.`, {
    cause: error,
  });
}
