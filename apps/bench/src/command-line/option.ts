/** What an option is, and the rules for values that several share. */

import { z } from 'zod';

import type { Part } from './parts.ts';
import type { NetworkChoice, OptimizerChoice } from './recipes.ts';

export interface Rule<Value> {
  /** From what the command line gives: a text; `true` for an option without a value; texts for one that is repeated. */
  readonly schema: z.ZodType<Value>;
  /** Completes the sentence "--k must be ...". */
  readonly mustBe: string;
  /** How the manual shows the value, such as `<n>`; none for an option that is given or not. */
  readonly takes?: string;
}

/** What the defaults of other options depend on. */
export interface Basis {
  quick: boolean;
  synthetic: boolean;
  network: NetworkChoice;
  optimizer: OptimizerChoice;
}

export interface OptionRow<Value> extends Rule<Value> {
  /** Whether it may be given several times. */
  readonly repeated?: true;
  /** The paragraph of the manual that it stands in. */
  readonly heading: string;
  /** What the manual says. */
  readonly help: string;
  readonly byDefault: (basis: Basis) => Value;
  /** Given to any other part it is an error. */
  readonly parts: readonly Part[];
  /**
   * In a run that is resumed: `same`, as it was, and given otherwise it is an error; `last`, as given now, else as it was
   * given last; `now`, as given now; `refused`, an error.
   */
  readonly resumed: 'same' | 'last' | 'now' | 'refused';
}

/** A row of the table; its values are those of the rule and those of the default, which may be null. */
export function option<Value, const Default>(
  row: OptionRow<Value | Default> & Rule<Value> & { readonly byDefault: (basis: Basis) => Default },
): OptionRow<Value | Default> {
  return row;
}

export function whole(min: number, max: number, mustBe: string): Rule<number> {
  const digits = z.string().regex(/^\d+$/).transform(Number);
  return { schema: digits.pipe(z.int().min(min).max(max)), mustBe, takes: '<n>' };
}

/** `a, b or c`. */
const ALTERNATIVES = new Intl.ListFormat('en-GB', { type: 'disjunction' });

export function oneOf<const Choice extends string>(
  takes: string,
  choices: readonly Choice[],
  mustBe: string = ALTERNATIVES.format(choices),
): Rule<Choice> {
  return { schema: z.enum(choices), mustBe, takes };
}

export const atLeastOne: Rule<number> = whole(
  1,
  Number.MAX_SAFE_INTEGER,
  'a whole number of at least 1',
);

const decimal = z
  .string()
  .regex(/^\d*\.?\d+(e[+-]?\d+)?$/i)
  .transform(Number);

export const positive: Rule<number> = {
  schema: decimal.pipe(z.number().positive()),
  mustBe: 'a number above 0',
  takes: '<x>',
};

export const folder: Rule<string> = {
  schema: z.string().min(1),
  mustBe: 'the path of a folder',
  takes: '<folder>',
};

/** Of an option that takes no value. */
export const given: Rule<boolean> = { schema: z.literal(true), mustBe: 'without a value' };
