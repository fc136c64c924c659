/** What is somebody else's in a folder that the user names stays as it is. */

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

import { describe, expect, it } from 'vitest';

import { nodeFiles } from '../src/output/files.ts';
import { MANIFEST_FILE, OutputFolder } from '../src/output/output-folder.ts';
import { bench, fakeServices, SMALL, temporaryFolder } from './fakes.ts';

/** Every path in a folder with what is there. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const what = entry.isSymbolicLink()
        ? `-> ${readlinkSync(path)}`
        : entry.isDirectory()
          ? 'folder'
          : readFileSync(path, 'latin1');
      return [relative(folder, path), what];
    }),
  );
}

async function aRun(): Promise<string> {
  const run = temporaryFolder();
  expect(await bench(['--out', run, ...SMALL], fakeServices())).toMatchObject({ code: 0 });
  return run;
}

/** A user's folder whose names are ours, too. */
function usersFolder(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'figures'));
  for (const name of ['report.md', 'predictions.json', 'model.h5', 'figures/training-curves.svg']) {
    writeFileSync(join(folder, name), 'mine');
  }
  return folder;
}

describe('a folder with files of the user', () => {
  it.each([
    ['a run', () => Promise.resolve(['knn', ...SMALL])],
    ['a race', () => Promise.resolve(['peers', 'knn', '--synthetic', '--quick'])],
    ['a report', async () => ['report', await aRun()]],
    ['a report of several', async () => ['report', await aRun(), await aRun()]],
  ])('is refused by name before anything is written: %s', async (_, words) => {
    const folder = usersFolder();
    const before = contents(folder);
    const argv = [...(await words()), '--out', folder];
    const outcome = await bench(argv, fakeServices());
    expect(outcome).toEqual({
      code: 1,
      out: '',
      err: `${folder} holds figures, which this program is not known to have written: choose an empty or new folder with --out.\n`,
    });
    expect(contents(folder)).toEqual(before);
  });

  it('hidden files are no reason: an empty folder may hold them', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.gitkeep'), 'mine');
    expect(await bench(['knn', '--out', folder, ...SMALL], fakeServices())).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(folder, '.gitkeep'), 'utf8')).toBe('mine');
  });

  it('a second report into the same folder replaces the first', async () => {
    const [run, folder] = [await aRun(), temporaryFolder()];
    for (const words of [[run, run], [run]]) {
      expect(await bench(['report', ...words, '--out', folder])).toMatchObject({ code: 0 });
    }
    expect(Object.keys(contents(folder)).sort()).toEqual(
      Object.keys(contents(run))
        .filter((name) => name !== 'record.json')
        .sort(),
    );
  });
});

describe('the folder of a run', () => {
  it('figures of an earlier report go, files that nobody here wrote stay', async () => {
    const run = await aRun();
    const manifest = join(run, MANIFEST_FILE);
    const before = contents(run);
    const listed = JSON.parse(readFileSync(manifest, 'utf8')) as { files: string[] };
    writeFileSync(
      manifest,
      JSON.stringify({ ...listed, files: [...listed.files, 'figures/old.svg'] }),
    );
    for (const name of ['old.svg', 'mine.svg', 'mine.png']) {
      writeFileSync(join(run, 'figures', name), 'a picture');
    }
    writeFileSync(join(run, 'notes.txt'), 'mine');
    expect(await bench(['report', run])).toMatchObject({ code: 0, err: '' });
    expect(contents(run)).toEqual({
      ...before,
      'figures/mine.svg': 'a picture',
      'figures/mine.png': 'a picture',
      'notes.txt': 'mine',
    });
  });

  it('a report that is not listed is not replaced', async () => {
    const run = await aRun();
    rmSync(join(run, MANIFEST_FILE));
    const before = contents(run);
    const outcome = await bench(['report', run]);
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toMatch(
      /figures\/kernel-throughput\.svg is not known to be written by this program, so it is left as it is: move it away, or choose another folder with --out\.\n$/,
    );
    expect(contents(run)).toEqual(before);
  });

  it.each(['figures', 'report.md', 'report.html', 'figures/kernel-throughput.svg', MANIFEST_FILE])(
    '%s as a link is not followed, and refused by name',
    async (name) => {
      const [run, elsewhere] = [await aRun(), temporaryFolder()];
      const target = name === 'figures' ? elsewhere : join(elsewhere, 'kept.svg');
      writeFileSync(join(elsewhere, 'kept.svg'), 'mine');
      rmSync(join(run, name), { recursive: true });
      symlinkSync(target, join(run, name));
      const before = contents(run);
      const outcome = await bench(['report', run]);
      expect(outcome).toMatchObject({ code: 1, out: '' });
      expect(outcome.err).toContain(`${join(run, name)} is `);
      expect(outcome.err).toContain('so it is left as it is');
      expect(contents(run)).toEqual(before);
      expect(contents(elsewhere)).toEqual({ 'kept.svg': 'mine' });
    },
  );

  it('its list cannot name what lies elsewhere', async () => {
    for (const name of ['../kept.svg', '/kept.svg', 'figures/../../kept.svg', 'a\\b.svg', '.x']) {
      const run = await aRun();
      const list = { schema: 'fashion-bench/files@1', files: [name] };
      writeFileSync(join(run, MANIFEST_FILE), JSON.stringify(list));
      expect((await bench(['report', run])).err).toContain('is no list of written files');
    }
  });

  it('a model or a checkpoint folder that is a link is refused', async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    symlinkSync(join(elsewhere, 'model.h5'), join(folder, 'model.h5'));
    symlinkSync(elsewhere, join(folder, 'checkpoints'));
    const output = await OutputFolder.ofRun(folder, nodeFiles);
    await expect(output.claim(['model.h5'])).rejects.toThrow(/model\.h5 is a symbolic link/);
    await expect(output.refuseLink('checkpoints')).rejects.toThrow(/is a symbolic link/);
    expect(lstatSync(join(folder, 'model.h5')).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'model.h5']);
  });
});
