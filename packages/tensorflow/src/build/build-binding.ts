/**
 * Builds the addon of @tensorflow/tfjs-node-gpu from the sources inside that package against a TensorFlow library on
 * disk, into a folder of its own. The package stays as it is: its files may be hard links into a store that other
 * projects share.
 */
import { existsSync } from 'node:fs';
import { lstat, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { makeFolder } from '@fashion-bench/files';
import {
  ADDON_FILE,
  type BindingManifest,
  type Environment,
  MANIFEST_FILE,
} from '../binding-folder.ts';
import { TensorflowError } from '../errors.ts';
import { packageFolder, packageVersion } from '../installation.ts';
import { type DeviceProbe, probeDevice } from '../probe.ts';
import { compile, findCompiler } from './compiler.ts';
import { findLibrary, type TensorflowLibrary } from './library.ts';

export interface BuildOptions {
  /** Folder of the TensorFlow library: an unpacked archive, or an installed Python package. */
  readonly from: string;
  /**
   * Folder that will hold the binding: missing, empty, or of a binding built before, which is replaced as a whole, and only
   * when the new one has been seen to work.
   */
  readonly into: string;
  /** Folder of @tensorflow/tfjs-node-gpu. Default: the installed one. */
  readonly package?: string | null;
  /** CXX names the compiler. Default `process.env`. */
  readonly env?: Environment;
  /** Called before each stage with what comes. */
  readonly onStage?: (stage: string) => void;
  readonly signal?: AbortSignal;
}

export interface BuiltBinding {
  readonly folder: string;
  readonly library: TensorflowLibrary;
  readonly device: Extract<DeviceProbe, { state: 'works' }>;
}

/** What the addon's sources need of Node. @throws TensorflowError 'build' */
export function checkRuntime(
  platform: NodeJS.Platform = process.platform,
  napi = Number(process.versions['napi']),
): void {
  if (platform !== 'linux' && platform !== 'darwin') {
    throw new TensorflowError(
      'build',
      `The binding can be built on Linux and macOS, not on ${platform}; on Windows use Linux under WSL 2, where TensorFlow has its GPU support too.`,
    );
  }
  if (napi < 8) {
    throw new TensorflowError(
      'build',
      `Node ${process.versions.node} offers Node-API ${napi}, but the binding needs 8; use Node 20.19 or newer.`,
    );
  }
}

/**
 * Checks, compiles, runs the result once, and puts it in place. What fails leaves the folder as it was.
 * @throws TensorflowError 'build' in one sentence; the signal's reason where it is aborted.
 */
export async function buildBinding(options: BuildOptions): Promise<BuiltBinding> {
  const { env = process.env, onStage, signal } = options;
  const into = resolve(options.into);
  const stage = (words: string): void => {
    signal?.throwIfAborted();
    onStage?.(words);
  };
  stage('Looking at the library, the headers and the compiler');
  checkRuntime();
  await refuseForeign(into);
  const library = findLibrary(resolve(options.from));
  const from = options.package === undefined ? packageFolder() : options.package;
  if (from === null || !existsSync(join(from, 'binding', 'tfjs_backend.cc'))) {
    throw new TensorflowError(
      'build',
      'The sources of the binding come with @tensorflow/tfjs-node-gpu, which is not installed; run pnpm install without --no-optional.',
    );
  }
  const compiler = await findCompiler(env);

  const partial = `${into}.${process.pid}.partial`;
  try {
    await makeFolder(partial);
    const addon = join(partial, ADDON_FILE);
    stage(`Compiling with ${compiler} against the ${library.kind} in ${library.folder}`);
    await compile({
      compiler,
      sources: join(from, 'binding'),
      library,
      output: addon,
      env,
      signal,
    });
    stage('Trying it in a process of its own');
    const device = await probeDevice(addon, env);
    if (device.state === 'failed') {
      throw new TensorflowError(
        'build',
        `The binding was built but does not work: ${device.message}.`,
      );
    }
    const manifest: BindingManifest = {
      schema: 1,
      version: packageVersion(from),
      tensorflow: device.tensorflow,
      libraries: [...library.libraries],
    };
    await writeFile(join(partial, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    signal?.throwIfAborted();
    // Again: compiling takes minutes.
    await refuseForeign(into);
    await replace(into, partial);
    return { folder: into, library, device };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** @throws TensorflowError 'build' where the folder holds anything but a binding */
async function refuseForeign(into: string): Promise<void> {
  const found = await lstat(into).catch(() => null);
  if (found === null) return;
  const entries = found.isDirectory() ? await readdir(into, { withFileTypes: true }) : [];
  const foreign = entries.find(
    (entry) => !entry.isFile() || ![ADDON_FILE, MANIFEST_FILE].includes(entry.name),
  );
  if (found.isDirectory() && foreign === undefined) return;
  const why = foreign === undefined ? 'is no folder' : `holds ${foreign.name}`;
  throw new TensorflowError(
    'build',
    `${into} ${why}, so it is left as it is: name a new folder, or that of a binding built before, with --into.`,
  );
}

/** A folder cannot be renamed over a full one: the old one steps aside, and comes back if the new one fails to come. */
async function replace(into: string, partial: string): Promise<void> {
  const old = `${into}.${process.pid}.old`;
  await makeFolder(dirname(into));
  const had = existsSync(into);
  if (had) await rename(into, old);
  try {
    await rename(partial, into);
  } catch (error) {
    if (had) await rename(old, into);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
