// What can go wrong here: only ever a caller's number outside the range that a function states.

/** Which argument was refused. */
export type RandomErrorCode = 'seed' | 'counter' | 'range' | 'length';

/** A bad argument to a function of this package; `code` says which one. */
export class RandomError extends Error {
  override readonly name: string = 'RandomError';
  readonly code: RandomErrorCode;

  constructor(code: RandomErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The seed is not an integer in 0..4294967295. */
export class InvalidSeedError extends RandomError {
  override readonly name: string = 'InvalidSeedError';

  constructor(seed: number) {
    super('seed', `The seed must be an integer from 0 to 4294967295, not ${seed}.`);
  }
}
