/**
 * A folder of model files, written as one: into a new folder beside the place, flushed to the disk, then renamed. Nobody
 * finds a half-written model, and what was there before stays until the new one is whole.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  makeFolder,
  syncFolder,
  systemCode,
  writeNewFile,
  type OpenFile,
} from '@fashion-bench/files';
import { fileError, ModelFileError } from '../errors.ts';
import { ignore, readWhole, realPlace } from '../files.ts';
import { MAX_JSON_BYTES } from '../layers/limits.ts';
import { MODEL_JSON, parseModelJson } from './model-json.ts';

/**
 * Makes `folder` hold these files and nothing else. Parents are made where they are missing.
 * @throws ModelFileError 'exists-not-model' where the folder holds anything but a model, 'permission' or 'disk'.
 */
export async function writeModelFolder(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  openFile?: OpenFile,
): Promise<void> {
  let fresh: string | undefined;
  try {
    const target = await realPlace(folder);
    const replaces = await holdsModel(target);
    await makeFolder(dirname(target));
    const unique = `${target}.${process.pid}.${randomBytes(4).toString('hex')}`;
    fresh = `${unique}.incomplete`;
    await mkdir(fresh);
    for (const [name, bytes] of Object.entries(files)) {
      await writeNewFile(join(fresh, name), bytes, { openFile });
    }
    await syncFolder(fresh);
    if (replaces) await replace(target, fresh, `${unique}.old`);
    else await rename(fresh, target);
    await syncFolder(dirname(target));
  } catch (error) {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true }).catch(ignore);
    throw fileError(error, 'write', folder);
  }
}

/**
 * Whether there is a folder that may be replaced: a model's, with nothing of anybody else's in it, or an empty one.
 * False where there is nothing.
 */
async function holdsModel(folder: string): Promise<boolean> {
  try {
    if (!(await stat(folder)).isDirectory()) throw notOurs(folder, 'it is a file');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  if (names.length === 0) return true;
  if (!names.includes(MODEL_JSON)) throw notOurs(folder, `it holds ${names[0] ?? ''}`);
  const path = join(folder, MODEL_JSON);
  const known = [MODEL_JSON, ...(await filesOfModel(path, folder))];
  const foreign = entries.find((entry) => !entry.isFile() || !known.includes(entry.name))?.name;
  if (foreign !== undefined) throw notOurs(folder, `it also holds ${foreign}`);
  return true;
}

async function filesOfModel(path: string, folder: string): Promise<readonly string[]> {
  try {
    const text = (await readWhole(path, 'look again', MAX_JSON_BYTES)).toString('utf8');
    return parseModelJson(text, path).files;
  } catch (error) {
    throw notOurs(folder, `its ${MODEL_JSON} is not a model's`, { cause: error });
  }
}

function notOurs(folder: string, why: string, options?: ErrorOptions): ModelFileError {
  return new ModelFileError(
    'exists-not-model',
    `${folder} is not the folder of a model (${why}), so it was left as it is; choose another folder.`,
    options,
  );
}

/** No system has one step for this: between the two renames the old model lies at `aside`. */
async function replace(target: string, fresh: string, aside: string): Promise<void> {
  await rename(target, aside);
  try {
    await rename(fresh, target);
  } catch (error) {
    await rename(aside, target);
    throw error;
  }
  // The new model is in its place: a leftover of the old one is no failure.
  await rm(aside, { recursive: true, force: true }).catch(ignore);
}
