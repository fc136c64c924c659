/**
 * A folder that the program writes into, and the list of what it wrote there. Nothing else in it is ever replaced or
 * removed, and no symbolic link in it is followed: a folder may come from somebody else, or hold somebody's own files.
 */

import { lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { readRegularFile, systemCode, targetOfTemporary } from '@fashion-bench/files';
import { z } from 'zod';

import { OTHER_FOLDER, OutputError } from '../process/errors.ts';
import { type FileSystem, prepareFolder, writeWhole } from './files.ts';

export const MANIFEST_FILE = 'fashion-bench-files.json';
const MANIFEST_SCHEMA = 'fashion-bench/files@1';
const MANIFEST_BYTES = 2 ** 20;

const manifest = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA),
  /** Never a path out of the folder, whoever wrote the list. */
  files: z.array(z.string().regex(/^(?:figures\/)?\w[\w-]*\.\w+$/)),
});

export class OutputFolder {
  readonly path: string;
  /** How files in it are opened for writing. */
  readonly files: FileSystem;
  #written: ReadonlySet<string>;

  private constructor(path: string, files: FileSystem, written: Iterable<string>) {
    this.path = path;
    this.files = files;
    this.#written = new Set(written);
  }

  /**
   * A folder for something new: it must be empty but for hidden files, or written by this program. It may be missing.
   * @throws OutputError 'foreign'
   */
  static async fresh(path: string, files: FileSystem): Promise<OutputFolder> {
    const written = await readManifest(path);
    const names = written === null ? await readdir(path).catch(() => []) : [];
    // A process that was killed may have left half a list.
    const foreign = names.find(
      (name) => !name.startsWith('.') && targetOfTemporary(name) !== MANIFEST_FILE,
    );
    if (foreign === undefined) return new OutputFolder(path, files, written ?? []);
    throw new OutputError(
      'foreign',
      `${path} holds ${foreign}, which this program is not known to have written: choose an empty or new folder with --out.`,
    );
  }

  /**
   * The folder of a run that was read.
   * @param known names that are the run's own without being listed
   * @throws OutputError 'foreign'
   */
  static async ofRun(
    path: string,
    files: FileSystem,
    known: readonly string[] = [],
  ): Promise<OutputFolder> {
    return new OutputFolder(path, files, [...((await readManifest(path)) ?? []), ...known]);
  }

  /**
   * Replaces or makes these files, each whole or not at all; all are looked at before the first is written.
   * @param contents by name in this folder, with `/` for one in `figures`
   * @throws OutputError 'foreign' for a file of somebody else's, or why one could not be written
   */
  async write(contents: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    const names = Object.keys(contents);
    await this.claim(names);
    for (const folder of new Set(names.map(dirname))) {
      if (folder !== '.') await prepareFolder(join(this.path, folder), this.files);
    }
    for (const [name, content] of Object.entries(contents)) {
      await writeWhole(join(this.path, name), content, this.files);
    }
  }

  /**
   * Lists files as written by this program, for somebody who writes them at once.
   * @throws OutputError as `write`
   */
  async claim(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (name.includes('/')) await this.#isOwn(dirname(name), 'folder');
      if ((await this.#isOwn(name, 'file')) && !this.#written.has(name)) {
        throw this.#foreign(name, 'is not known to be written by this program');
      }
    }
    if (names.every((name) => this.#written.has(name))) return;
    await this.#list([...this.#written, ...names]);
  }

  /** Removes what this program wrote into `folder` before and does not keep. @throws OutputError */
  async removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
    const others = [...this.#written].filter((name) => dirname(name) === folder && !keep.has(name));
    if (others.length === 0 || !(await this.#isOwn(folder, 'folder'))) return;
    for (const name of others) {
      if (await this.#isOwn(name, 'file')) await rm(join(this.path, name));
    }
    await this.#list([...this.#written].filter((name) => !others.includes(name)));
  }

  /** Refuses a folder inside this one that is a link. @throws OutputError 'foreign' */
  async refuseLink(folder: string): Promise<void> {
    const found = await kindOf(join(this.path, folder));
    if (found === 'link') throw this.#foreign(folder, 'is a symbolic link');
  }

  /** False where there is nothing. @throws OutputError 'foreign' for something of another kind */
  async #isOwn(name: string, kind: 'file' | 'folder'): Promise<boolean> {
    const found = await kindOf(join(this.path, name));
    if (found === null || found === kind) return found !== null;
    throw this.#foreign(name, found === 'link' ? 'is a symbolic link' : `is no ${kind}`);
  }

  #foreign(name: string, why: string): OutputError {
    return foreign(join(this.path, name), why);
  }

  async #list(names: readonly string[]): Promise<void> {
    const written = new Set([...names].sort());
    const list: z.infer<typeof manifest> = { schema: MANIFEST_SCHEMA, files: [...written] };
    const text = `${JSON.stringify(list, null, 2)}\n`;
    await writeWhole(join(this.path, MANIFEST_FILE), text, this.files);
    this.#written = written;
  }
}

function foreign(path: string, why: string, cause?: unknown): OutputError {
  return new OutputError(
    'foreign',
    `${path} ${why}, so it is left as it is: move it away, or ${OTHER_FOLDER}.`,
    { cause },
  );
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'link' | 'other' | null> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return 'link';
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** null where there is none. @throws OutputError 'foreign' for something else of that name */
async function readManifest(folder: string): Promise<readonly string[] | null> {
  const path = join(folder, MANIFEST_FILE);
  const found = await kindOf(path).catch(() => null);
  if (found === null) return null;
  if (found !== 'file') throw foreign(path, 'is no file');
  try {
    const bytes = await readRegularFile(path, { maximumBytes: MANIFEST_BYTES });
    return manifest.parse(JSON.parse(Buffer.from(bytes).toString())).files;
  } catch (error) {
    throw foreign(path, 'is no list of written files', error);
  }
}
