/** What a process that was killed while it wrote leaves in the folder of its run: files that never got their names. */

import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { targetOfTemporary } from '@fashion-bench/files';
import { FIGURES_FOLDER } from '@fashion-bench/report';

/** What a run writes: record, predictions, list of files, report, model files. */
const OWN =
  /^(?:record\.json|predictions\.json|fashion-bench-files\.json|report\.(?:md|html)|model(?:-seed\d+)?\.(?:h5|onnx))$/;
const PROBE = /^\.write-test\.\d+\.[0-9a-f]{8}$/;

const FIGURE = /^[\w-]+\.(?:svg|png)$/;

/** For whoever holds the lock of the folder: nobody else is writing any of these. */
export async function removeLeftovers(folder: string): Promise<void> {
  await removeUnfinished(folder, OWN);
  const figures = join(folder, FIGURES_FOLDER);
  const found = await lstat(figures).catch(() => undefined);
  if (found?.isDirectory() === true) await removeUnfinished(figures, FIGURE);
}

async function removeUnfinished(folder: string, own: RegExp): Promise<void> {
  for (const name of await readdir(folder)) {
    const target = targetOfTemporary(name);
    if (!PROBE.test(name) && (target === undefined || !own.test(target))) continue;
    const path = join(folder, name);
    // What cannot be removed does no harm.
    if ((await lstat(path)).isFile()) await rm(path, { force: true }).catch(() => undefined);
  }
}
