/**
 * The file of a fitted classifier. One file, little-endian, version 1:
 *
 *     8 bytes    "fbknn\r\n\x1a": what it is; a transfer as text would break it visibly
 *     uint32     length of the header in bytes
 *     header     JSON in UTF-8, see `header` below: settings, sizes, classes
 *     int32      [rows] position of each row's label in the header's classes
 *     data       [rows][columns] uint8 or float32
 *     32 bytes   SHA-256 of all of the above
 *
 * It is written whole or not at all, and believed only when sizes, checksum and contents agree.
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { FileError, RegularFile, replaceFile } from '@fashion-bench/files';
import { z } from 'zod';
import { KnnFileError, KnnInputError } from './errors.ts';
import type { EncodedLabels, Label } from './labels.ts';
import { compareLabels } from './labels.ts';
import { checkMatrix, isBytes } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';

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

const whole = z.int().positive();
const versioned = z.object({ format: z.literal(FORMAT), version: z.int() });
const header = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  nNeighbors: whole,
  weights: z.enum(['uniform', 'distance']),
  metric: z.enum(['euclidean', 'manhattan', 'cosine', 'innerProduct']),
  algorithm: z.enum(['auto', 'brute', 'pruned']),
  rows: whole,
  columns: whole,
  dtype: z.enum(['uint8', 'float32']),
  classes: z.union([z.array(z.int()).min(1), z.array(z.string()).min(1)]),
});

/** What a file holds. */
export interface StoredClassifier<L extends Label = Label> {
  readonly settings: Pick<
    z.infer<typeof header>,
    'nNeighbors' | 'weights' | 'metric' | 'algorithm'
  >;
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

function headerOf(text: string, path: string): z.infer<typeof header> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, 'its header is no JSON');
  }
  const { success, data } = versioned.safeParse(json);
  if (success && data.version !== VERSION) {
    throw new KnnFileError(
      'version',
      `${path} was saved in version ${data.version} of the format, but this package reads version ${VERSION}; fit and save anew.`,
    );
  }
  const parsed = header.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(path, `its header is wrong at "${issue?.path.join('.') ?? ''}"`);
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
