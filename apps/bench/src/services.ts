/** What a run uses of the other packages, in one record, so that tests can put something else in its place. */

import { listEngines, resolveEngine } from '@fashion-bench/engine';

import type { RunContext } from './context.ts';
import { loadImages } from './data.ts';
import { type FileSystem, nodeFiles } from './files.ts';

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

export const realServices: Services = {
  files: nodeFiles,
  listEngines,
  resolveEngine,
  loadImages,
  // Loaded at their turn: TensorFlow.js alone takes a second, which --help and a typing slip need not wait for.
  parts: {
    knn: async (context) => (await import('./parts/knn.ts')).runKnn(context),
    cnn: async (context) => (await import('./parts/cnn.ts')).runCnn(context),
    kernels: async (context) => (await import('./parts/kernels.ts')).runKernels(context),
  },
};
