import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KNeighborsClassifier, KnnFileError } from '../src/index.ts';
import type { KNeighborsClassifierOptions, Label, Matrix } from '../src/index.ts';
import { bumps, floats } from './helpers.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'knn-file-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const X = bumps(40, 12, 1);
const queries = bumps(9, 12, 2);
const names = Array.from({ length: 40 }, (_, i) => ['shoe', 'shirt', 'bag'][i % 3] ?? '');

/** A small classifier with names as labels, saved. */
async function saved(folder = scratch()): Promise<{ path: string; bytes: Buffer }> {
  const path = join(folder, 'shoes.fbknn');
  const classifier = await new KNeighborsClassifier<string>({ nNeighbors: 3, p: 1 }).fit(X, names);
  await classifier.save(path);
  await classifier.dispose();
  return { path, bytes: readFileSync(path) };
}

/** The file with other bytes in the place of its header, and a checksum that agrees. */
function withHeader(bytes: Buffer, change: (text: string) => string): Buffer {
  const length = bytes.readUInt32LE(8);
  const text = Buffer.from(change(bytes.subarray(12, 12 + length).toString('utf8')));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  return sealed(Buffer.concat([bytes.subarray(0, 8), size, text, bytes.subarray(12 + length)]));
}

function sealed(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, -32);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

describe('a saved classifier', () => {
  const kinds: [string, KNeighborsClassifierOptions, Matrix, Label[]][] = [
    ['bytes, numbers', { nNeighbors: 4, weights: 'distance' }, X, names.map((n) => -n.length)],
    ['floats, names', { nNeighbors: 2, algorithm: 'brute' }, floats(X, 0.1), names],
    ['bytes by Manhattan distance', { metric: 'manhattan', algorithm: 'pruned' }, X, names],
  ];
  it.each(kinds)('comes back as it was: %s', async (_, options, train, labels) => {
    const path = join(scratch(), 'model');
    const before = await new KNeighborsClassifier<Label>(options).fit(train, labels);
    await before.save(path);
    const after = await KNeighborsClassifier.load(path, { threads: 1 });
    const asked = train.data instanceof Uint8Array ? queries : floats(queries, 0.1);
    expect(await after.kneighbors(asked)).toEqual(await before.kneighbors(asked));
    expect(await after.predict(asked)).toEqual(await before.predict(asked));
    expect(after.classes).toEqual(before.classes);
    const settings = (c: KNeighborsClassifier<Label>): unknown[] => [
      ...[c.nNeighbors, c.weights, c.effectiveMetric, c.algorithm],
    ];
    expect(settings(after)).toEqual(settings(before));
    await before.dispose();
    await after.dispose();
  });

  it('is written over an older file whole, and nothing else is left', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'shoes.fbknn'), 'older');
    const { bytes } = await saved(folder);
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('fbknn\r\n\x1a');
    expect(readdirSync(folder)).toEqual(['shoes.fbknn']);
  });

  it('cannot hold a function of weights', async () => {
    const weights = (d: Float64Array): Float64Array => d.map((x) => 1 / (1 + x));
    const classifier = await new KNeighborsClassifier<string>({ weights }).fit(X, names);
    await expect(classifier.save('nowhere')).rejects.toThrow(
      'A classifier whose weights are a function cannot be saved; use uniform or distance, or save the rows yourself.',
    );
    await classifier.dispose();
  });

  it.each([
    ['no/place', 'there is no such file or folder'],
    ['file/below', 'a part of its path is a file where a folder is needed'],
    ['x'.repeat(256), 'its name is too long'],
    ['.', 'it is a folder'],
  ])('says why it could not be written: %.20s', async (name, why) => {
    const folder = scratch();
    writeFileSync(join(folder, 'file'), '');
    const classifier = await new KNeighborsClassifier<string>().fit(X, names);
    await expect(classifier.save(`${folder}/${name}`)).rejects.toThrow(
      new KnnFileError(
        'unwritable',
        `The classifier could not be written to ${folder}/${name}: ${why}; choose another place.`,
      ),
    );
    expect(readdirSync(folder)).toEqual(['file']);
    await classifier.dispose();
  });

  it('has any name, any labels, and is written through a link', async () => {
    const folder = scratch();
    symlinkSync('x'.repeat(255), join(folder, 'link'));
    const odd = names.map(
      (name) => ({ shoe: '\ud800', shirt: '\udfff', bag: '\ufffd' })[name] ?? '',
    );
    const before = await new KNeighborsClassifier<string>().fit(X, odd);
    await before.save(join(folder, 'link'));
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    const after = await KNeighborsClassifier.load(join(folder, 'x'.repeat(255)), { threads: 1 });
    expect(after.classes).toEqual(['\ud800', '\udfff', '\ufffd']);
    await before.dispose();
    await after.dispose();
  });

  it('is not written with labels that no load would take', async () => {
    const folder = scratch();
    const label = 'x'.repeat(2 ** 26);
    const long = names.map((name) => (name === 'bag' ? label : name));
    const classifier = await new KNeighborsClassifier<string>().fit(X, long);
    await expect(classifier.save(join(folder, 'model'))).rejects.toThrow(
      /: the names of its classes take 67109\d{3} bytes, and 67108864 is the most; use shorter labels or fewer rows\.$/,
    );
    expect(readdirSync(folder)).toEqual([]);
    await classifier.dispose();
  });

  it('scores only labels of its own kind', async () => {
    const classifier = await new KNeighborsClassifier<Label>().fit(X, names);
    const numbers = names.map((name) => name.length);
    await expect(classifier.score(X, numbers)).rejects.toThrow('Label 0 is 4, but labels must be');
    await classifier.dispose();
  });
});

