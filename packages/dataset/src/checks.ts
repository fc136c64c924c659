// What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call.

import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { DatasetError } from './errors.ts';
import type { DatasetErrorCode } from './errors.ts';

/** @throws DatasetError saying what must be what. */
export function mustBe(
  what: string,
  value: unknown,
  accepted: string,
  fits: boolean,
  code: DatasetErrorCode = 'argument',
): void {
  if (!fits) throw new DatasetError(code, `${what} must be ${accepted}, not ${shown(value)}.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** Arrays of another realm (Jest, `vm`) count as well: `instanceof` would not know them. */
export const isBytes: (value: unknown) => value is Uint8Array = types.isUint8Array;

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** Images and labels, as two arrays of bytes. */
export function checkArrays(what: string, value: unknown): void {
  const fits = isObject(value) && isBytes(value['images']) && isBytes(value['labels']);
  const given = isObject(value) ? { images: value['images'], labels: value['labels'] } : value;
  mustBe(what, given, '{ images, labels }, two arrays of type Uint8Array', fits);
}

/** The numbers of images in an order. */
export function checkOrder(order: unknown): void {
  mustBe('The order', order, 'a Uint32Array of image numbers', types.isUint32Array(order));
}

type Accepted = readonly [words: string, fits: (value: unknown) => boolean];
const flag: Accepted = ['true or false', (value) => typeof value === 'boolean'];
const folder: Accepted = ['the path of a folder', isText];
const callback: Accepted = ['a function', (value) => typeof value === 'function'];
const anything: Accepted = ['anything', () => true];
const OPTIONS = {
  load: {
    ...{ dir: folder, cacheDir: folder, download: flag, onProgress: callback, fetch: callback },
    signal: [
      'an AbortSignal',
      (value) => isObject(value) && typeof value['throwIfAborted'] === 'function',
    ],
    env: ['an object of variables, as process.env is', isObject],
    mirrors: ['a list of URLs', (value) => Array.isArray(value) && value.every(isText)],
  },
  // What these may be is looked at where they are used.
  synthetic: { seed: anything, train: anything, test: anything },
} satisfies Record<string, Record<string, Accepted>>;

/** @throws DatasetError 'argument' for an option that does not exist or has a value it may not have. */
export function checkOptions(of: keyof typeof OPTIONS, options: unknown): void {
  const table: Readonly<Record<string, Accepted>> = OPTIONS[of];
  const known = Object.keys(table).join(', ');
  mustBe('The value of the options', options, `an object of ${known}`, isObject(options));
  for (const [name, value] of Object.entries(isObject(options) ? options : {})) {
    const accepted = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!accepted) {
      throw new DatasetError('argument', `There is no option "${name}"; there are ${known}.`);
    }
    const [words, fits] = accepted;
    mustBe(`The option ${name}`, value, words, value === undefined || fits(value));
  }
}
