/**
 * Gathers into one folder what a race on a GPU needs on a machine that has neither Node nor network: Node itself, the built
 * program with those files of its dependencies that it loads, the images, the program for PyTorch, and `run.sh`.
 *
 * Which files a program loads is found by @vercel/nft, which follows its imports. They keep their places and their links,
 * so the folder is the repository as it is, with much left out.
 */

import {
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { nodeFileTrace } from '@vercel/nft';

export interface PackOptions {
  /** The repository, built. */
  readonly root: string;
  /** The folder to make; it must not exist. */
  readonly out: string;
  /** The programs that will be started there, relative to the root. */
  readonly programs: readonly string[];
  /** Files that are taken as they are, by their places in the new folder. */
  readonly extras: Readonly<Record<string, string>>;
  /** Texts to write, by their places in the new folder. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface Packed {
  readonly files: number;
  readonly bytes: number;
}

interface Counted {
  files: number;
  bytes: number;
}

/** Tools that the traced code can load from sources only, in tests. */
const NEVER = /\/node_modules\/(?:tsx|esbuild|@esbuild\/[^/]+|typescript)\//;
const LICENCE = /^(?:licen[cs]e|notice|copying|third.?party)/i;

/** Binaries for other systems and processors than this one. */
function isForeign(path: string): boolean {
  const place = /\/onnxruntime-node\/bin\/[^/]+\/([^/]+)\/([^/]+)\//.exec(`/${path}`);
  return place !== null && (place[1] !== process.platform || place[2] !== process.arch);
}

/**
 * @throws PackError where the folder exists or a program is not built
 */
export async function pack({ root, out, programs, extras, texts }: PackOptions): Promise<Packed> {
  if (await exists(out))
    throw new PackError(`${out} exists already: name another folder with --out.`);
  const missing = await firstMissing(programs.map((program) => join(root, program)));
  if (missing !== null) throw new PackError(`There is no ${missing}: run pnpm build before.`);
  const { fileList } = await nodeFileTrace(
    programs.map((program) => join(root, program)),
    {
      base: root,
      ts: false,
      conditions: ['node', 'import', 'default'],
      ignore: (path) => NEVER.test(`/${path}`),
    },
  );
  const traced = [...fileList].filter((path) => !isForeign(path)).sort();
  const licences = await licencesOf(root, traced);

  const unfinished = `${out}.${process.pid}.tmp`;
  const counted: Counted = { files: 0, bytes: 0 };
  await mkdir(dirname(out), { recursive: true });
  // Fails where there is one: what is removed below is ours.
  await mkdir(unfinished);
  try {
    for (const path of [...traced, ...licences]) {
      await take(join(root, path), join(unfinished, path), counted);
    }
    for (const [place, source] of Object.entries(extras)) {
      await takeFile(source, join(unfinished, place), counted);
    }
    for (const [place, text] of Object.entries(texts)) {
      await mkdir(dirname(join(unfinished, place)), { recursive: true });
      await writeFile(join(unfinished, place), text, { flush: true });
    }
    await rename(unfinished, out);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return counted;
}

export class PackError extends Error {
  override readonly name = 'PackError';
}

/** Links stay links: pnpm's tree stands on them. Two paths may lead to one file; it is taken once. */
async function take(source: string, target: string, counted: Counted): Promise<void> {
  if (await exists(target)) return;
  const found = await lstat(source);
  if (found.isFile()) return takeFile(source, target, counted);
  if (!found.isSymbolicLink()) return;
  await mkdir(dirname(target), { recursive: true });
  await symlink(await readlink(source), target);
}

async function takeFile(source: string, target: string, counted: Counted): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  counted.files += 1;
  counted.bytes += (await stat(target)).size;
}

/** The licences of every package of which a file is taken: who passes a program on passes them on, too. */
async function licencesOf(root: string, traced: readonly string[]): Promise<readonly string[]> {
  const folders = traced.filter((path) => basename(path) === 'package.json').map(dirname);
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder)).catch(() => []);
      return names.filter((name) => LICENCE.test(name)).map((name) => join(folder, name));
    }),
  );
  return found.flat();
}

async function firstMissing(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (!(await exists(path))) return path;
  return null;
}

function exists(path: string): Promise<boolean> {
  // A link that leads nowhere is something, too.
  return lstat(path).then(
    () => true,
    () => false,
  );
}
