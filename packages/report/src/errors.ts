/** What can be wrong with a file that this package reads or writes: one sentence each, and a code. */

export type RecordErrorCode = 'not-json' | 'schema-version' | 'invalid';

class FileError<Code extends RecordErrorCode> extends Error {
  /** `not-json`: no JSON at all; `schema-version`: another version's record; `invalid`: a wrong value. */
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A run record that cannot be read or written. */
export class RecordError extends FileError<RecordErrorCode> {
  override readonly name = 'RecordError';
}

export type PredictionsErrorCode = 'not-json' | 'invalid';

/** A run's predictions that cannot be read or written. */
export class PredictionsError extends FileError<PredictionsErrorCode> {
  override readonly name = 'PredictionsError';
}

export type PublishedErrorCode = 'not-json' | 'invalid';

/** A file of published figures that cannot be read. */
export class PublishedError extends FileError<PublishedErrorCode> {
  override readonly name = 'PublishedError';
}
