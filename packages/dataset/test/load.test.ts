import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, onTestFinished, vi } from 'vitest';
import { CLASS_NAMES, DatasetError } from '../src/index.ts';
import type { DownloadEvent, ImageDataset } from '../src/index.ts';
import { loadFrom } from '../src/load.ts';
import { FASHION_MNIST_FILES } from '../src/manifest.ts';
import {
  emptyWorld,
  fake,
  idx,
  packedFiles,
  put,
  temporaryFolder,
  unpackedFiles,
  without,
} from './support/fake.ts';
import { canLoseRights, withoutRights } from './support/rights.ts';

const NO_ENV = {};

/** Loads the fake set from a given folder on an otherwise empty machine. */
async function loadDir(dir: string): Promise<ImageDataset> {
  return loadFrom({ dir, env: NO_ENV, download: false }, await emptyWorld());
}

/** The error that loading from `dir` ends in. */
async function refusal(dir: string): Promise<{ code: string; message: string }> {
  const error: unknown = await loadDir(dir).catch((caught: unknown) => caught);
  if (!(error instanceof DatasetError))
    throw new Error(`Expected a DatasetError, got ${String(error)}`);
  // One sentence: no second full stop followed by a capital.
  expect(error.message).toMatch(/\.$/);
  expect(error.message).not.toMatch(/[a-z)]\. [A-Z]/);
  return { code: error.code, message: error.message };
}

