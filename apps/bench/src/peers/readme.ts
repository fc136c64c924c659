/** `bench peers readme`: the README's speed table from the records that are part of the repository. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode } from '@fashion-bench/files';
import { drawSpeedTable, parsePeers, type RecordedRace } from '@fashion-bench/report';

import { type FileSystem, writeWhole } from '../output/files.ts';
import { RECORD_FILE, REPORT_FILE } from '../output/folders.ts';

/** Folders below benchmarks/results/, in the order of the table. */
const COMMITTED = ['peers-cnn', 'peers-knn'];

/** @returns what belongs on standard output @throws OutputError, RecordError */
export async function drawReadme(root: string, files: FileSystem): Promise<string> {
  const readme = join(root, 'README.md');
  const found = await Promise.all(COMMITTED.map((folder) => recorded(root, folder)));
  const races = found.filter((race) => race !== undefined);
  const before = await readFile(readme, 'utf8');
  await writeWhole(readme, drawSpeedTable(before, races), files);
  return `README.md: speed table from ${races.length} of ${COMMITTED.length} records.\n`;
}

async function recorded(root: string, folder: string): Promise<RecordedRace | undefined> {
  const place = join('benchmarks', 'results', folder);
  const path = join(root, place, RECORD_FILE);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return { record: parsePeers(text, path), url: `benchmarks/results/${folder}/${REPORT_FILE}` };
}
