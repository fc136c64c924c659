/** `bench report`: the Markdown once more from records that were measured before. Nothing is measured here. */

import { join, resolve } from 'node:path';

import { formatRecord, renderReport } from '@fashion-bench/report';

import type { Settings } from '../command-line/settings.ts';
import { type FileSystem, prepareFolder } from '../output/files.ts';
import {
  latestRun,
  readPublished,
  readCommitted,
  readRecord,
  REPORT_FILE,
} from '../output/folders.ts';
import { OutputFolder } from '../output/output-folder.ts';
import { writeReport } from '../output/report-files.ts';
import { UsageError } from '../process/errors.ts';
import { shownPath } from '../process/repository.ts';

/**
 * One record: report.md, report.html and figures are written beside it. Several: one report of all, printed, or written
 * into `--out`.
 *
 * @returns what belongs on standard output
 * @throws UsageError, OutputError, RecordError, PublishedError
 */
export async function reportAgain(
  paths: readonly string[],
  settings: Settings,
  root: string,
  files: FileSystem,
): Promise<string> {
  if (settings.json && paths.length > 1) {
    throw new UsageError('--json prints one record: name one only.');
  }
  const published = await readPublished(root);
  const found = await Promise.all(
    (paths.length > 0 ? paths : [await latestRun(root)]).map(readRecord),
  );
  const records = found.map(({ record }) => record);
  const only = found.length === 1 ? found[0] : undefined;
  const folder = settings.out === null ? only?.folder : resolve(settings.out);
  if (folder !== undefined) {
    const output = await (folder === only?.folder
      ? OutputFolder.ofRun(folder, files)
      : OutputFolder.fresh(folder, files));
    await prepareFolder(folder, files);
    await writeReport(found, published, output, await readCommitted(root));
  }
  if (settings.json && only !== undefined) return formatRecord(only.record);
  if (folder === undefined) return renderReport(records, published);
  return `Report: ${shownPath(join(folder, REPORT_FILE))}\n`;
}
