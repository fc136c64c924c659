// Where Fashion-MNIST may lie on this machine, in the order in which the places are tried. Only paths are made here;
// nothing is read except to find the repository's root.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A folder to look into. */
export interface Place {
  /** Folders that count as this place, the first that is complete is used. */
  readonly folders: readonly [string, ...string[]];
  /** How to call it in a message. */
  readonly label: string;
}

/** What the search depends on besides the options; tests put their own world here. */
export interface Surroundings {
  readonly cwd: string;
  /** null for a user who has none. */
  readonly home: string | null;
  /** Path of a file of this package, from which to look for the repository. */
  readonly moduleFile: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The places, or the only one that counts because the caller named it. */
export type Search =
  | { readonly kind: 'given'; readonly place: Place }
  | { readonly kind: 'usual'; readonly places: readonly Place[] };

/**
 * @param dir the folder given by the caller, if any; else FASHION_MNIST_DIR of `env` is taken as given.
 * @param cacheDir this package's own cache.
 */
export function searchPlaces(
  dir: string | undefined,
  env: Environment,
  cacheDir: string,
  { cwd, home, moduleFile }: Surroundings,
): Search {
  const fromEnvironment = env['FASHION_MNIST_DIR'];
  if (dir !== undefined) return { kind: 'given', place: givenPlace(resolve(cwd, dir), '') };
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    const folder = resolve(cwd, fromEnvironment);
    return { kind: 'given', place: givenPlace(folder, ' (from FASHION_MNIST_DIR)') };
  }

  const folders = [cacheDir];
  // Keras: get_file(cache_subdir='datasets/fashion-mnist') under KERAS_HOME or ~/.keras.
  const kerasHome = env['KERAS_HOME'];
  if (kerasHome !== undefined && kerasHome !== '') {
    folders.push(resolve(cwd, kerasHome, 'datasets', 'fashion-mnist'));
  }
  if (home !== null) folders.push(join(home, '.keras', 'datasets', 'fashion-mnist'));
  // torchvision's examples all say root='./data'.
  folders.push(join(cwd, 'data', 'FashionMNIST', 'raw'));
  for (const root of [repositoryRoot(cwd), repositoryRoot(dirname(moduleFile))]) {
    if (root !== undefined) folders.push(join(dirname(root), 'shared', 'fashion-mnist'));
  }
  return {
    kind: 'usual',
    places: [...new Set(folders)].map((folder) => ({ folders: [folder], label: folder })),
  };
}

/** A given folder may be the folder of the files, a torchvision root, or its FashionMNIST folder. */
function givenPlace(folder: string, suffix: string): Place {
  return {
    folders: [folder, join(folder, 'FashionMNIST', 'raw'), join(folder, 'raw')],
    label: `${folder}${suffix}`,
  };
}

/** The nearest folder, from `folder` upwards, that holds a pnpm workspace. */
function repositoryRoot(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, 'pnpm-workspace.yaml'))) return at;
    if (at === dirname(at)) return undefined;
  }
}
