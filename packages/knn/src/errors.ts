/** What can go wrong, as types: bad input of the caller apart from trouble of the machine. */

/** What kind of input was refused. */
export type KnnInputErrorCode =
  | 'matrix'
  | 'not-finite'
  | 'overflow'
  | 'columns'
  | 'type'
  | 'neighbors'
  | 'labels'
  | 'weights'
  | 'not-fitted'
  | 'option'
  | 'output'
  | 'limit';

/** The caller's input cannot be used; the message says what, where, and what to do. */
export class KnnInputError extends Error {
  override readonly name = 'KnnInputError';
  readonly code: KnnInputErrorCode;

  constructor(code: KnnInputErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What failed on the machine. */
export type KnnErrorCode = 'saturation' | 'memory' | 'worker' | 'disposed' | 'missing-package';

/** The search itself failed: nothing was wrong with the input. */
export class KnnError extends Error {
  override readonly name = 'KnnError';
  readonly code: KnnErrorCode;

  constructor(code: KnnErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type KnnFileErrorCode = 'unreadable' | 'unwritable' | 'format' | 'version' | 'damaged';

/** A saved classifier could not be written, read, or believed. */
export class KnnFileError extends Error {
  override readonly name = 'KnnFileError';
  readonly code: KnnFileErrorCode;

  constructor(code: KnnFileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
