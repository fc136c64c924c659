// One error class for everything that can go wrong with the data; the code tells programs what the sentence tells people.

import { fileError as reasonOf } from '@fashion-bench/files';

/**
 * - `not-found`: no folder holds the four files, or a given folder lacks some
 * - `permission`: a folder or file may not be read or written
 * - `is-mnist`: the files are MNIST's, which has the same file names
 * - `swapped`: a file is one of the four, but under another one's name
 * - `corrupt`: a file is truncated, damaged or not the published one
 * - `idx`: bytes given to the IDX parser are not what they should be
 * - `download`: no mirror delivered a file
 * - `disk-full`: no space left in the cache folder
 * - `io`: any other failure of the file system
 * - `limit`: a number of images or a batch size that does not fit the set
 * - `argument`: any other bad argument
 */
export type DatasetErrorCode =
  | 'not-found'
  | 'permission'
  | 'is-mnist'
  | 'swapped'
  | 'corrupt'
  | 'idx'
  | 'download'
  | 'disk-full'
  | 'io'
  | 'limit'
  | 'argument';

/** What went wrong with the data, where, and what to do about it, in one sentence. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly code: DatasetErrorCode;

  constructor(code: DatasetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A failed file operation as a DatasetError that names the path. */
export function fileError(error: unknown, action: 'read' | 'write', path: string): DatasetError {
  if (error instanceof DatasetError) return error;
  const { code, reason } = reasonOf(error, action === 'read' ? 'read' : 'written', path);
  const options = { cause: error };
  switch (code) {
    case 'permission':
      return new DatasetError(
        'permission',
        `No permission to ${action} ${path}: change its access rights or choose another folder.`,
        options,
      );
    case 'no-space':
      return new DatasetError(
        'disk-full',
        `The disk is full while writing ${path}: free some space (the data set needs 31 MB) or choose another cache folder.`,
        options,
      );
    case 'too-large':
    case 'not-regular':
      return new DatasetError(
        'corrupt',
        `${path} is no file of Fashion-MNIST: ${reason}; put the published file in its place.`,
        options,
      );
    default:
      return new DatasetError('io', `Could not ${action} ${path}: ${reason}.`, options);
  }
}
