// One data file in a folder -> its values, proved to be the published ones. The proof is a SHA-256; everything after a
// failed proof only serves to say in one sentence what the file is instead.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FileError, readRegularFile, systemCode } from '@fashion-bench/files';
import { DatasetError, fileError } from './errors.ts';
import { parseImages, parseLabels } from './idx.ts';
import { areMnistLabels, isMnistHash, namesOf } from './manifest.ts';
import type { DataFile } from './manifest.ts';

/** A file that was found and is the published one. */
export interface VerifiedFile {
  /** Name as read, with or without '.gz'. */
  readonly name: string;
  /** Of the file as read. */
  readonly sha256: string;
  /** Images [n * 784] or labels [n]. */
  readonly values: Uint8Array;
}

const unpack = promisify(gunzip);

/**
 * Reads `file` from `folder`, under the first of its names whose file proves genuine. Whether it is packed, its bytes say:
 * browsers unpack what they download and keep the name.
 * @param files all four, to recognise one under another's name.
 * @throws DatasetError 'corrupt', 'swapped', 'is-mnist', 'permission' or 'io', for the first name that there is;
 * 'not-found' where there is none.
 */
export async function readVerified(
  folder: string,
  file: DataFile,
  files: readonly DataFile[],
): Promise<VerifiedFile> {
  const failures: DatasetError[] = [];
  for (const name of namesOf(file)) {
    try {
      return await readNamed(folder, name, file, files);
    } catch (error) {
      if (error instanceof FileError && error.code === 'not-found') continue;
      if (!(error instanceof DatasetError || error instanceof FileError)) throw error;
      failures.push(fileError(error, 'read', join(folder, name)));
    }
  }
  throw failures[0] ?? new DatasetError('not-found', `${folder} lacks ${file.name}.`);
}

async function readNamed(
  folder: string,
  name: string,
  file: DataFile,
  files: readonly DataFile[],
): Promise<VerifiedFile> {
  const path = join(folder, name);
  const largest = Math.max(...files.map(unpackedBytes));
  // A file that somebody packed again may be larger than what is in it, by a little.
  const bytes = await readRegularFile(path, { maximumBytes: largest + 2 ** 20 });
  const sha256 = hexSha256(bytes);
  const unpacked = isPacked(bytes, name) ? await unpackFile(bytes, path, largest) : bytes;

  // Where the published .gz was packed again by someone, what counts is what is inside.
  const genuine = sha256 === file.packedSha256 || hexSha256(unpacked) === file.unpackedSha256;
  if (!genuine) throw explain(folder, path, file, sha256, unpacked, files);
  return { name, sha256, values: parse(unpacked, path, file) };
}

/** By gzip's first bytes; a file named .gz that begins neither so nor as IDX does is to be told that it is no gzip file. */
function isPacked(bytes: Uint8Array, name: string): boolean {
  const [first, second] = bytes;
  return (
    (first === 0x1f && second === 0x8b) || (name.endsWith('.gz') && (first !== 0 || second !== 0))
  );
}

/** SHA-256 of the bytes, one part after the other, in hexadecimal. */
export function hexSha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** The error for a folder with MNIST in it. */
function mnistError(where: string): DatasetError {
  return new DatasetError(
    'is-mnist',
    `${where}: this is MNIST, not Fashion-MNIST (both use the same file names); give a folder with the files of Fashion-MNIST.`,
  );
}

function unpackedBytes(file: DataFile): number {
  return 4 + 4 * file.dimensions.length + file.dimensions.reduce((n, size) => n * size, 1);
}

async function unpackFile(bytes: Uint8Array, path: string, largest: number): Promise<Uint8Array> {
  try {
    // The limit keeps a hostile file from filling the memory.
    return await unpack(bytes, { maxOutputLength: largest });
  } catch (error) {
    const code = systemCode(error);
    const what =
      code === 'Z_BUF_ERROR'
        ? 'is truncated (its gzip stream ends too early)'
        : code === 'ERR_BUFFER_TOO_LARGE'
          ? 'unpacks to more than any file of Fashion-MNIST'
          : 'is damaged or not a gzip file';
    throw new DatasetError('corrupt', `${path} ${what}: delete it and get it again.`, {
      cause: error,
    });
  }
}

/** Images or labels of a file, with the shape that the file must have. */
function parse(unpacked: Uint8Array, path: string, file: DataFile): Uint8Array {
  const count = file.dimensions[0];
  return file.kind === 'images'
    ? parseImages(unpacked, path, count)
    : parseLabels(unpacked, path, count);
}

/** What a file is that failed its proof. */
function explain(
  folder: string,
  path: string,
  file: DataFile,
  sha256: string,
  unpacked: Uint8Array,
  files: readonly DataFile[],
): DatasetError {
  if (isMnistHash(sha256)) return mnistError(folder);
  const inside = hexSha256(unpacked);
  const other = files.find((candidate) => candidate.unpackedSha256 === inside);
  if (other !== undefined) {
    return new DatasetError(
      'swapped',
      `${path} holds what belongs into ${other.name}: the files are swapped or renamed, give them back their names.`,
    );
  }
  try {
    const values = parse(unpacked, path, file);
    if (file.kind === 'labels' && areMnistLabels(values)) return mnistError(folder);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const sentence = error.message.replace(/\.$/, '');
    return new DatasetError('corrupt', `${sentence}; delete the file and get it again.`, {
      cause: error,
    });
  }
  return new DatasetError(
    'corrupt',
    `${path} is not the published file, its SHA-256 is ${sha256}: delete it and get it again.`,
  );
}
