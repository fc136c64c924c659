/** The raw arrays of a race in a temporary folder, so that every contestant reads the same bytes. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { indicesFile, TEST_IMAGES, TRAIN_IMAGES, TRAIN_LABELS } from './messages.ts';

export interface RaceData {
  /** [n * 784] */
  readonly trainImages: Uint8Array;
  readonly trainLabels: Uint8Array;
  readonly testImages: Uint8Array;
}

/** Hands the folder to `use`; afterwards it is gone, whatever happened. */
export async function withDataFolder<T>(
  { trainImages, trainLabels, testImages }: RaceData,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fashion-bench-race-'));
  try {
    await writeFile(join(folder, TRAIN_IMAGES), trainImages);
    await writeFile(join(folder, TRAIN_LABELS), trainLabels);
    await writeFile(join(folder, TEST_IMAGES), testImages);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The row numbers that a search left there: int32 [queries, k], in the machine's byte order. */
export async function readIndices(folder: string, id: string): Promise<Int32Array> {
  const bytes = Uint8Array.from(await readFile(join(folder, indicesFile(id))));
  return new Int32Array(bytes.buffer);
}
