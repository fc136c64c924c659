/** The run-time check of a race's record: the same shape as the types in `peers.ts`, plus what types cannot say. */

import { z } from 'zod';
import { type PeersRecord, PEERS_SCHEMA } from './peers.ts';
import { formatRecordAs, parseRecordAs } from './record-file.ts';
import { data, machine, options, run } from './record-schema.ts';
import { bytes, exactly, fraction, list, positive, seconds, text } from './schema-parts.ts';

const lap = z.strictObject({
  seconds: z.record(text, seconds),
  loss: z.number().nullable(),
  accuracy: fraction.nullable(),
});

const contestant = z.strictObject({
  id: text,
  name: text,
  versions: z.record(z.string(), text),
  details: text,
  blas: text.nullable(),
  threads: positive,
  laps: list(lap),
  peakMemoryBytes: bytes.nullable(),
  agreement: text.nullable(),
});

const race = z
  .strictObject({
    kind: z.enum(['cnn', 'knn']),
    name: text,
    work: text,
    warmup: text,
    settings: options,
    clocks: z.array(text).min(1).readonly(),
    ours: text,
    contestants: list(contestant),
    absent: list(z.strictObject({ id: text, name: text, reason: text })),
  })
  .refine(({ ours, contestants }) => contestants.some(({ id }) => id === ours), {
    path: ['ours'],
    message: 'expected the id of one of the contestants',
  })
  .refine(
    ({ clocks, contestants }) =>
      contestants.every(({ laps }) =>
        laps.every((one) => Object.keys(one.seconds).sort().join() === [...clocks].sort().join()),
      ),
    { path: ['contestants'], message: 'expected every lap to have a time for each clock' },
  )
  .refine(({ contestants }) => new Set(contestants.map(({ laps }) => laps.length)).size === 1, {
    path: ['contestants'],
    message: 'expected as many laps of each',
  });

const schema: z.ZodType<PeersRecord, PeersRecord> = exactly<PeersRecord>()(
  z.strictObject({
    schema: z.literal(PEERS_SCHEMA),
    run,
    machine,
    data,
    races: list(race),
  }),
);

const format = { version: PEERS_SCHEMA, schema };

/**
 * Reads a race's record and checks it.
 *
 * @param source the text of the file, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws RecordError as `parseRecord` does
 */
export function parsePeers(source: unknown, where = 'the record'): PeersRecord {
  return parseRecordAs(format, source, where);
}

/** The text of a race's `record.json`. @throws RecordError `invalid` as `formatRecord` does */
export function formatPeers(record: PeersRecord): string {
  return formatRecordAs(format, record);
}
