/** What a run uses of the other packages, in one record, so that tests can put something else in its place. */

import type { listEngines, resolveEngine } from '@fashion-bench/engine';

import type { loadImages } from '../data/data.ts';
import type { FileSystem } from '../output/files.ts';
import type { RunContext } from './context.ts';

export interface Services {
  readonly files: FileSystem;
  readonly listEngines: typeof listEngines;
  readonly resolveEngine: typeof resolveEngine;
  readonly loadImages: typeof loadImages;
  /** Each measures, hands its results to the journal, and throws the signal's reason when it is aborted. */
  readonly parts: Readonly<
    Record<'knn' | 'cnn' | 'kernels', (context: RunContext) => Promise<void>>
  >;
}
