// What can go wrong here: a caller's option, shape or array that does not make sense.

/**
 * - `option`: an option outside its range, or options that no rectangle can satisfy
 * - `shape`: rows, columns or channels that make no image
 * - `images`: an array whose length is no whole number of images
 */
export type AugmentErrorCode = 'option' | 'shape' | 'images';

/** A bad argument to a function of this package; the message says which and what would be right. */
export class AugmentError extends Error {
  override readonly name = 'AugmentError';
  readonly code: AugmentErrorCode;

  constructor(code: AugmentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
