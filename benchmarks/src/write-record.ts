/** The record of a benchmark: there as a whole or not at all, and never in the place of anything but its own kind. */

import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeFolder, replaceFile } from '@fashion-bench/files';

interface Versioned {
  readonly schema: string;
}

/** Writes `record.json` into `folder`. @throws Error for another file of that name; FileError */
export async function writeRecord(folder: string, record: Versioned): Promise<void> {
  const path = join(folder, 'record.json');
  const found = await lstat(path).catch(() => null);
  if (found !== null && !(found.isFile() && (await readFile(path, 'utf8')).includes(record.schema)))
    throw new Error(
      `${path} is no record of this kind, so it is left as it is: name another folder with --out.`,
    );
  await makeFolder(folder);
  await replaceFile(path, `${JSON.stringify(record, null, 2)}\n`);
}
