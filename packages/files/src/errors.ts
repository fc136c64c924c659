/** What goes wrong with a file, as one sentence and a code. */

/**
 * - `not-found`: there is no such file, or no such folder to write it into
 * - `not-regular`: it is a folder, a pipe, a device or a socket
 * - `too-large`: it has more bytes than the reader allows
 * - `permission`: reading or writing is not allowed, or the disk is read-only
 * - `no-space`: the disk is full, or a quota used up
 * - `path`: the system takes no such path (no text, too long, a circle of links, a NUL character)
 * - `argument`: another argument is not what the types promise
 * - `io`: anything else that the system reports
 */
export type FileErrorCode =
  | 'not-found'
  | 'not-regular'
  | 'too-large'
  | 'permission'
  | 'no-space'
  | 'path'
  | 'argument'
  | 'io';

export type FileAction = 'read' | 'written';

/** A file could not be read or written. The message is a sentence that names the path. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: FileErrorCode;
  readonly path: string;
  /** The end of the message alone, such as `the disk is full`: for callers who say the rest in their own words. */
  readonly reason: string;

  constructor(
    code: FileErrorCode,
    action: FileAction,
    path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path} could not be ${action}: ${reason}.`, options);
    this.code = code;
    this.path = path;
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<string, readonly [FileErrorCode, string]>> = {
  ENOENT: ['not-found', 'there is no such file or folder'],
  ENOTDIR: ['not-found', 'a part of its path is a file where a folder is needed'],
  EEXIST: ['io', 'there is something of that name already'],
  EISDIR: ['not-regular', 'it is a folder'],
  ENXIO: ['not-regular', 'it is a socket or a device'],
  EACCES: ['permission', 'there is no permission'],
  EPERM: ['permission', 'there is no permission'],
  EROFS: ['permission', 'the disk is read-only'],
  ENOSPC: ['no-space', 'the disk is full'],
  EDQUOT: ['no-space', 'the disk quota is used up'],
  EFBIG: ['no-space', 'it would be larger than the system allows'],
  ENAMETOOLONG: ['path', 'its name is too long'],
  ELOOP: ['path', 'its links lead in a circle'],
  ERR_INVALID_ARG_VALUE: ['path', 'its name holds a NUL character'],
  EMFILE: ['io', 'too many files are open'],
  ENFILE: ['io', 'too many files are open'],
};

/** Whatever a file operation threw, as a `FileError`; one that is a `FileError` already stays as it is. */
export function fileError(error: unknown, action: FileAction, path: string): FileError {
  if (error instanceof FileError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const [code, reason] = REASONS[systemCode(error) ?? ''] ?? (['io', detail] as const);
  return new FileError(code, action, path, reason, { cause: error });
}

/** Node's code ('ENOENT', 'EPIPE', ...) of anything thrown, where it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
