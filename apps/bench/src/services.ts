/** The packages and parts that the program really uses. */

import { listEngines, resolveEngine } from '@fashion-bench/engine';

import { loadImages } from './data/data.ts';
import { nodeFiles } from './output/files.ts';
import type { Services } from './run/services.ts';

export const realServices: Services = {
  files: nodeFiles,
  listEngines,
  resolveEngine,
  loadImages,
  // Loaded at their turn: TensorFlow.js alone takes a second, which --help and a typing slip need not wait for.
  parts: {
    knn: async (context) => (await import('./parts/knn/knn.ts')).runKnn(context),
    cnn: async (context) => (await import('./parts/cnn/cnn.ts')).runCnn(context),
    kernels: async (context) => (await import('./parts/kernels/kernels.ts')).runKernels(context),
  },
};
