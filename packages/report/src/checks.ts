/** What the types promise, checked once per call where a caller without types may have handed over something else. */

/** An argument that is not what the function takes. */
export class ReportInputError extends RangeError {
  override readonly name = 'ReportInputError';
  readonly code = 'argument';
}

/** @throws ReportInputError in one sentence, unless it holds */
export function mustBe(what: string, accepted: string, value: unknown, holds: boolean): void {
  if (holds) return;
  const shown = typeof value === 'string' ? `'${value.slice(0, 40)}'` : kindOf(value);
  throw new ReportInputError(`${what} must be ${accepted}, not ${shown}.`);
}

/** NaN and infinity are numbers, and shown as such. */
export function mustBeNumber(what: string, value: unknown): void {
  mustBe(what, 'a number', value, typeof value === 'number');
}

export function mustBeText(what: string, value: unknown): void {
  mustBe(what, 'a text', value, typeof value === 'string');
}

/** Arrays and typed arrays of numbers. */
export function mustBeNumbers(what: string, value: unknown): void {
  const isList =
    Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  const list: unknown[] = isList ? Array.from(value as ArrayLike<unknown>) : [];
  mustBe(what, 'a list of numbers', value, isList && list.every((one) => typeof one === 'number'));
}

function kindOf(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (Array.isArray(value)) return 'such a list';
  return typeof value === 'object'
    ? 'such an object'
    : typeof value === 'undefined'
      ? 'undefined'
      : `a ${typeof value}`;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
