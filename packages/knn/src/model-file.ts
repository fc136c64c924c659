/**
 * The file of a fitted classifier. One file, little-endian, version 1:
 *
 *     8 bytes    "fbknn\r\n\x1a": what it is; a transfer as text would break it visibly
 *     uint32     length of the header in bytes
 *     header     JSON in UTF-8, see `Header` below: settings, sizes, classes
 *     int32      [rows] position of each row's label in the header's classes
 *     data       [rows][columns] uint8 or float32
 *     32 bytes   SHA-256 of all of the above
 *
 * It is written whole or not at all, and believed only when sizes, checksum and contents agree.
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { FileError, RegularFile, replaceFile } from '@fashion-bench/files';
import { isObject, isWhole, oneOf, whole } from './checks.ts';
import type { Rule } from './checks.ts';
import { KnnFileError, KnnInputError } from './errors.ts';
import type { EncodedLabels, Label } from './labels.ts';
import { compareLabels } from './labels.ts';
import { checkMatrix, isBytes } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import type { EffectiveMetric } from './metric.ts';

const MAGIC = Buffer.from('fbknn\r\n\x1a', 'latin1');
const FORMAT = '@fashion-bench/knn classifier';
const VERSION = 1;
const HASH_BYTES = 32;
/** Before the header: magic and length. */
const PREFIX_BYTES = MAGIC.length + 4;
/** A header holds little but the names of the classes. Kept by both sides: what is saved can be loaded. */
const MOST_HEADER_BYTES = 2 ** 26;
/** The longest typed array of bytes on every Node that is supported, and a header. */
const MOST_BYTES = 2 ** 32;
const CHUNK_BYTES = 2 ** 22;

interface Header {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly nNeighbors: number;
  readonly weights: 'uniform' | 'distance';
  readonly metric: EffectiveMetric;
  readonly algorithm: 'auto' | 'brute' | 'pruned';
  readonly rows: number;
  readonly columns: number;
  readonly dtype: 'uint8' | 'float32';
  readonly classes: readonly number[] | readonly string[];
}

const count = whole(Number.MAX_SAFE_INTEGER);
const headerRules: Readonly<Record<keyof Header, Rule>> = {
  format: oneOf(FORMAT),
  version: oneOf(VERSION),
  nNeighbors: count,
  weights: oneOf('uniform', 'distance'),
  metric: oneOf('euclidean', 'manhattan', 'cosine', 'innerProduct'),
  algorithm: oneOf('auto', 'brute', 'pruned'),
  rows: count,
  columns: count,
  dtype: oneOf('uint8', 'float32'),
  classes: { accepted: 'a list of whole numbers or of texts', fits: isClasses },
};

function isClasses(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every(Number.isSafeInteger) || value.every((label) => typeof label === 'string');
}

/** The first entry that breaks a rule or has none; '' for what is no object. */
function wrongEntry(json: unknown): string | undefined {
  if (!isObject(json)) return '';
  const wrong = Object.entries(headerRules).find(([name, rule]) => !rule.fits(json[name]));
  return wrong?.[0] ?? Object.keys(json).find((name) => !Object.hasOwn(headerRules, name));
}

function isHeader(json: unknown): json is Header {
  return wrongEntry(json) === undefined;
}

/** What a file holds. */
export interface StoredClassifier<L extends Label = Label> {
  readonly settings: Pick<Header, 'nNeighbors' | 'weights' | 'metric' | 'algorithm'>;
  readonly train: CheckedMatrix;
  readonly labels: EncodedLabels<L>;
}

/**
 * A link is followed.
 * @throws KnnFileError 'unwritable'; an older file of that name is then untouched, and nothing half-written is left.
 */
export async function writeModelFile(path: string, model: StoredClassifier): Promise<void> {
  const { data, rows, columns } = model.train;
  const header = {
    ...{ format: FORMAT, version: VERSION, ...model.settings, rows, columns },
    dtype: isBytes(model.train) ? 'uint8' : 'float32',
    classes: model.labels.classes,
  };
  try {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    const parts = [MAGIC, length, text, littleEndian(model.labels.codes), littleEndian(data)];
    const size = parts.reduce((sum, part) => sum + part.length, HASH_BYTES);
    if (text.length > MOST_HEADER_BYTES) {
      throw new RangeError(
        `the names of its classes take ${text.length} bytes, and ${MOST_HEADER_BYTES} is the most`,
      );
    }
    if (size > MOST_BYTES) {
      throw new RangeError(`it would have ${size} bytes, and ${MOST_BYTES} is the most`);
    }
    await replaceFile(path, sealed(parts));
  } catch (cause) {
    throw new KnnFileError(
      'unwritable',
      `The classifier could not be written to ${path}: ${reason(cause)}; ${cause instanceof RangeError ? 'use shorter labels or fewer rows' : 'choose another place'}.`,
      { cause },
    );
  }
}

