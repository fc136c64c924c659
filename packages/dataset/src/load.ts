// Fashion-MNIST from wherever it is: the places in order, then the mirrors; whatever is found is checked byte for byte.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeFolder, makeFolder } from '@fashion-bench/files';
import { checkOptions } from './checks.ts';
import { downloadFile } from './download.ts';
import type { DownloadEvent, DownloadSettings } from './download-types.ts';
import { DatasetError, fileError } from './errors.ts';
import { isEmptyPlace, readPlace } from './folder.ts';
import type { VerifiedFolder } from './folder.ts';
import { FASHION_MNIST_FILES } from './manifest.ts';
import type { DataFile } from './manifest.ts';
import { searchPlaces } from './places.ts';
import type { Environment, Place, Surroundings } from './places.ts';
import { CLASS_NAMES } from './types.ts';
import type { ImageDataset, LabelledImages } from './types.ts';
import { readVerified } from './verify.ts';

/**
 * The official mirrors, on three hosts. Keras' comes first because it is the fastest and encrypted; the second is the
 * data set's own address, which has no https (every file is checked by SHA-256 whatever it came over).
 */
export const MIRRORS: readonly string[] = [
  'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
];

export interface LoadOptions {
  /**
   * Folder with the four files, packed (.gz) or not; a torchvision root or its FashionMNIST folder will do. When given,
   * nothing else is tried. Default: FASHION_MNIST_DIR of `env`, to which the same applies.
   */
  readonly dir?: string | undefined;
  /** Where downloads are kept; default: the user's cache folder for 'fashion-bench'. */
  readonly cacheDir?: string | undefined;
  /** Whether to download what is nowhere to be found; default true. */
  readonly download?: boolean | undefined;
  /** Told about skipped folders and downloads; must not throw (end a download by `signal`). */
  readonly onProgress?: ((event: DownloadEvent) => void) | undefined;
  /** Ends the loading; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Read for FASHION_MNIST_DIR and KERAS_HOME; default process.env. */
  readonly env?: Environment | undefined;
  /** Base URLs to download from, in this order; default MIRRORS. */
  readonly mirrors?: readonly string[] | undefined;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch | undefined;
}

/** What is fixed in use and different in tests: the world around, the files looked for, waiting times. */
export interface World extends Surroundings {
  readonly files: readonly DataFile[];
  readonly settings?: Pick<DownloadSettings, 'idleMilliseconds' | 'retryMilliseconds' | 'openFile'>;
}

/**
 * Loads Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 pixels. Looks at `dir`, FASHION_MNIST_DIR, the
 * own cache, Keras' folder, torchvision's `./data`, `../shared/fashion-mnist` beside the repository, and then downloads
 * 31 MB into the cache. Every file is checked by SHA-256.
 *
 * @throws DatasetError; its `code` says what is wrong (see DatasetErrorCode). A folder that was given and is unfit is
 * an error, a usual one is skipped with an event.
 */
export async function loadFashionMnist(options: LoadOptions = {}): Promise<ImageDataset> {
  return loadFrom(options, {
    cwd: process.cwd(),
    home: homeFolder(),
    moduleFile: fileURLToPath(import.meta.url),
    files: FASHION_MNIST_FILES,
  });
}

/** As loadFashionMnist, in a world of the caller's making. Not exported from the package. */
export async function loadFrom(options: LoadOptions, world: World): Promise<ImageDataset> {
  checkOptions('load', options);
  const { dir, env = process.env, signal, onProgress, download = true } = options;
  const { files } = world;
  const cacheDir = options.cacheDir ?? (await usualCache(world));
  const search = searchPlaces(dir, env, cacheDir, world);
  signal?.throwIfAborted();

  if (search.kind === 'given') return toDataset(await readPlace(search.place, files, signal));

  const skipped: string[] = [];
  for (const place of search.places) {
    try {
      return toDataset(await readPlace(place, files, signal));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      if (error.code === 'not-found' && (await isEmptyPlace(place, files))) continue;
      skipped.push(error.message);
      onProgress?.({ type: 'skipped', folder: place.label, reason: error.message });
    }
  }
  if (!download) throw nowhere(search.places, skipped);
  return downloadAll(options, cacheDir, world);
}

