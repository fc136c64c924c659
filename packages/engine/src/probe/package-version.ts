/** The version of an installed npm package, read from its package.json and not from its code. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The path of a package's package.json, or null when it is not installed.
 * (The packages asked for here have no `exports` field, so the sub-path resolves.)
 */
export function packageJsonPath(name: string): string | null {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    return null;
  }
}

/** @throws Error when the file is not a package.json with a version. */
export function packageVersion(path: string): string {
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) {
    if (typeof parsed.version === 'string') return parsed.version;
  }
  throw new Error(`${path} has no version`);
}
