// A Fashion-MNIST of 20 training and 10 test images for the tests, with a list of files and hashes of its own, and
// folders under the system's temporary folder to put it into.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { randomStream } from '@fashion-bench/random';
import { onTestFinished } from 'vitest';
import { FASHION_MNIST_FILES } from '../../src/manifest.ts';
import type { DataFile } from '../../src/manifest.ts';
import type { World } from '../../src/load.ts';

/** IDX bytes of type uint8. */
export function idx(dimensions: readonly number[], values: Uint8Array): Uint8Array {
  const header = new Uint8Array(4 + 4 * dimensions.length);
  const view = new DataView(header.buffer);
  view.setUint8(2, 8);
  view.setUint8(3, dimensions.length);
  dimensions.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  return Buffer.concat([header, values]);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface FakeFile extends DataFile {
  readonly unpacked: Uint8Array;
  readonly packed: Uint8Array;
}

/** The four files with noise for images and 0..9 over and over for labels. */
export const FAKE_FILES: readonly FakeFile[] = FASHION_MNIST_FILES.map((file) => {
  const dimensions = [file.split === 'train' ? 20 : 10, ...file.dimensions.slice(1)];
  const length = dimensions.reduce((product, size) => product * size, 1);
  const random = randomStream(1, file.name);
  const values = Uint8Array.from({ length }, (_, i) =>
    file.kind === 'labels' ? i % 10 : random.integer(0, 256),
  );
  const unpacked = idx(dimensions, values);
  const packed = gzipSync(unpacked);
  return {
    ...file,
    dimensions,
    unpacked,
    packed,
    packedBytes: packed.length,
    packedSha256: sha256(packed),
    unpackedSha256: sha256(unpacked),
  };
});

/** The fake file whose name begins so, such as 'train-labels'. */
export function fake(start: string): FakeFile {
  const file = FAKE_FILES.find(({ name }) => name.startsWith(start));
  if (file === undefined) throw new Error(`No file ${start}`);
  return file;
}

/** An empty folder that disappears after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fashion-bench-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, making their folders, and returns the folder. */
export async function put(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** All four files by name, packed. */
export function packedFiles(): Record<string, Uint8Array> {
  return Object.fromEntries(FAKE_FILES.map(({ name, packed }) => [`${name}.gz`, packed]));
}

/** All four files by name, unpacked. */
export function unpackedFiles(): Record<string, Uint8Array> {
  return Object.fromEntries(FAKE_FILES.map(({ name, unpacked }) => [name, unpacked]));
}

/** A machine on which nothing lies anywhere, under a temporary folder, for the fake files. */
export async function emptyWorld(): Promise<
  World & { root: string; cacheDir: string; home: string }
> {
  const root = await temporaryFolder();
  return {
    root,
    cacheDir: join(root, 'cache'),
    cwd: join(root, 'work', 'project', 'apps'),
    home: join(root, 'home'),
    moduleFile: join(root, 'elsewhere', 'module.js'),
    files: FAKE_FILES,
    settings: { retryMilliseconds: 1 },
  };
}

/** The same files but for some. */
export function without(
  files: Readonly<Record<string, Uint8Array>>,
  ...names: readonly string[]
): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
}
