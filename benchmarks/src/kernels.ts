/**
 * The three distance kernels on the same block of queries, against a growing number of rows. One call is one block: from the
 * queries' bytes to the finished squared distances. Preparing the rows is outside the clock, as in a search.
 */

import { IMAGE_SIZE } from '@fashion-bench/dataset';
import {
  type DistanceKernel,
  distanceArray,
  exactKernel,
  expandedKernel,
  matrix,
  naiveKernel,
  type PreparedKernel,
} from '@fashion-bench/knn';

import type { Case } from './suite.ts';

export interface KernelCases {
  readonly cases: readonly Case[];
  readonly dispose: () => Promise<void>;
}

/**
 * @param images [n * 784], n at least `queries` and `rows`; what they show makes no difference to the time
 * @param rows sizes of the training set
 */
export async function kernelCases(
  images: Uint8Array,
  queries: number,
  rows: readonly number[],
): Promise<KernelCases> {
  const block = matrix(images.subarray(0, queries * IMAGE_SIZE), queries, IMAGE_SIZE);
  const kernels: readonly DistanceKernel[] = [naiveKernel(), expandedKernel(), exactKernel()];
  const prepared: PreparedKernel[] = [];
  const cases: Case[] = [];
  for (const count of rows) {
    const train = matrix(images.subarray(0, count * IMAGE_SIZE), count, IMAGE_SIZE);
    for (const kernel of kernels) {
      const ready = await kernel.prepare(train);
      prepared.push(ready);
      const out = distanceArray(ready, queries);
      cases.push({
        name: `${ready.id}, ${queries} x ${count}`,
        // A multiply-add counts as two operations, in thousands of millions.
        work: (2 * queries * count * IMAGE_SIZE) / 1e9,
        call: () => ready.squaredDistancesInto(block, out),
      });
    }
  }
  return {
    cases,
    dispose: async () => {
      for (const ready of prepared) await ready.dispose();
    },
  };
}
