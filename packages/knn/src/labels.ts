/** Class labels, whole numbers or strings, and their encoding as positions in the list of classes. */
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
 * @throws KnnInputError 'labels' naming the first that is neither a whole number nor a string, or not of the first's kind.
 */
export function encodeLabels<L extends Label>(labels: ArrayLike<L>): EncodedLabels<L> {
  const list = Array.from(labels);
  const kind = typeof list[0];
  const odd = list.findIndex((label) => typeof label !== kind || !isLabel(label));
  if (odd >= 0) {
    throw new KnnInputError(
      'labels',
      `Label ${odd} is ${shown(list[odd])}, but labels must be whole numbers up to 2^53 in size, or all of them strings.`,
    );
  }
  const classes = [...new Set(list)].sort(compareLabels);
  const code = new Map(classes.map((label, i) => [label, i]));
  return { classes, codes: Int32Array.from(list, (label) => code.get(label) ?? 0) };
}

/** Ascending: numbers by value, strings by code point (as UTF-8 bytes sort). */
export function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function isLabel(label: unknown): boolean {
  return typeof label === 'string' || Number.isSafeInteger(label);
}

function shown(label: unknown): string {
  return typeof label === 'string' ? JSON.stringify(label) : String(label);
}