describe('a given folder', () => {
  test.each([
    ['packed', packedFiles(), '.gz'],
    ['unpacked', unpackedFiles(), ''],
  ])('with %s files', async (_, files, ending) => {
    const dir = await put(await temporaryFolder(), files);
    const data = await loadDir(dir);
    expect(data.name).toBe('fashion-mnist');
    expect(data.synthetic).toBe(false);
    expect(data.source).toBe(dir);
    expect(data.train.images).toEqual(Uint8Array.from(fake('train-images').unpacked.subarray(16)));
    expect(data.test.images).toEqual(Uint8Array.from(fake('t10k-images').unpacked.subarray(16)));
    expect([...data.train.labels]).toEqual(Array.from({ length: 20 }, (_value, i) => i % 10));
    expect(data.test.labels).toHaveLength(10);
    expect(data.test.classNames).toBe(CLASS_NAMES);
    const file = fake('t10k-images');
    expect(data.sha256[`t10k-images-idx3-ubyte${ending}`]).toBe(
      ending === '' ? file.unpackedSha256 : file.packedSha256,
    );
    // The same, however they are packed.
    expect(data.contentSha256['t10k-images-idx3-ubyte']).toBe(file.unpackedSha256);
    expect(Object.keys(data.contentSha256)).toHaveLength(4);
    expect(Object.keys(data.sha256)).toHaveLength(4);
  });

  test('with some files packed and some not', async () => {
    const dir = await put(await temporaryFolder(), {
      ...without(packedFiles(), 'train-images-idx3-ubyte.gz'),
      'train-images-idx3-ubyte': fake('train-images').unpacked,
    });
    expect((await loadDir(dir)).train.images).toHaveLength(20 * 784);
  });

  test('with a file packed again by someone else', async () => {
    const again = gzipSync(fake('train-labels').unpacked, { level: 0 });
    const dir = await put(await temporaryFolder(), {
      ...packedFiles(),
      'train-labels-idx1-ubyte.gz': again,
    });
    expect((await loadDir(dir)).train.labels).toHaveLength(20);
  });

  test('with files that a browser unpacked but for their names, and the other way round', async () => {
    const swapped = (files: Record<string, Uint8Array>, rename: (name: string) => string) =>
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [rename(name), bytes]));
    for (const files of [
      swapped(unpackedFiles(), (name) => `${name}.gz`),
      swapped(packedFiles(), (name) => name.replace('.gz', '')),
    ]) {
      const dir = await put(await temporaryFolder(), files);
      const data = await loadDir(dir);
      expect(data.train.images).toEqual(
        Uint8Array.from(fake('train-images').unpacked.subarray(16)),
      );
      expect(Object.keys(data.sha256).sort()).toEqual(Object.keys(files).sort());
    }
  });

  test.each([packedFiles(), unpackedFiles()])('named train-images.idx3-ubyte', async (files) => {
    const dotted = Object.entries(files).map(
      ([name, bytes]) => [name.replace('-idx', '.idx'), bytes] as const,
    );
    const dir = await put(await temporaryFolder(), Object.fromEntries(dotted));
    expect((await loadDir(dir)).test.images).toHaveLength(10 * 784);
  });

  test('with a broken packed file beside a good one, in whichever order', async () => {
    const packed = fake('t10k-images').packed;
    const name = 't10k-images-idx3-ubyte';
    for (const [broken, good] of [
      [`${name}.gz`, name],
      [name, 't10k-images.idx3-ubyte.gz'],
    ] as const) {
      const dir = await put(await temporaryFolder(), {
        ...without(packedFiles(), `${name}.gz`),
        [broken]: packed.subarray(0, 3000),
        [good]: packed,
      });
      expect((await loadDir(dir)).test.images).toHaveLength(10 * 784);
      await rm(join(dir, good));
      expect((await refusal(dir)).message).toBe(
        `${join(dir, broken)} is truncated (its gzip stream ends too early): delete it and get it again.`,
      );
    }
  });

  test.skipIf(process.platform === 'win32')(
    'with a pipe, an endless device or a huge file in it',
    async () => {
      const name = 'train-labels-idx1-ubyte.gz';
      const dir = await put(await temporaryFolder(), without(packedFiles(), name));
      const path = join(dir, name);
      const pipe = 'it is no regular file (a pipe, say, or a device)';
      for (const [make, reason] of [
        [() => execFileSync('mkfifo', [path]), pipe],
        [() => symlink('/dev/zero', path), pipe],
        [
          () => writeFile(path, '').then(() => truncate(path, 2 ** 40)),
          /it has 1099511627776 bytes, more than the \d+ that are allowed/,
        ],
      ] as const) {
        await make();
        const { code, message } = await refusal(dir);
        expect(code).toBe('corrupt');
        expect(message).toMatch(reason);
        await rm(path);
      }
    },
  );

  test.each(['FashionMNIST/raw', 'raw'])('that is a torchvision folder above %s', async (below) => {
    const dir = await temporaryFolder();
    await put(join(dir, below), packedFiles());
    expect((await loadDir(dir)).source).toBe(join(dir, below));
  });

  test('may be relative to the working directory', async () => {
    const world = await emptyWorld();
    await put(join(world.cwd, 'mine'), packedFiles());
    const data = await loadFrom({ dir: 'mine', env: NO_ENV }, world);
    expect(data.source).toBe(join(world.cwd, 'mine'));
  });

  test('that does not exist', async () => {
    const dir = join(await temporaryFolder(), 'nowhere');
    expect(await refusal(dir)).toEqual({
      code: 'not-found',
      message: `${dir} is not a folder: give one that holds the four files of Fashion-MNIST.`,
    });
  });

  test('that is a file', async () => {
    const dir = await put(await temporaryFolder(), { file: 'x' });
    expect(await refusal(join(dir, 'file'))).toMatchObject({ code: 'not-found' });
  });

  test('that lacks files is an error, even if another place has them', async () => {
    const dir = await put(
      await temporaryFolder(),
      without(packedFiles(), 'train-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'),
    );
    const world = await emptyWorld();
    await put(world.cacheDir, packedFiles());
    await expect(loadFrom({ dir, env: NO_ENV, cacheDir: world.cacheDir }, world)).rejects.toThrow(
      new DatasetError(
        'not-found',
        `${dir} lacks t10k-labels-idx1-ubyte, train-images-idx3-ubyte: the folder must hold the 4 files of Fashion-MNIST, packed (.gz) or unpacked.`,
      ),
    );
  });

  test('with a truncated packed file', async () => {
    const packed = fake('train-images').packed;
    const dir = await put(await temporaryFolder(), {
      ...packedFiles(),
      'train-images-idx3-ubyte.gz': packed.subarray(0, packed.length / 2),
    });
    expect(await refusal(dir)).toEqual({
      code: 'corrupt',
      message: `${join(dir, 'train-images-idx3-ubyte.gz')} is truncated (its gzip stream ends too early): delete it and get it again.`,
    });
  });

  test('with a truncated unpacked file', async () => {
    const dir = await put(await temporaryFolder(), {
      ...unpackedFiles(),
      't10k-images-idx3-ubyte': fake('t10k-images').unpacked.subarray(0, 1000),
    });
    expect(await refusal(dir)).toEqual({
      code: 'corrupt',
      message: `${join(dir, 't10k-images-idx3-ubyte')} holds 1000 bytes where its dimensions [10, 28, 28] ask for 7856: it is truncated; delete the file and get it again.`,
    });
  });

  test('with a file that is not gzip at all', async () => {
    const dir = await put(await temporaryFolder(), {
      ...packedFiles(),
      't10k-labels-idx1-ubyte.gz': '<html>not found</html>',
    });
    expect(await refusal(dir)).toEqual({
      code: 'corrupt',
      message: `${join(dir, 't10k-labels-idx1-ubyte.gz')} is damaged or not a gzip file: delete it and get it again.`,
    });
  });

  test('with a damaged packed file', async () => {
    const packed = Uint8Array.from(fake('train-images').packed);
    packed.fill(0x55, packed.length / 2, packed.length / 2 + 100);
    const dir = await put(await temporaryFolder(), {
      ...packedFiles(),
      'train-images-idx3-ubyte.gz': packed,
    });
    expect(await refusal(dir)).toMatchObject({ code: 'corrupt' });
  });

  test('with one pixel changed', async () => {
    const unpacked = Uint8Array.from(fake('t10k-images').unpacked);
    unpacked[500] = unpacked[500]! ^ 1;
    const dir = await put(await temporaryFolder(), {
      ...unpackedFiles(),
      't10k-images-idx3-ubyte': unpacked,
    });
    const { code, message } = await refusal(dir);
    expect(code).toBe('corrupt');
    expect(message).toMatch(
      /t10k-images-idx3-ubyte is not the published file, its SHA-256 is [0-9a-f]{64}: delete it and get it again\.$/,
    );
  });

  test('with a file that unpacks to far too much', async () => {
    const dir = await put(await temporaryFolder(), {
      ...packedFiles(),
      't10k-labels-idx1-ubyte.gz': gzipSync(new Uint8Array(1_000_000)),
    });
    expect((await refusal(dir)).message).toContain(
      'unpacks to more than any file of Fashion-MNIST',
    );
  });

  test.each([
    ['t10k-labels-idx1-ubyte', 'train-labels-idx1-ubyte'],
    ['t10k-images-idx3-ubyte', 'train-images-idx3-ubyte'],
    ['train-labels-idx1-ubyte', 'train-images-idx3-ubyte'],
  ])('with %s and %s swapped', async (one, other) => {
    for (const [files, ending] of [
      [packedFiles(), '.gz'],
      [unpackedFiles(), ''],
    ] as const) {
      const dir = await put(await temporaryFolder(), {
        ...files,
        [one + ending]: files[other + ending] ?? '',
        [other + ending]: files[one + ending] ?? '',
      });
      const { code, message } = await refusal(dir);
      expect(code).toBe('swapped');
      expect(message).toMatch(
        /(train|t10k)-\S+ holds what belongs into (train|t10k)-\S+: the files are swapped or renamed, give them back their names\.$/,
      );
    }
  });

  test.runIf(canLoseRights)('without permission', async () => {
    const dir = await put(await temporaryFolder(), packedFiles());
    const refused = await withoutRights(dir, () => refusal(dir));
    expect(refused).toEqual({
      code: 'permission',
      message: `No permission to read ${dir}: change its access rights or choose another folder.`,
    });
  });

  test('can be aborted', async () => {
    const dir = await put(await temporaryFolder(), packedFiles());
    const world = await emptyWorld();
    const reason = new Error('enough');
    await expect(
      loadFrom({ dir, env: NO_ENV, signal: AbortSignal.abort(reason) }, world),
    ).rejects.toBe(reason);
  });
});