/** The parts in chunks, and their SHA-256. */
function* sealed(parts: readonly Buffer[]): Generator<Uint8Array> {
  const hash = createHash('sha256');
  for (const part of parts) {
    for (let at = 0; at < part.length; at += CHUNK_BYTES) {
      const chunk = part.subarray(at, at + CHUNK_BYTES);
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

/** @throws KnnFileError where the file is missing, none of these, of another version, or damaged. */
export async function readModelFile(path: string): Promise<StoredClassifier> {
  let file: RegularFile | undefined;
  try {
    file = await RegularFile.open(path, { maximumBytes: MOST_BYTES });
    return await readAll(file);
  } catch (error) {
    if (error instanceof KnnFileError) throw error;
    throw new KnnFileError(
      'unreadable',
      `The classifier could not be read from ${path}: ${reason(error)}; check the path.`,
      { cause: error },
    );
  } finally {
    await file?.close();
  }
}

async function readAll(file: RegularFile): Promise<StoredClassifier> {
  const { path, size } = file;
  const prefix = await take(file, 0, Math.min(size, PREFIX_BYTES));
  if (prefix.length < PREFIX_BYTES || !prefix.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new KnnFileError(
      'format',
      `${path} is no saved classifier: it does not begin as one; name a file that save has written.`,
    );
  }
  const headerBytes = prefix.readUInt32LE(MAGIC.length);
  if (headerBytes > Math.min(MOST_HEADER_BYTES, size - PREFIX_BYTES)) {
    throw damaged(path, 'its header is longer than the file allows');
  }
  const text = await take(file, PREFIX_BYTES, headerBytes);
  const { nNeighbors, weights, metric, algorithm, rows, columns, dtype, classes } = headerOf(
    text.toString('utf8'),
    path,
  );
  const cellBytes = dtype === 'uint8' ? 1 : 4;
  const bodyAt = PREFIX_BYTES + headerBytes;
  const dataAt = bodyAt + 4 * rows;
  const end = dataAt + cellBytes * rows * columns;
  if (end + HASH_BYTES !== size) {
    throw damaged(path, `it has ${size} bytes, but its header promises ${end + HASH_BYTES}`);
  }
  const codes = new Int32Array(rows);
  const data =
    dtype === 'uint8' ? new Uint8Array(rows * columns) : new Float32Array(rows * columns);
  const hash = createHash('sha256').update(prefix).update(text);
  for (const [array, at] of [
    [codes, bodyAt],
    [data, dataAt],
  ] as const) {
    const bytes = Buffer.from(array.buffer);
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      const chunk = bytes.subarray(from, from + CHUNK_BYTES);
      await file.read(chunk, at + from);
      hash.update(chunk);
    }
    if (endianness() === 'BE' && array.BYTES_PER_ELEMENT === 4) bytes.swap32();
  }
  if (!hash.digest().equals(await take(file, end, HASH_BYTES))) {
    throw damaged(path, 'its checksum does not agree with its contents');
  }
  const train: Matrix = { data, rows, columns };
  checkContents(path, train, codes, classes, nNeighbors);
  return {
    settings: { nNeighbors, weights, metric, algorithm },
    train,
    labels: { classes, codes },
  };
}

function headerOf(text: string, path: string): Header {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, 'its header is no JSON');
  }
  if (isHeader(json)) return json;
  const { format, version } = isObject(json) ? json : {};
  if (format === FORMAT && version !== VERSION && isWhole(version, 0, Number.MAX_SAFE_INTEGER)) {
    throw new KnnFileError(
      'version',
      `${path} was saved in version ${version} of the format, but this package reads version ${VERSION}; fit and save anew.`,
    );
  }
  throw damaged(path, `its header is wrong at "${wrongEntry(json) ?? ''}"`);
}

function checkContents(
  path: string,
  train: Matrix,
  codes: Int32Array,
  classes: readonly Label[],
  nNeighbors: number,
): asserts train is CheckedMatrix {
  try {
    checkMatrix(train, 'its matrix');
  } catch (error) {
    if (error instanceof KnnInputError) throw damaged(path, error.message.replace(/\.$/, ''));
    throw error;
  }
  if (nNeighbors > train.rows) throw damaged(path, 'it asks for more neighbours than it has rows');
  if (codes.some((code) => code < 0 || code >= classes.length)) {
    throw damaged(path, 'a row has a class that is not in its list');
  }
  if (classes.some((label, i) => i > 0 && compareLabels(classes[i - 1] ?? label, label) >= 0)) {
    throw damaged(path, 'its classes are not in ascending order');
  }
}

async function take(file: RegularFile, at: number, bytes: number): Promise<Buffer> {
  const out = Buffer.alloc(bytes);
  await file.read(out, at);
  return out;
}

function damaged(path: string, why: string): KnnFileError {
  return new KnnFileError('damaged', `${path} is damaged: ${why}; fit and save anew.`);
}

/** The bytes of an array as they stand in the file; a view where the processor has the same order. */
function littleEndian(array: Int32Array | Uint8Array | Float32Array): Buffer {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return endianness() === 'LE' || array.BYTES_PER_ELEMENT === 1
    ? bytes
    : Buffer.from(bytes).swap32();
}

function reason(error: unknown): string {
  if (error instanceof FileError) return error.reason;
  return error instanceof Error ? error.message : String(error);
}
