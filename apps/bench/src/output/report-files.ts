/** The files of a report: report.md, report.html and the folder figures, made from stored runs. */

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

import { type Committed, REPORT_FILE } from './folders.ts';
import type { OutputFolder } from './output-folder.ts';

const NOTHING_COMMITTED: Committed = { scaling: null, races: [] };

const HTML_FILE = 'report.html';

/**
 * Writes report, page and figures into `folder`; figures that it wrote for an earlier report and not for this one are removed.
 *
 * @param committed records of the repository that were measured apart from runs
 * @returns the path of report.md
 * @throws OutputError
 */
export async function writeReport(
  runs: readonly StoredRun[],
  published: Published,
  folder: OutputFolder,
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
  const drawn = figures.map(({ file, content }) => [`${FIGURES_FOLDER}/${file}`, content] as const);
  await folder.write({
    ...Object.fromEntries(drawn),
    [HTML_FILE]: renderHtml(markdown, figures),
    [REPORT_FILE]: markdown,
  });
  await folder.removeOthers(FIGURES_FOLDER, new Set(drawn.map(([name]) => name)));
  return join(folder.path, REPORT_FILE);
}
