/** The kernels as others import them: what they are given is looked at before it is believed. */
import { checkMatrix, checkQueries } from '../matrix.ts';
import { exactKernel as exact } from './exact.ts';
import type { ExactKernelOptions } from './exact.ts';
import { expandedKernel as expanded } from './expanded.ts';
import type { CheckedKernel, DistanceKernel, DistanceKernelId } from './kernel.ts';
import { naiveKernel as naive } from './naive.ts';
import { kernelOf } from './table.ts';

/** @throws KnnInputError 'option' for a name that is none. */
export function distanceKernel(
  id: DistanceKernelId,
  options: ExactKernelOptions = {},
): DistanceKernel {
  return published(kernelOf(id, options));
}

/** The kernel `naive`. Its output is int32 for bytes and float64 for floats. */
export function naiveKernel(): DistanceKernel {
  return published(naive());
}

/** The kernel `expanded`. Its output is float32. TensorFlow.js is loaded when it is prepared, not before. */
export function expandedKernel(): DistanceKernel {
  return published(expanded());
}

/** The kernel `exact`. Its output is int32 for bytes and float32 for floats. */
export function exactKernel(options: ExactKernelOptions = {}): DistanceKernel {
  return published(exact(options));
}

function published(kernel: CheckedKernel): DistanceKernel {
  return {
    id: kernel.id,
    prepare: async (train) => {
      checkMatrix(train, 'The training matrix');
      const prepared = await kernel.prepare(train);
      return {
        ...prepared,
        squaredDistancesInto: async (queries, out) => {
          checkQueries(queries, train);
          await prepared.squaredDistancesInto(queries, out);
        },
      };
    },
  };
}