describe('a file that is refused', () => {
  const load = async (bytes: Uint8Array): Promise<string> => {
    const path = join(scratch(), 'model');
    writeFileSync(path, bytes);
    const error: unknown = await KNeighborsClassifier.load(path).catch((e: unknown) => e);
    if (!(error instanceof KnnFileError)) throw new Error(`not refused: ${String(error)}`);
    return `${error.code}: ${error.message.replace(path, 'FILE')}`;
  };

  it('missing, or no file at all', async () => {
    await expect(KNeighborsClassifier.load('/no/such/file')).rejects.toThrow(
      'The classifier could not be read from /no/such/file: there is no such file or folder; check the path.',
    );
    const folder = scratch();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zero'));
    for (const name of ['pipe', 'zero']) {
      await expect(KNeighborsClassifier.load(join(folder, name))).rejects.toThrow(
        ': it is no regular file (a pipe, say, or a device); check the path.',
      );
    }
    writeFileSync(join(folder, 'sparse'), '');
    truncateSync(join(folder, 'sparse'), 2 ** 40);
    await expect(KNeighborsClassifier.load(join(folder, 'sparse'))).rejects.toThrow(
      ': it has 1099511627776 bytes, more than the 4294967296 that are allowed; check the path.',
    );
  });

  it('something else', async () => {
    for (const bytes of ['', 'fbkn', '{"json": true, "and": "more"}']) {
      expect(await load(Buffer.from(bytes))).toBe(
        'format: FILE is no saved classifier: it does not begin as one; name a file that save has written.',
      );
    }
  });

  it('of another version', async () => {
    const { bytes } = await saved();
    expect(await load(withHeader(bytes, (t) => t.replace('"version":1', '"version":2')))).toBe(
      'version: FILE was saved in version 2 of the format, but this package reads version 1; fit and save anew.',
    );
  });

  it('cut off anywhere, or longer', async () => {
    const { bytes } = await saved();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        expect(await load(bytes.subarray(0, length))).toMatch(/^(damaged|format): FILE is /);
      }),
      { numRuns: 60, seed: 1 },
    );
    const promise = `its header promises ${bytes.length}`;
    expect(await load(bytes.subarray(0, -1))).toContain(promise);
    expect(await load(Buffer.concat([bytes, Buffer.alloc(1)]))).toContain(promise);
  });

  it('with any byte changed', async () => {
    const { bytes } = await saved();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (at) => {
        const other = Buffer.from(bytes);
        other[at] = other[at]! ^ 0x10;
        expect(await load(other)).toMatch(/^(damaged|format|version): FILE /);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it.each([
    ['"rows":40', '"rows":4000000000', 'damaged: FILE is damaged: it has'],
    ['"rows":40', '"rows":1e308', 'its header is wrong at "rows"'],
    ['"weights":"uniform"', '"weights":"heavy"', 'its header is wrong at "weights"'],
    ['"nNeighbors":3', '"nNeighbors":41', 'it asks for more neighbours than it has rows'],
    ['"bag","shirt"', '"shirt","bag"', 'its classes are not in ascending order'],
    ['"bag","shirt","shoe"', '"bag","shirt"', 'a row has a class that is not in its list'],
    ['{"format"', '["format"', 'its header is no JSON'],
  ])('with a header that says %s -> %s', async (from, to, message) => {
    const { bytes } = await saved();
    expect(await load(withHeader(bytes, (text) => text.replace(from, to)))).toContain(message);
  });

  it('whose header claims to be longer than the file', async () => {
    const { bytes } = await saved();
    const other = Buffer.from(bytes);
    other.writeUInt32LE(2 ** 32 - 1, 8);
    expect(await load(other)).toContain('its header is longer than the file allows');
  });

  it('with a float that is none', async () => {
    const path = join(scratch(), 'floats');
    const classifier = await new KNeighborsClassifier<string>({ p: 1 }).fit(floats(X), names);
    await classifier.save(path);
    await classifier.dispose();
    const bytes = readFileSync(path);
    bytes.writeFloatLE(NaN, bytes.length - 32 - 4);
    expect(await load(sealed(bytes))).toContain('its matrix holds NaN in row 39, column 11');
  });
});
