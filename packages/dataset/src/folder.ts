// A place -> the four verified files, or why not.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '@fashion-bench/files';
import { DatasetError, fileError } from './errors.ts';
import { namesOf } from './manifest.ts';
import type { DataFile } from './manifest.ts';
import type { Place } from './places.ts';
import { readVerified } from './verify.ts';
import type { VerifiedFile } from './verify.ts';

/** All files of a place, in the order of the manifest. */
export interface VerifiedFolder {
  readonly folder: string;
  readonly files: readonly (VerifiedFile & { readonly file: DataFile })[];
}

/** What a folder has of the four files; `absent` when there is no such folder. */
interface Listing {
  readonly folder: string;
  readonly absent: boolean;
  readonly missing: readonly DataFile[];
}

/**
 * Reads and checks the files of a place.
 * @throws DatasetError 'not-found' when there is no folder or files are missing; else as readVerified.
 */
export async function readPlace(
  place: Place,
  files: readonly DataFile[],
  signal?: AbortSignal,
): Promise<VerifiedFolder> {
  const listings = await listAll(place, files);
  const complete = listings.find((listing) => listing.missing.length === 0);
  if (complete === undefined) throw incomplete(place, listings, files);

  const read: (VerifiedFile & { file: DataFile })[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    read.push({ ...(await readVerified(complete.folder, file, files)), file });
  }
  return { folder: complete.folder, files: read };
}

/** Whether a place holds nothing at all, so that there is nothing to complain about. */
export async function isEmptyPlace(place: Place, files: readonly DataFile[]): Promise<boolean> {
  const listings = await listAll(place, files);
  return listings.every((listing) => listing.missing.length === files.length);
}

/** One after the other: where several cannot be read, the error names the first of them, every time. */
async function listAll(place: Place, files: readonly DataFile[]): Promise<readonly Listing[]> {
  const listings: Listing[] = [];
  for (const folder of place.folders) listings.push(await list(folder, files));
  return listings;
}

async function list(folder: string, files: readonly DataFile[]): Promise<Listing> {
  let names = new Set<string>();
  let absent = false;
  try {
    names = new Set(await readdir(folder));
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, 'read', folder);
    absent = true;
  }
  const missing = files.filter((file) => !namesOf(file).some((name) => names.has(name)));
  return { folder, absent, missing };
}

function incomplete(
  place: Place,
  listings: readonly Listing[],
  files: readonly DataFile[],
): DatasetError {
  // Name the folder that came nearest; the place itself where none has anything.
  const nearest = listings.reduce((best, listing) =>
    listing.missing.length < best.missing.length ? listing : best,
  );
  if (nearest.absent) {
    return new DatasetError(
      'not-found',
      `${place.label} is not a folder: give one that holds the four files of Fashion-MNIST.`,
    );
  }
  const where = nearest.folder === place.folders[0] ? place.label : nearest.folder;
  const missing = nearest.missing.map(({ name }) => name).join(', ');
  return new DatasetError(
    'not-found',
    `${where} lacks ${missing}: the folder must hold the ${files.length} files of Fashion-MNIST, packed (.gz) or unpacked.`,
  );
}

/** The path under which a downloaded file is kept. */
export function packedPath(folder: string, file: DataFile): string {
  return join(folder, `${file.name}.gz`);
}
