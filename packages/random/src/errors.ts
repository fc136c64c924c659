// What can go wrong here: only ever a caller's number outside the range that a function states.

import { inspect } from 'node:util';

/** Which argument was refused. */
export type RandomErrorCode = 'seed' | 'name' | 'counter' | 'range' | 'length' | 'stream';

/** Anything as one short line for a message; the packages that draw from here word their refusals with it, too. */
export function shown(value: unknown): string {
  const [line = ''] = inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 3 }).split(
    '\n',
  );
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

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

  constructor(seed: unknown) {
    super('seed', `The seed must be an integer from 0 to 4294967295, not ${shown(seed)}.`);
  }
}
