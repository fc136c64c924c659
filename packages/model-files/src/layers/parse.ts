/** Schemas over what a file says, with this package's errors. */
import type { z } from 'zod';
import { ModelFileError } from '../errors.ts';

/** Where a value is from, for messages. */
export interface Source {
  /** At the beginning of a sentence: a path, say. */
  readonly source: string;
  /** Of model file: "of Keras". */
  readonly kind: string;
}

/**
 * Codes of zod for a value that some model may well have, and that is not known here. Numbers out of their range, or
 * things of another type altogether, are no model's.
 */
const FOREIGN: readonly string[] = [
  ...['custom', 'invalid_union', 'invalid_value', 'unrecognized_keys'],
];

/** @throws ModelFileError: 'unsupported' for a choice that is not known here, 'corrupt' for anything else. */
export function parse<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { source, kind }: Source,
  at = '',
): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = `${at}${issue?.path.join('.') ?? ''}` || 'it';
  const isObject = typeof issue?.input === 'object' && issue.input !== null;
  const foreign = issue && (FOREIGN.includes(issue.code) || (at !== '' && isObject));
  throw new ModelFileError(
    foreign ? 'unsupported' : 'corrupt',
    `${source} ${foreign ? 'cannot be used here' : `is not a model ${kind}`}: ${where} does not fit (${issue?.message ?? 'unknown'}).`,
  );
}
