/** Class labels, whole numbers or strings, and their encoding as positions in the list of classes. */
import { isObject, mustBe } from './checks.ts';
import { KnnInputError } from './errors.ts';

/** One class: a whole number (a safe integer) or a string. Labels of one classifier are all of one kind. */
export type Label = number | string;

/** Labels with their classes counted from 0. */
export interface EncodedLabels<L extends Label = number> {
  /** [classes] the distinct labels, ascending: numbers by value, strings by code point, as in NumPy */
  readonly classes: readonly L[];
  /** [rows] position of each row's label in `classes` */
  readonly codes: Int32Array;
}

/**
 * @param labels an array or a typed array.
 * @throws KnnInputError 'labels', as `checkLabels` does.
 */
export function encodeLabels<L extends Label>(labels: ArrayLike<L>): EncodedLabels<L> {
  mustBe('The list of labels', labels, 'an array or a typed array', isList(labels), 'labels');
  const list = Array.from(labels);
  checkLabels(list, list[0]);
  const classes = [...new Set(list)].sort(compareLabels);
  const code = new Map(classes.map((label, i) => [label, i]));
  return { classes, codes: Int32Array.from(list, (label) => code.get(label) ?? 0) };
}

/** @throws KnnInputError 'labels' naming the first that is neither a whole number nor a string, or not of `like`'s kind. */
export function checkLabels(labels: ArrayLike<unknown>, like: unknown): void {
  const list = Array.from(labels);
  const odd = list.findIndex((label) => typeof label !== typeof like || !isLabel(label));
  if (odd < 0) return;
  throw new KnnInputError(
    'labels',
    `Label ${odd} is ${shown(list[odd])}, but labels must be whole numbers up to 2^53 in size, or all of them strings${advice(list[odd])}.`,
  );
}

function isList(labels: unknown): boolean {
  return isObject(labels) && Number.isInteger(labels['length']);
}

/** @throws KnnInputError 'labels' unless there is one for each row. @param rows in words, such as 'training rows' */
export function checkLabelCount(labels: ArrayLike<Label>, count: number, rows: string): void {
  mustBe('The list of labels', labels, 'an array or a typed array', isList(labels), 'labels');
  if (labels.length === count) return;
  throw new KnnInputError(
    'labels',
    `There are ${labels.length} labels for ${count} ${rows}; each row needs one.`,
  );
}

/** Ascending: numbers by value, strings by code point (halves of surrogate pairs count as they are). */
export function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  for (let i = 0; ;) {
    const [x = -1, y = -1] = [left.codePointAt(i), right.codePointAt(i)];
    if (x !== y || x < 0) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
}

function isLabel(label: unknown): boolean {
  return typeof label === 'string' || Number.isSafeInteger(label);
}

function shown(label: unknown): string {
  if (typeof label === 'bigint') return `the BigInt ${label}`;
  if (Array.isArray(label)) return `an array of ${label.length}`;
  return typeof label === 'string' ? JSON.stringify(label) : String(label);
}

/** What people have who come from NumPy: a column [rows, 1], or int64. */
function advice(label: unknown): string {
  if (typeof label === 'bigint') return ': make numbers of them, Array.from(labels, Number)';
  return Array.isArray(label) ? ': flatten them with labels.flat()' : '';
}
