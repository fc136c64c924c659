/** The images of a run: loaded or drawn, cut to the limits, and described for the record. */

import {
  type DownloadEvent,
  imageCount,
  type ImageDataset,
  type LabelledImages,
  loadFashionMnist,
  stratifiedSubset,
  syntheticFashion,
} from '@fashion-bench/dataset';
import { homeFolder } from '@fashion-bench/files';
import type { DataInfo } from '@fashion-bench/report';

import { GRID, type Settings } from '../command-line/settings.ts';
import { UsageError } from '../process/errors.ts';
import type { Progress, ProgressTask } from '../process/progress.ts';
import { portablePath } from '../process/repository.ts';

export interface RunData {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly info: DataInfo;
}

export interface LoadHooks {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** @throws DatasetError when the data is missing, damaged or something else's */
export function loadImages(settings: Settings, hooks: LoadHooks): Promise<ImageDataset> {
  if (settings.synthetic) {
    return Promise.resolve(syntheticFashion({ seed: settings.seed }));
  }
  return loadFashionMnist({
    ...(settings.dataDir === null ? {} : { dir: settings.dataDir }),
    env: hooks.env,
    signal: hooks.signal,
    onProgress: downloadProgress(hooks.progress),
  });
}

const MEGABYTE = 1e6;

function downloadProgress(progress: Progress): (event: DownloadEvent) => void {
  let task: ProgressTask | undefined;
  return (event) => {
    switch (event.type) {
      case 'start':
        task ??= progress.task(`Download ${event.file}`, event.total / MEGABYTE, 'MB');
        return;
      case 'progress':
        task?.update(event.received / MEGABYTE);
        return;
      case 'done':
        task?.finish();
        task = undefined;
        return;
      case 'skipped':
      case 'retry':
      case 'mirror-failed':
        progress.note(event.reason);
    }
  };
}

/** @throws UsageError when a limit, k or the batch does not fit the set */
export function cutToLimits(data: ImageDataset, settings: Settings, root: string): RunData {
  const train = limited('train', data.train, settings.trainLimit, settings.seed);
  const test = limited('test', data.test, settings.testLimit, settings.seed);
  const subset = settings.trainLimit !== null || settings.testLimit !== null;
  return {
    train,
    test,
    info: {
      name: data.name,
      synthetic: data.synthetic,
      classNames: train.classNames,
      source: portableSource(data.source, root),
      sha256: data.sha256,
      contentSha256: data.contentSha256,
      trainCount: imageCount(train),
      testCount: imageCount(test),
      trainLimit: settings.trainLimit,
      testLimit: settings.testLimit,
      subsetRule: subset ? `stratified by label, seed ${settings.seed}` : null,
    },
  };
}

/** The source without the user's own folders: it is a folder, `URL (kept in FOLDER)`, or a description. */
function portableSource(source: string, root: string): string {
  const [, from = '', folder = source, end = ''] =
    /^(\w+:.* \(kept in )(.*)(\))$/su.exec(source) ?? [];
  return `${from}${portablePath(folder, root, homeFolder() ?? '')}${end}`;
}

function limited(
  which: 'train' | 'test',
  set: LabelledImages,
  limit: number | null,
  seed: number,
): LabelledImages {
  if (limit === null) return set;
  const all = imageCount(set);
  if (limit > all) {
    throw new UsageError(
      `--${which}-limit must be at most ${all}, the images in the ${which} set, not ${limit}.`,
    );
  }
  return stratifiedSubset(set, limit, seed);
}

/** What only the loaded data can tell about the settings. @throws UsageError */
export function checkAgainstData(
  settings: Settings,
  trainCount: number,
  parts: ReadonlySet<string>,
): void {
  const most = Math.max(...GRID.k);
  const checkCount = (name: string, count: number): void => {
    if (count <= trainCount) return;
    throw new UsageError(
      `--${name} must be at most ${trainCount}, the training images in use, not ${count}.`,
    );
  };
  if (parts.has('knn')) {
    if (settings.protocol === 'published' && most > trainCount) {
      throw new UsageError(
        `--protocol published looks for ${most} neighbours and needs as many training images, not ${trainCount}.`,
      );
    }
    checkCount('k', settings.k);
  }
  if (parts.has('cnn')) {
    const { batchSize, repeatBatchSize } = settings;
    checkCount('batch-size', batchSize);
    checkCount('repeat-batch-size', repeatBatchSize ?? batchSize);
  }
}
