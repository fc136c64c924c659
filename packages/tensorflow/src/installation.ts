/**
 * How far TensorFlow came on this machine, by its files alone: a binding built here goes before the one that the
 * package's own install script leaves behind.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { ADDON_FILE, type Environment, findBindingFolder, readManifest } from './binding-folder.ts';
import { TensorflowError } from './errors.ts';

const PACKAGE = '@tensorflow/tfjs-node-gpu';

export type Installation =
  /** Neither the package nor a built binding. */
  | { readonly state: 'not-installed' }
  /** The package without its addon, or with one for a newer Node. */
  | { readonly state: 'no-addon'; readonly version: string; readonly detail: string }
  /** The addon without the TensorFlow library it loads. */
  | { readonly state: 'no-library'; readonly version: string; readonly detail: string }
  | {
      readonly state: 'complete';
      /** Of @tensorflow/tfjs-node-gpu. */
      readonly version: string;
      /** Path of the addon. */
      readonly addon: string;
      /** Whether it was built here, or comes from the package's install script. */
      readonly origin: 'built' | 'package';
    };

export interface InstallationPlaces {
  /** Folder of a built binding; null for none. */
  readonly binding: string | null;
  /** Folder of the npm package; null where it is not installed. */
  readonly package: string | null;
}

const require = createRequire(import.meta.url);

/** The folder of the installed npm package, or null. */
export function packageFolder(): string | null {
  try {
    return dirname(require.resolve(`${PACKAGE}/package.json`));
  } catch {
    return null;
  }
}

/** @throws Error for a package.json without a version. */
export function packageVersion(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

export function installationPlaces(env: Environment = process.env): InstallationPlaces {
  return { binding: findBindingFolder(env), package: packageFolder() };
}

/** Looks at files only; nothing is loaded. */
export function findInstallation(places: InstallationPlaces = installationPlaces()): Installation {
  if (places.binding !== null) return ofBinding(places.binding);
  return places.package === null ? { state: 'not-installed' } : ofPackage(places.package);
}

function ofBinding(folder: string): Installation {
  let version = 'unknown';
  try {
    const manifest = readManifest(folder);
    ({ version } = manifest);
    const addon = join(folder, ADDON_FILE);
    if (!existsSync(addon)) {
      return { state: 'no-addon', version, detail: `${addon} is gone` };
    }
    const gone = manifest.libraries.find((path) => !existsSync(path));
    if (gone !== undefined) {
      return { state: 'no-library', version, detail: `it was built for ${gone}, which is gone` };
    }
    return { state: 'complete', version, addon, origin: 'built' };
  } catch (error) {
    if (!(error instanceof TensorflowError)) throw error;
    return { state: 'no-addon', version, detail: error.message.replace(/;.*$/s, '') };
  }
}

/** The package keeps one addon per version of Node-API; Node loads those up to its own. */
function ofPackage(folder: string): Installation {
  const version = packageVersion(folder);
  const offered = Number(process.versions['napi']);
  const built = namesIn(join(folder, 'lib'))
    .map((name) => ({ name, napi: Number(/^napi-v(\d+)$/.exec(name)?.[1] ?? NaN) }))
    .filter(({ name }) => existsSync(join(folder, 'lib', name, ADDON_FILE)));
  const fitting = built
    .filter(({ napi }) => napi <= offered)
    .sort((a, b) => b.napi - a.napi)
    .at(0);
  if (fitting === undefined) {
    const detail =
      built.length === 0
        ? 'install scripts do not run here'
        : `its addon is for Node-API ${built.map(({ napi }) => napi).join(', ')}, but Node ${process.versions.node} offers ${offered}`;
    return { state: 'no-addon', version, detail };
  }
  const hasLibrary = namesIn(join(folder, 'deps', 'lib')).some((name) =>
    /^(lib)?tensorflow.*\.(so|dylib|dll)/.test(name),
  );
  if (!hasLibrary) {
    return {
      state: 'no-library',
      version,
      detail: 'the download of libtensorflow into its deps/lib did not happen or failed',
    };
  }
  return {
    state: 'complete',
    version,
    addon: join(folder, 'lib', fitting.name, ADDON_FILE),
    origin: 'package',
  };
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
