/**
 * Text to record and back. Reading checks everything and says in one sentence what is wrong and
 * where; writing checks too, because a record that cannot be read again is no record.
 */

import type { z } from 'zod';
import { RecordError } from './errors.ts';
import { describeIssue } from './issues.ts';
import { parseJson } from './json.ts';
import { recordSchema } from './record-schema.ts';
import { RECORD_SCHEMA, type RunRecord } from './record.ts';

/**
 * Reads a record and checks it.
 *
 * @param source the text of `record.json`, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws RecordError `not-json` when a text is no JSON, `schema-version` when it is a record of
 *   another version, `invalid` with the path of the first wrong value otherwise
 */
export function parseRecord(source: unknown, where = 'the record'): RunRecord {
  const value =
    typeof source === 'string'
      ? parseJson(source, (detail, cause) => {
          return new RecordError('not-json', `${where} is not JSON (${detail}).`, { cause });
        })
      : source;
  const schema =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof schema === 'string' && schema !== RECORD_SCHEMA) {
    throw new RecordError(
      'schema-version',
      `${where} has the schema "${schema}", but this version of fashion-bench reads "${RECORD_SCHEMA}": use the version that wrote it, or run the bench again.`,
    );
  }
  return orThrow(recordSchema.safeParse(value), where);
}

/**
 * The text of `record.json`: checked, indented by two spaces, ending in a newline.
 *
 * @throws RecordError `invalid` with the path of the first wrong value (for example NaN)
 */
export function formatRecord(record: RunRecord): string {
  return `${JSON.stringify(orThrow(recordSchema.safeParse(record), 'the record to be written'), null, 2)}\n`;
}

function orThrow(result: z.ZodSafeParseResult<RunRecord>, where: string): RunRecord {
  if (result.success) return result.data;
  throw new RecordError(
    'invalid',
    `${where} is not a valid record: ${describeIssue(result.error)}.`,
    {
      cause: result.error,
    },
  );
}