describe('MNIST', () => {
  /** Labels with MNIST's own counts, in any order. */
  function mnistLabels(counts: readonly number[]): Uint8Array {
    const labels = counts.flatMap((count, label) => new Array<number>(count).fill(label));
    return idx([labels.length], Uint8Array.from(labels));
  }
  const train = mnistLabels([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  const test10k = mnistLabels([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);

  test.each(['', '.gz'])('is recognised by its labels (files named *%s)', async (ending) => {
    const pack = (bytes: Uint8Array): Uint8Array => (ending === '' ? bytes : gzipSync(bytes));
    const dir = await put(await temporaryFolder(), {
      [`train-labels-idx1-ubyte${ending}`]: pack(train),
      [`t10k-labels-idx1-ubyte${ending}`]: pack(test10k),
      [`train-images-idx3-ubyte${ending}`]: 'never read',
      [`t10k-images-idx3-ubyte${ending}`]: 'never read',
    });
    const world = { ...(await emptyWorld()), files: FASHION_MNIST_FILES };
    await expect(loadFrom({ dir, env: NO_ENV }, world)).rejects.toThrow(
      new DatasetError(
        'is-mnist',
        `${dir}: this is MNIST, not Fashion-MNIST (both use the same file names); give a folder with the files of Fashion-MNIST.`,
      ),
    );
  });

  test('is recognised by its test labels alone', async () => {
    const world = await emptyWorld();
    const files = world.files.map((file) =>
      file.name === 't10k-labels-idx1-ubyte' ? { ...file, dimensions: [10_000] } : file,
    );
    const dir = await put(await temporaryFolder(), {
      ...unpackedFiles(),
      't10k-labels-idx1-ubyte': test10k,
    });
    await expect(loadFrom({ dir, env: NO_ENV }, { ...world, files })).rejects.toMatchObject({
      code: 'is-mnist',
    });
  });
});

describe('FASHION_MNIST_DIR', () => {
  test('counts as given', async () => {
    const world = await emptyWorld();
    const dir = await put(await temporaryFolder(), packedFiles());
    await put(world.cacheDir, packedFiles());
    const env = { FASHION_MNIST_DIR: dir };
    expect((await loadFrom({ env, cacheDir: world.cacheDir }, world)).source).toBe(dir);
  });

  test('is named in the error', async () => {
    const world = await emptyWorld();
    const dir = await temporaryFolder();
    await expect(
      loadFrom({ env: { FASHION_MNIST_DIR: dir }, cacheDir: world.cacheDir }, world),
    ).rejects.toThrow(`${dir} (from FASHION_MNIST_DIR) lacks train-labels-idx1-ubyte, `);
  });

  test('yields to the option dir', async () => {
    const world = await emptyWorld();
    const dir = await put(await temporaryFolder(), packedFiles());
    const data = await loadFrom({ dir, env: { FASHION_MNIST_DIR: '/nowhere' } }, world);
    expect(data.source).toBe(dir);
  });
});

describe('usual places', () => {
  test('are tried in their order', async () => {
    const world = await emptyWorld();
    const { root, cacheDir } = world;
    const kerasHome = join(root, 'keras');
    await put(join(root, 'work', 'project'), { 'pnpm-workspace.yaml': '' });
    await put(join(root, 'elsewhere'), { 'pnpm-workspace.yaml': '' });
    const places = [
      cacheDir,
      join(kerasHome, 'datasets', 'fashion-mnist'),
      join(world.home, '.keras', 'datasets', 'fashion-mnist'),
      join(world.cwd, 'data', 'FashionMNIST', 'raw'),
      join(root, 'work', 'shared', 'fashion-mnist'),
      join(root, 'shared', 'fashion-mnist'),
    ];
    const options = { env: { KERAS_HOME: kerasHome }, cacheDir, download: false };
    for (const place of places.toReversed()) {
      await put(place, packedFiles());
      expect((await loadFrom(options, world)).source).toBe(place);
    }
  });

  test('without the data end in one error that names them', async () => {
    const world = await emptyWorld();
    const { cacheDir, home, cwd } = world;
    await expect(loadFrom({ env: NO_ENV, cacheDir, download: false }, world)).rejects.toThrow(
      new DatasetError(
        'not-found',
        `Fashion-MNIST is in none of ${cacheDir}, ${join(home, '.keras', 'datasets', 'fashion-mnist')}, ${join(cwd, 'data', 'FashionMNIST', 'raw')}, and downloading is switched off: name its folder by the option dir or by FASHION_MNIST_DIR.`,
      ),
    );
  });

  test('of a user without a home are the others', async () => {
    const world = await emptyWorld();
    vi.stubEnv('XDG_CACHE_HOME', world.root);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const loading = loadFrom({ env: NO_ENV, download: false }, { ...world, home: null });
    await expect(loading).rejects.toThrow(
      `is in none of ${join(world.root, 'fashion-bench')}, ${join(world.cwd, 'data', 'FashionMNIST', 'raw')}, and`,
    );
  });

  test('that are unfit are skipped with an event', async () => {
    const world = await emptyWorld();
    const events: DownloadEvent[] = [];
    const keras = join(world.home, '.keras', 'datasets', 'fashion-mnist');
    const torchvision = join(world.cwd, 'data', 'FashionMNIST', 'raw');
    await put(keras, { ...packedFiles(), 't10k-labels-idx1-ubyte.gz': 'damaged' });
    await mkdir(world.cacheDir);
    await put(torchvision, unpackedFiles());
    const data = await loadFrom(
      {
        env: NO_ENV,
        cacheDir: world.cacheDir,
        onProgress: (event) => {
          events.push(event);
        },
      },
      world,
    );
    expect(data.source).toBe(torchvision);
    expect(events).toEqual([
      {
        type: 'skipped',
        folder: keras,
        reason: `${join(keras, 't10k-labels-idx1-ubyte.gz')} is damaged or not a gzip file: delete it and get it again.`,
      },
    ]);
  });
});
