/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { z } from 'zod';
import { TrainingError } from './errors.ts';

/** @throws TrainingError in one sentence: what it is, what it got, and what is accepted. */
export function mustBe(what: string, value: unknown, accepted: string, fits: boolean): void {
  if (!fits) throw new TrainingError(`${what} is ${shown(value)}, but must be ${accepted}.`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export function isWhole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

export function isNumber(value: unknown, least: number, below: number): boolean {
  return typeof value === 'number' && value >= least && value < below;
}

/** Arrays of another realm (Jest, `vm`) count as well: `instanceof` would not know them. */
export function isImages(value: unknown): value is Uint8Array | Float32Array {
  return types.isUint8Array(value) || types.isFloat32Array(value);
}

export function kindOf(images: Uint8Array | Float32Array): 'uint8' | 'float32' {
  return types.isUint8Array(images) ? 'uint8' : 'float32';
}

/** A schema of whole numbers. */
export const count = (least: number, most?: number): z.ZodType =>
  z.custom(
    (value) => isWhole(value, least, most),
    `a whole number ${most === undefined ? `of at least ${least}` : `from ${least} to ${most}`}`,
  );
export const floats: z.ZodType = z.custom(types.isFloat32Array, 'a Float32Array');

/** A rule between options, put down to one of them. */
export function holds<T extends object>(
  name: keyof T & string,
  accepted: string,
  fits: (options: T) => boolean,
): z.core.CheckFn<T> {
  return ({ value, issues }) => {
    if (fits(value)) return;
    issues.push({ code: 'custom', path: [name], input: value[name], message: accepted });
  };
}

/** @throws TrainingError for an option that is unknown or has a value that the schema refuses. */
export function check(schema: z.ZodObject, options: unknown, of = 'options'): void {
  const { error } = schema.safeParse(options, { reportInput: true });
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const known = Object.keys(schema.shape).join(', ');
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = name === '' ? `; there are ${known}` : ` in ${name}`;
    throw new TrainingError(`There is no option "${issue.keys.join('", "')}"${where}.`);
  }
  if (name === '') mustBe(`The value of the ${of}`, options, `an object of ${known}`, false);
  const what = of === 'options' ? `The option ${name}` : `The ${name} of the ${of}`;
  mustBe(what, issue.input, issue.message, false);
}

/** @param what it is of, as in "the training images". @throws TrainingError naming the first value that is NaN or infinite. */
export function checkFinite(values: Uint8Array | Float32Array, what: string): void {
  if (types.isUint8Array(values)) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // 0 for every finite value, NaN for the others.
    if (value - value !== 0) {
      throw new TrainingError(
        `Value ${i} of ${what} is ${value}; every one must be a finite number.`,
      );
    }
  }
}
