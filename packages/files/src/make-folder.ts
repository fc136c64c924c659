import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checkPath } from './checks.ts';
import { fileError, systemCode } from './errors.ts';

/**
 * A folder and those above it, as far as they are missing. Node's own `recursive` never ends below `/proc`, where a
 * folder that cannot be made is said to be missing for ever.
 * @returns the uppermost folder that had to be made; undefined where all were there
 * @throws FileError
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  checkPath(path, 'written');
  try {
    return await make(resolve(path));
  } catch (error) {
    throw fileError(error, 'written', path);
  }
}

async function make(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    if (await isFolder(path)) return undefined;
    if (systemCode(error) !== 'ENOENT' || path === dirname(path)) throw error;
  }
  const first = await make(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isFolder(path))) throw error; // made by another meanwhile
  });
  return first ?? path;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
