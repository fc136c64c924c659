/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { inspect } from 'node:util';
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

/** What a value may be: a test, and its words for a message. */
export interface Rule {
  readonly accepted: string;
  readonly fits: (value: unknown) => boolean;
}

export function oneOf(...names: readonly unknown[]): Rule {
  return { accepted: `one of ${names.join(', ')}`, fits: (value) => names.includes(value) };
}

export function whole(most: number): Rule {
  return {
    accepted: `a whole number from 1 to ${most}`,
    fits: (value) => isWhole(value, 1, most),
  };
}

const signal: Rule = {
  accepted: 'an AbortSignal',
  fits: (value) => isObject(value) && isFunction(value['throwIfAborted']),
};
const callback: Rule = { accepted: 'a function', fits: isFunction };
/** Looked at elsewhere, with an error code of its own. */
const anything: Rule = { accepted: 'anything', fits: () => true };
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
const optionRules = {
  nearest,
  classifier: { ...nearest, nNeighbors: anything, weights: anything },
  nearestNeighbors: { ...nearest, nNeighbors: anything, radius: anything },
  load: machine,
  search: { signal, onProgress: callback },
  kneighbors: { signal, onProgress: callback, returnDistance: oneOf(true, false) },
  streamed: { ...nearest, signal, onBlock: callback },
  kernel: { threads: machine.threads, product: machine.product },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Rule>>>>;

/** @throws KnnInputError 'option' naming the first that is unknown or has a value it may not have. */
export function checkOptions(of: keyof typeof optionRules, options: unknown): void {
  const rules: Readonly<Record<string, Rule>> = optionRules[of];
  const known = Object.keys(rules).join(', ');
  const isPlain = isObject(options) && !Array.isArray(options);
  mustBe('The options', options, `an object of ${known}`, isPlain, 'option');
  const given = Object.entries(isPlain ? options : {});
  for (const [name, value] of given) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule || value === undefined) continue;
    mustBe(`The option ${name}`, value, rule.accepted, rule.fits(value), 'option');
  }
  const unknown = given.map(([name]) => name).filter((name) => !Object.hasOwn(rules, name));
  if (unknown.length > 0) {
    throw new KnnInputError(
      'option',
      `There is no option "${unknown.join('", "')}"; there are ${known}.`,
    );
  }
}
