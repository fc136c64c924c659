/** Text to a checked value and back, for every kind of file this package reads and writes. */

import type { z } from 'zod';
import { RecordError } from './errors.ts';
import { describeIssue } from './issues.ts';

/** One kind of file: its check, and the error that refuses it. */
export interface FileFormat<T> {
  readonly schema: z.ZodType<T, T>;
  /** Ends the sentence of a refusal after the file's name: `is not a valid record`. */
  readonly invalid: string;
  /** What the reader can do about it, as the end of that sentence. */
  readonly advice?: string;
  readonly Refusal: new (
    code: 'not-json' | 'invalid',
    message: string,
    options?: ErrorOptions,
  ) => Error;
}

/** A file whose readers refuse other versions by name. */
export interface RecordFormat<T> {
  readonly version: string;
  readonly schema: z.ZodType<T, T>;
}

const RECORD = { invalid: 'is not a valid record', Refusal: RecordError };

/**
 * @param source the text of the file, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws the format's error: `not-json` when a text is no JSON, `invalid` with the path of the first wrong value
 */
export function parseAs<T>(format: FileFormat<T>, source: unknown, where: string): T {
  return checked(format, fromJson(format, source, where), where);
}

/**
 * As `parseAs`, for records.
 *
 * @throws RecordError also `schema-version` when it is a record of another version or kind
 */
export function parseRecordAs<T>(
  { version, schema }: RecordFormat<T>,
  source: unknown,
  where: string,
): T {
  const value = fromJson(RECORD, source, where);
  const found =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof found === 'string' && found !== version) {
    throw new RecordError(
      'schema-version',
      `${where} has the schema "${found}", but this version of fashion-bench reads "${version}": use the version that wrote it, or run the bench again.`,
    );
  }
  return checked({ ...RECORD, schema }, value, where);
}

/**
 * A record's text: checked, indented by two spaces, ending in a newline.
 *
 * @throws RecordError `invalid` with the path of the first wrong value (for example NaN)
 */
export function formatRecordAs<T>({ schema }: RecordFormat<T>, value: T): string {
  return formatAs({ ...RECORD, schema }, value, 'the record to be written', 2);
}

/** The text of a file, checked, ending in a newline. @throws the format's error `invalid` */
export function formatAs<T>(
  format: FileFormat<T>,
  value: T,
  where: string,
  indentation: number,
): string {
  return `${JSON.stringify(checked(format, value, where), null, indentation)}\n`;
}

function fromJson(
  { Refusal }: Pick<FileFormat<unknown>, 'Refusal'>,
  source: unknown,
  where: string,
): unknown {
  if (typeof source !== 'string') return source;
  try {
    return JSON.parse(source);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal('not-json', `${where} is not JSON (${detail}).`, { cause });
  }
}

function checked<T>(format: FileFormat<T>, value: unknown, where: string): T {
  const { schema, invalid, advice, Refusal } = format;
  let detail: string;
  let cause: unknown;
  try {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    detail = describeIssue(result.error);
    cause = result.error;
  } catch (error) {
    // Typed arrays pass for arrays until the schema freezes them.
    detail = 'it holds something that JSON has no form for';
    cause = error;
  }
  const end = advice === undefined ? '' : `; ${advice}`;
  throw new Refusal('invalid', `${where} ${invalid}: ${detail}${end}.`, { cause });
}
