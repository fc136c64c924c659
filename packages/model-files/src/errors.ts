/** What can go wrong with model files, and how a failure of the file system becomes one of these. */
import { FileError, systemCode } from '@fashion-bench/files';

/**
 * - `not-found`: no model in this folder, or one of its files is missing
 * - `corrupt`: not JSON, truncated, or weights that do not fit the layers or are not finite
 * - `unsupported`: a model that is whole, but not one that this package can use
 * - `exists-not-model`: the place where a model was to be saved holds something else
 * - `argument`: an argument is not what the types promise
 * - `permission`: a file or folder may not be read or written
 * - `disk`: any other failure of the file system, such as a full disk
 */
export type ModelFileErrorCode =
  'not-found' | 'corrupt' | 'unsupported' | 'exists-not-model' | 'argument' | 'permission' | 'disk';

/** What is wrong with a model's files, where, and what to do about it, in one sentence. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';
  readonly code: ModelFileErrorCode;

  constructor(code: ModelFileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A failed file operation as a ModelFileError that names the path. */
export function fileError(error: unknown, action: 'read' | 'write', path: string): ModelFileError {
  if (error instanceof ModelFileError) return error;
  if (error instanceof FileError && error.cause !== undefined) {
    return fileError(error.cause, action, path);
  }
  const code = systemCode(error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ModelFileError(
      'permission',
      `No permission to ${action} ${path}: change its access rights or choose another folder.`,
      { cause: error },
    );
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ModelFileError(
      'disk',
      `The disk is full while writing ${path}: free some space or choose another folder.`,
      { cause: error },
    );
  }
  return new ModelFileError('disk', `Could not ${action} ${path} (${code ?? String(error)}).`, {
    cause: error,
  });
}
