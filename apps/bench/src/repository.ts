/** Where the project lies and at which commit: the run folder's home and a record's provenance. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

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

export async function gitState(folder: string): Promise<GitState> {
  const noted = await notedCommit(folder);
  if (noted !== null) return noted;
  try {
    const head = await run('git', ['rev-parse', '--verify', 'HEAD'], { cwd: folder });
    const status = await run('git', ['status', '--porcelain', '--untracked-files=no'], {
      cwd: folder,
    });
    return { commit: head.stdout.trim(), dirty: status.stdout.trim() !== '' };
  } catch {
    return { commit: null, dirty: null }; // no git, no checkout, no commit
  }
}

const noted = z.strictObject({ commit: z.string().nullable(), dirty: z.boolean().nullable() });

/** A copy that was packed for another machine (benchmarks/gpu) notes the commit that it was made at. */
async function notedCommit(folder: string): Promise<GitState | null> {
  try {
    const text = await readFile(join(folder, 'commit.json'), 'utf8');
    return noted.parse(JSON.parse(text));
  } catch {
    return null; // an ordinary checkout
  }
}

/**
 * A path as a record should carry it: relative to the repository when it lies in it or beside it, with `~` for
 * the home folder, so that a published record does not tell how someone's disk is laid out.
 */
export function portablePath(path: string, root: string, home: string): string {
  const short = path.replaceAll(home + sep, `~${sep}`);
  if (!path.startsWith(sep)) return short; // a URL, or words
  const local = relative(root, path);
  if (local === '') return '.';
  return local.startsWith(join('..', '..')) ? short : local;
}

/** A path as the user should see it: short below the current folder, else whole. */
export function shownPath(path: string): string {
  const local = relative('', path);
  return local.startsWith('..') ? path : local;
}
