/** Calls as plain JavaScript may make them: every argument, and every option in it, in turn replaced by what it may not be. */
import { inspect } from 'node:util';

/** What may stand anywhere instead of what belongs there. */
const NONSENSE: readonly unknown[] = [
  ...[undefined, null, true, -1, 7.5, NaN, Infinity, 'nonsense', '', Symbol('nonsense'), 10n],
  ...[
    {},
    [],
    [1, 2],
    () => 1,
    new Float64Array(2),
    new Map(),
    new Date(0),
    Object.create(null) as object,
  ],
];

/** A call that works, as a name, its arguments, and what else it takes: by argument and option, as in `1.seed`. */
export interface Border {
  readonly name: string;
  readonly call: (...values: never[]) => unknown;
  readonly good: readonly unknown[];
  /** Of the nonsense, what is right there all the same. */
  readonly takes?: Readonly<Record<string, (value: unknown) => boolean>>;
}

/** The error classes that a package documents. */
export type Errors = readonly (abstract new (...values: never[]) => Error)[];

/** A sentence that names something, and none of the engine's own. */
const SENTENCE = /^[^\n]{10,600}$/u;
const INNER =
  /Cannot read|Cannot convert|Cannot destructure|is not a function|is not iterable|not a constructor|undefined \(reading|Invalid input|\[object|is not defined/u;

function* variants(good: readonly unknown[]): Generator<[place: string, values: unknown[]]> {
  for (const [at, value] of good.entries()) {
    for (const wrong of NONSENSE) yield [String(at), good.with(at, wrong)];
    if (!isPlain(value)) continue;
    for (const key of Object.keys(value)) {
      for (const wrong of NONSENSE)
        yield [`${at}.${key}`, good.with(at, { ...value, [key]: wrong })];
    }
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** What goes wrong: calls that take nonsense without a word, or refuse it in words that are not the user's. */
export async function faultsOf(border: Border, errors: Errors): Promise<string[]> {
  const call = border.call as (...values: unknown[]) => unknown;
  const faults: string[] = [];
  await settle(call, border.good).catch((error: unknown) => {
    faults.push(`the good call fails: ${String(error)}`);
  });
  for (const [place, values] of variants(border.good)) {
    const [at = '', key] = place.split('.');
    const given = values[Number(at)];
    const wrong = key === undefined ? given : (given as Record<string, unknown>)[key];
    if (border.takes?.[place]?.(wrong) === true) continue;
    const right =
      key === undefined ? border.good[Number(at)] : valueOf(border.good[Number(at)], key);
    if (typeof right === 'function' && typeof wrong === 'function') continue;
    const what = `${place} = ${inspect(wrong, { depth: 0 })}`;
    try {
      const result = await settle(call, values);
      faults.push(
        `${what} is taken: ${inspect(result, { depth: 0, breakLength: Infinity, maxArrayLength: 3 })}`,
      );
    } catch (error) {
      const typed = errors.some((known) => error instanceof known);
      const message = error instanceof Error ? error.message : String(error);
      if (!typed || !SENTENCE.test(message) || INNER.test(message)) {
        faults.push(
          `${what} gives ${error instanceof Error ? error.name : 'no error'}: ${message}`,
        );
      }
    }
  }
  return faults;
}

/** Generators are asked for their first value; what needs freeing is freed. */
async function settle(
  call: (...values: unknown[]) => unknown,
  values: readonly unknown[],
): Promise<unknown> {
  let result = await call(...values);
  if (typeof result !== 'object' || result === null) return result;
  if ('next' in result && typeof result.next === 'function') {
    const events = result as AsyncGenerator | Generator;
    result = await events.next();
    await events.return(undefined);
  } else if ('dispose' in result && typeof result.dispose === 'function') {
    await (result as { dispose: () => unknown }).dispose();
  }
  return result;
}

function valueOf(object: unknown, key: string): unknown {
  return isPlain(object) ? object[key] : undefined;
}

/** For `takes`: the argument is an object of options, each of which may be left out. */
export function optional(
  at: number,
  of: unknown,
): Readonly<Record<string, (value: unknown) => boolean>> {
  const keys = isPlain(of) ? Object.keys(of) : [];
  return Object.fromEntries([
    [String(at), (value: unknown) => missing(value) || isEmpty(value)],
    ...keys.map((key) => [`${at}.${key}`, missing] as const),
  ]);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Common answers to `takes`. */
export const missing = (value: unknown): boolean => value === undefined;
export const texts = (value: unknown): boolean => typeof value === 'string';