/** The user's cache folder. Whoever has no home gets the system's temporary one, unless XDG_CACHE_HOME names another. */
async function usualCache({ home }: World): Promise<string> {
  const { XDG_CACHE_HOME: given = '' } = process.env;
  if (home === null) return join(given === '' ? tmpdir() : given, 'fashion-bench');
  // Loaded here, since it asks for the home folder while it is being loaded.
  const { default: envPaths } = await import('env-paths');
  return envPaths('fashion-bench', { suffix: '' }).cache;
}

function nowhere(places: readonly Place[], skipped: readonly string[]): DatasetError {
  const unfit = skipped.length === 0 ? '' : `; unfit: ${skipped.join(' ')}`;
  return new DatasetError(
    'not-found',
    `Fashion-MNIST is in none of ${places.map(({ label }) => label).join(', ')}, and downloading is switched off: name its folder by the option dir or by FASHION_MNIST_DIR${unfit}.`,
  );
}

/** Fills the cache with what it lacks, then reads it. */
async function downloadAll(
  options: LoadOptions,
  cacheDir: string,
  { files, settings }: World,
): Promise<ImageDataset> {
  const { signal, onProgress, mirrors = MIRRORS } = options;
  for (const mirror of mirrors) {
    if (!URL.canParse(mirror)) {
      throw new DatasetError('argument', `The mirror ${mirror} is not a URL.`);
    }
  }
  await makeFolder(cacheDir).catch((error: unknown) => {
    throw fileError(error, 'write', cacheDir);
  });

  const hosts = new Set<string>();
  let order = mirrors;
  for (const file of files) {
    if (await isIntact(cacheDir, file, files)) continue;
    const url = await downloadFile(file, cacheDir, {
      ...settings,
      mirrors: order,
      fetch: options.fetch ?? fetch,
      onEvent: onProgress ?? (() => undefined),
      signal,
    });
    // The mirror that delivered is asked first from now on.
    const good = order.find((mirror) => url.startsWith(mirror));
    if (good !== undefined) order = [good, ...order.filter((mirror) => mirror !== good)];
    hosts.add(new URL('.', url).href);
  }
  const loaded = await readPlace({ folders: [cacheDir], label: cacheDir }, files, signal);
  // Another process may have filled the cache meanwhile.
  if (hosts.size === 0) return toDataset(loaded);
  return toDataset(loaded, `${[...hosts].join(', ')} (kept in ${cacheDir})`);
}

async function isIntact(
  folder: string,
  file: DataFile,
  files: readonly DataFile[],
): Promise<boolean> {
  try {
    await readVerified(folder, file, files);
    return true;
  } catch (error) {
    // Absent, damaged or unreadable: the download replaces it, or says why it cannot.
    if (error instanceof DatasetError) return false;
    throw error;
  }
}

function toDataset({ folder, files }: VerifiedFolder, source = folder): ImageDataset {
  const part = (split: 'train' | 'test'): LabelledImages => {
    const values = (kind: 'images' | 'labels'): Uint8Array => {
      const found = files.find(({ file }) => file.split === split && file.kind === kind);
      if (found === undefined) throw new Error(`The list of files has no ${split} ${kind}.`);
      return found.values;
    };
    return { images: values('images'), labels: values('labels'), classNames: CLASS_NAMES };
  };
  return {
    name: 'fashion-mnist',
    synthetic: false,
    train: part('train'),
    test: part('test'),
    source,
    sha256: Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])),
    // Each was proved to have this content.
    contentSha256: Object.fromEntries(files.map(({ file }) => [file.name, file.unpackedSha256])),
  };
}
