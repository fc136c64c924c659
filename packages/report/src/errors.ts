/** What can be wrong with a record, and with the published figures: one sentence each, and a code. */

export type RecordErrorCode = 'not-json' | 'schema-version' | 'invalid';

/** A run record that cannot be read or written. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  /** `not-json`: no JSON at all; `schema-version`: another version's record; `invalid`: a wrong value. */
  readonly code: RecordErrorCode;

  constructor(code: RecordErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type PredictionsErrorCode = 'not-json' | 'invalid';

/** A run's predictions that cannot be read or written. */
export class PredictionsError extends Error {
  override readonly name = 'PredictionsError';
  readonly code: PredictionsErrorCode;

  constructor(code: PredictionsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type PublishedErrorCode = 'not-json' | 'invalid';

/** A file of published figures that cannot be read. */
export class PublishedError extends Error {
  override readonly name = 'PublishedError';
  readonly code: PublishedErrorCode;

  constructor(code: PublishedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
