/** Where the project lies and at which commit: the run folder's home and a record's provenance. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

import { readRegularFile } from '@fashion-bench/files';
import { z } from 'zod';

import { OutputError } from './errors.ts';

const run = promisify(execFile);

/**
 * The nearest folder upwards that holds pnpm-workspace.yaml.
 *
 * @throws OutputError when there is none, as in a copy of this app outside its repository
 */
export function repositoryRoot(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
    if (folder === dirname(folder)) {
      throw new OutputError(
        'not-found',
        `No pnpm-workspace.yaml was found above ${from}: run the bench from its repository.`,
      );
    }
  }
}

export interface GitState {
  /** Full hash, or null outside a checkout and before the first commit. */
  readonly commit: string | null;
  /** Whether tracked files differ from it; null like the above. */
  readonly dirty: boolean | null;
}

/** @param folder the project's; a repository around it says nothing of the project, and neither does git's environment */
export async function gitState(folder: string): Promise<GitState> {
  const noted = await notedCommit(folder);
  if (noted !== null) return noted;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_')),
  );
  const git = async (...words: readonly string[]): Promise<string> =>
    (await run('git', words, { cwd: folder, env })).stdout.trimEnd();
  try {
    const top = await git('rev-parse', '--show-toplevel');
    if ((await realpath(top)) !== (await realpath(folder))) return NO_COMMIT;
    const commit = await git('rev-parse', '--verify', 'HEAD');
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return { commit, dirty: changes !== '' };
  } catch {
    return NO_COMMIT; // no git, no checkout, no commit
  }
}

const NO_COMMIT: GitState = { commit: null, dirty: null };

const noted = z.strictObject({ commit: z.string().nullable(), dirty: z.boolean().nullable() });

/** A copy that was packed for another machine (benchmarks/gpu) notes the commit that it was made at. */
async function notedCommit(folder: string): Promise<GitState | null> {
  try {
    const bytes = await readRegularFile(join(folder, 'commit.json'), { maximumBytes: 1000 });
    return noted.parse(JSON.parse(bytes.toString()));
  } catch {
    return null; // an ordinary checkout
  }
}

/**
 * A path as a record should carry it: relative to the repository when it lies in it or beside it, with `~` for
 * the home folder, so that a published record does not tell how someone's disk is laid out. What is no path stays as it is.
 *
 * @param home may be empty, as where HOME is
 */
export function portablePath(path: string, root: string, home: string): string {
  if (!isAbsolute(path)) return path;
  const inRoot = pathBelow(root, path);
  if (inRoot !== null) return inRoot === '' ? '.' : inRoot;
  const around = dirname(root);
  const beside = pathBelow(around, path);
  const inHome = isAbsolute(home) ? pathBelow(home, path) : null;
  // Of two folders that hold it the inner one: a repository in /home would else tell whose home it is.
  if (beside !== null && around !== dirname(around)) {
    if (inHome === null || pathBelow(home, around) !== null) return join('..', beside);
  }
  return inHome === null || home === dirname(home) ? path : join('~', inHome);
}

/** A path as the user should see it: short below the current folder, else whole. */
export function shownPath(path: string): string {
  return pathBelow('', path) === null ? path : relative('', path);
}

/** The way from a folder down to a path, '' for the folder itself; null where the path lies elsewhere. */
function pathBelow(folder: string, path: string): string | null {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way;
}
