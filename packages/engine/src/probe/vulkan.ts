/**
 * Looks for a Vulkan loader and for driver manifests (ICD files) on Linux, by file names alone.
 *
 * The adapter itself is never asked for: a failed WebGPU adapter request can dead-lock a Node process at
 * its exit (onnxruntime#29553), too high a price for a list. The places are those of the Vulkan loader's
 * documentation, "Driver Discovery on Linux".
 */

import { readdirSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface VulkanProbe {
  /** Path of libvulkan.so.1, or null. */
  readonly loader: string | null;
  /** Driver manifests (.json) that the loader would read. */
  readonly drivers: readonly string[];
}

const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/lib/x86_64-linux-gnu',
  '/lib64',
  '/lib',
  '/usr/local/lib',
];

function split(value: string | undefined): string[] {
  return (value ?? '').split(delimiter).filter((part) => part !== '');
}

function manifestsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch {
    return []; // no such folder, or not readable: either way the loader finds nothing there
  }
}

/** An entry of VK_DRIVER_FILES may be a manifest or a folder of them. */
function manifestsAt(path: string): string[] {
  if (path.endsWith('.json')) return existsSync(path) ? [path] : [];
  return manifestsIn(path);
}

/** `root` is put before every built-in absolute folder; tests use it to stay off the real machine. */
export function probeVulkan(env: Environment, root = ''): VulkanProbe {
  const libraries = [
    ...split(env['LD_LIBRARY_PATH']),
    ...LIBRARY_FOLDERS.map((folder) => root + folder),
  ];
  const loader =
    libraries.map((folder) => join(folder, 'libvulkan.so.1')).find((path) => existsSync(path)) ??
    null;

  // VK_DRIVER_FILES replaces the search, and so does its old name; an empty value counts as unset.
  const forced = split(env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES']);
  if (forced.length > 0) return { loader, drivers: forced.flatMap(manifestsAt) };
  const home = env['HOME'] === undefined ? [] : [join(env['HOME'], '.local/share')];
  const dataFolders = [
    ...home,
    ...split(env['XDG_DATA_DIRS']),
    ...['/etc', '/usr/local/share', '/usr/share'].map((folder) => root + folder),
  ];
  const drivers = dataFolders.flatMap((folder) => manifestsIn(join(folder, 'vulkan', 'icd.d')));
  return { loader, drivers: [...new Set(drivers)] };
}
