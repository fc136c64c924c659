/** The files of a report: report.md, report.html and the folder figures, made from stored runs. */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  drawFigures,
  FIGURES_FOLDER,
  type Published,
  renderHtml,
  renderReport,
  type StoredRun,
  whyNotComparable,
} from '@fashion-bench/report';

import { type FileSystem, prepareFolder, writeWhole } from './files.ts';
import { type Committed, REPORT_FILE } from './folders.ts';

const NOTHING_COMMITTED: Committed = { scaling: null, races: [] };

const HTML_FILE = 'report.html';

/**
 * Writes report, page and figures into `folder`; figures of an earlier report that this one has not are removed.
 *
 * @param committed records of the repository that were measured apart from runs
 * @returns the path of report.md
 * @throws OutputError
 */
export async function writeReport(
  runs: readonly StoredRun[],
  published: Published,
  folder: string,
  files: FileSystem,
  { scaling, races }: Committed = NOTHING_COMMITTED,
): Promise<string> {
  const [only] = runs;
  // They stand beside a whole run, and nowhere else.
  const whole = only !== undefined && whyNotComparable(only.record) === null;
  const beside = whole && only.record.knn.length > 0 ? scaling : null;
  const figures = await drawFigures(runs, { scaling: beside, races: whole ? races : [] });
  const markdown = renderReport(
    runs.map(({ record }) => record),
    published,
    {
      figures,
      predictions: runs.length === 1 ? (only?.predictions ?? null) : null,
      scaling: beside,
    },
  );
  const drawn = join(folder, FIGURES_FOLDER);
  if (figures.length > 0) await prepareFolder(drawn, files);
  for (const { file, content } of figures) await writeWhole(join(drawn, file), content, files);
  await removeOthers(drawn, new Set(figures.map(({ file }) => file)));
  await writeWhole(join(folder, HTML_FILE), renderHtml(markdown, figures), files);
  const path = join(folder, REPORT_FILE);
  await writeWhole(path, markdown, files);
  return path;
}

async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    // Only what a report may have drawn: somebody may keep other things there.
    if (/\.(?:svg|png)$/.test(name) && !keep.has(name)) await rm(join(folder, name));
  }
}
