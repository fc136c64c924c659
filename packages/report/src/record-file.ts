/** Text to a checked value and back, for every kind of file this package reads and writes. */

import type { z } from 'zod';
import { RecordError } from './errors.ts';
import { describeIssue } from './issues.ts';
import { parseJson } from './json.ts';

/** One kind of file: its version string and its check. */
export interface FileFormat<T> {
  readonly version: string;
  readonly schema: z.ZodType<T, T>;
}

/**
 * @param source the text of the file, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws RecordError `not-json` when a text is no JSON, `schema-version` when it is a record of another version or
 *   kind, `invalid` with the path of the first wrong value otherwise
 */
export function parseAs<T>({ version, schema }: FileFormat<T>, source: unknown, where: string): T {
  const value =
    typeof source === 'string'
      ? parseJson(source, (detail, cause) => {
          return new RecordError('not-json', `${where} is not JSON (${detail}).`, { cause });
        })
      : source;
  const found =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof found === 'string' && found !== version) {
    throw new RecordError(
      'schema-version',
      `${where} has the schema "${found}", but this version of fashion-bench reads "${version}": use the version that wrote it, or run the bench again.`,
    );
  }
  return checked(schema, value, where);
}

/**
 * Checked, indented by two spaces, ending in a newline.
 *
 * @throws RecordError `invalid` with the path of the first wrong value (for example NaN)
 */
export function formatAs<T>({ schema }: FileFormat<T>, value: T): string {
  return `${JSON.stringify(checked(schema, value, 'the record to be written'), null, 2)}\n`;
}

function checked<T>(schema: z.ZodType<T, T>, value: unknown, where: string): T {
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
  throw new RecordError('invalid', `${where} is not a valid record: ${detail}.`, { cause });
}
