/** What can go wrong here: data that do not fit the model, or are none. */

/**
 * - `images`: the number of pixel values does not fit the model's input, or one is not a finite number
 * - `labels`: a number of labels or a label that does not fit
 * - `classes`: more classes than a byte can tell apart
 * - `options`: options that are none, or do not exist
 * - `not-finite`: the model's own output is not a number
 */
export type CnnErrorCode = 'images' | 'labels' | 'classes' | 'options' | 'not-finite';

/** Data that do not fit the model, in one sentence. */
export class CnnError extends Error {
  override readonly name = 'CnnError';
  readonly code: CnnErrorCode;

  constructor(code: CnnErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
