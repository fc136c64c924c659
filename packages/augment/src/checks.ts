// What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call.

import { shown } from '@fashion-bench/random';
import { AugmentError } from './errors.ts';
import type { AugmentErrorCode } from './errors.ts';

const KNOWN = {
  shape: ['rows', 'columns', 'channels'],
  options: ['p', 'sL', 'sH', 'r1', 'r2', 'vL', 'vH', 'pixelLevel', 'seed', 'epoch'],
} as const;

/** @throws AugmentError unless it is an object of options that exist. */
export function checkOptions(
  what: keyof typeof KNOWN,
  value: unknown,
  code: AugmentErrorCode,
): void {
  const known: readonly string[] = KNOWN[what];
  const isObject = typeof value === 'object' && value !== null;
  const unknown = isObject ? Object.keys(value).find((name) => !known.includes(name)) : undefined;
  if (isObject && unknown === undefined) return;
  const found = unknown === undefined ? shown(value) : `with "${unknown}"`;
  throw new AugmentError(
    code,
    `The ${what} must be an object of ${known.join(', ')}, not ${found}.`,
  );
}
