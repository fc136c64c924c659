/**
 * Text to record and back. Reading checks everything and says in one sentence what is wrong and
 * where; writing checks too, because a record that cannot be read again is no record.
 */

import { formatRecordAs, parseRecordAs } from './record-file.ts';
import { recordSchema } from './record-schema.ts';
import { RECORD_SCHEMA, type RunRecord } from './record.ts';

const format = { version: RECORD_SCHEMA, schema: recordSchema };

/**
 * Reads a record and checks it.
 *
 * @param source the text of `record.json`, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws RecordError `not-json` when a text is no JSON, `schema-version` when it is a record of
 *   another version, `invalid` with the path of the first wrong value otherwise
 */
export function parseRecord(source: unknown, where = 'the record'): RunRecord {
  return parseRecordAs(format, source, where);
}

/**
 * The text of `record.json`: checked, indented by two spaces, ending in a newline.
 *
 * @throws RecordError `invalid` with the path of the first wrong value (for example NaN)
 */
export function formatRecord(record: RunRecord): string {
  return formatRecordAs(format, record);
}
