/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { inspect } from 'node:util';
import { z } from 'zod';
import { KnnInputError } from './errors.ts';
import type { KnnInputErrorCode } from './errors.ts';

/** Anything as one short line for a message. */
export function shown(value: unknown): string {
  const [line = ''] = inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 3 }).split(
    '\n',
  );
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

/** @throws KnnInputError in one sentence: what it is, what it got, and what is accepted. */
export function mustBe(
  what: string,
  value: unknown,
  accepted: string,
  fits: boolean,
  code: KnnInputErrorCode = 'type',
): void {
  if (!fits) throw new KnnInputError(code, `${what} is ${shown(value)}, but must be ${accepted}.`);
}

/** @throws KnnInputError 'type' for what is no text. */
export function checkPath(path: unknown): void {
  mustBe('The path of the file', path, 'a text', typeof path === 'string' && path !== '');
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

/** More threads than any machine gains from on matrices that fit into memory. */
export const MOST_THREADS = 64;

/** An option whose values have a test and words. */
function option(accepted: string, fits: (value: unknown) => boolean): z.ZodType {
  return z.custom(fits, accepted).optional();
}

function oneOf(...names: readonly unknown[]): z.ZodType {
  return option(`one of ${names.join(', ')}`, (value) => names.includes(value));
}

function whole(most: number): z.ZodType {
  return option(`a whole number from 1 to ${most}`, (value) => isWhole(value, 1, most));
}

const signal = option(
  'an AbortSignal',
  (value) => isObject(value) && isFunction(value['throwIfAborted']),
);
const callback = option('a function', isFunction);
const machine = {
  algorithm: oneOf('auto', 'brute', 'pruned'),
  kernel: oneOf('naive', 'expanded', 'exact', 'tensorflow', 'tensorflow-gpu', 'webgpu'),
  threads: whole(MOST_THREADS),
  blockSize: whole(2 ** 31 - 1),
  product: oneOf('auto', 'u8s8', 'u8u8'),
};
const nearest = {
  metric: oneOf('euclidean', 'manhattan', 'minkowski', 'cosine', 'innerProduct'),
  p: oneOf(1, 2),
  ...machine,
};

/** The options of every function that takes some. */
const schemas = {
  nearest: z.strictObject(nearest),
  // Counts and weights have error codes of their own.
  classifier: z.strictObject({
    ...nearest,
    nNeighbors: z.unknown().optional(),
    weights: z.unknown().optional(),
  }),
  // The count has an error code of its own.
  nearestNeighbors: z.strictObject({
    ...nearest,
    nNeighbors: z.unknown().optional(),
    radius: z.unknown().optional(),
  }),
  load: z.strictObject(machine),
  search: z.strictObject({ signal, onProgress: callback }),
  kneighbors: z.strictObject({
    signal,
    onProgress: callback,
    returnDistance: oneOf(true, false),
  }),
  streamed: z.strictObject({ ...nearest, signal, onBlock: callback }),
  kernel: z.strictObject({ threads: machine.threads, product: machine.product }),
};

/** @throws KnnInputError 'option' naming the first that is unknown or has a value it may not have. */
export function checkOptions(of: keyof typeof schemas, options: unknown): void {
  const { error } = schemas[of].safeParse(options, { reportInput: true });
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const known = Object.keys(schemas[of].shape).join(', ');
  if (issue.code === 'unrecognized_keys') {
    throw new KnnInputError(
      'option',
      `There is no option "${issue.keys.join('", "')}"; there are ${known}.`,
    );
  }
  const [name] = issue.path;
  if (name === undefined) mustBe('The options', options, `an object of ${known}`, false, 'option');
  mustBe(`The option ${String(name)}`, issue.input, issue.message, false, 'option');
}
