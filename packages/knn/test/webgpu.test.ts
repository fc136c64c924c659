/**
 * The search on a device finds the neighbours of full sorting. Needs a GPU, or a software driver that VK_DRIVER_FILES points at:
 * slow, but the same arithmetic.
 */
import { describe, expect, test } from 'vitest';

import { nearestNeighbors } from '../src/index.ts';
import type { Matrix } from '../src/index.ts';
import { loadOnnx } from '../src/kernels/peers.ts';
import { webgpuSearch } from '../src/webgpu/search.ts';
import { bumps, bySorting, checked, filled, floats, found, nearTies, noise } from './helpers.ts';
import { noWebgpu as reason } from './webgpu-reason.ts';

describe.skipIf(reason !== null)(
  `the kernel webgpu (${reason === null ? 'found' : `skipped: ${reason}`})`,
  () => {
    const cases: readonly (readonly [string, Matrix, Matrix, number])[] = [
      ['smooth rows', bumps(500, 60, 1), bumps(9, 60, 2), 5],
      ['more tiles than one, the last one not full', bumps(4500, 20, 3), bumps(4, 20, 4), 7],
      ['noise', noise(300, 50, 5), noise(5, 50, 6), 3],
      ['distances past 2^24 that differ by one', nearTies(), filled(2, 784, 0), 27],
      ['all distances equal', filled(40, 30, 200), filled(2, 30, 100), 9],
      ['one row', filled(1, 8, 3), filled(2, 8, 5), 1],
      ['one column, k = n', noise(30, 1, 7), noise(3, 1, 8), 30],
      ['floats', floats(noise(400, 40, 9), 0.1), floats(noise(6, 40, 10), 0.1), 6],
    ];

    test.each(cases)('%s', async (_, train, queries, k) => {
      const search = await nearestNeighbors(train, { kernel: 'webgpu' });
      const neighbors = await search.search(queries, k);
      await search.dispose();
      expect(found(neighbors)).toEqual(bySorting(train, queries, k));
    });

    test('rows in several buffers; few queries have to be measured in full', async () => {
      const [train, queries] = [bumps(4000, 50, 11), bumps(20, 50, 12)];
      // Two thousand rows of 50 floats fill a part.
      const search = await webgpuSearch(await loadOnnx('webgpu'), checked(train), 2000 * 50 * 4);
      const neighbors = await search.search(checked(queries), 5, {});
      await search.dispose();
      expect(found(neighbors)).toEqual(bySorting(train, queries, 5));
      expect(search.counts.queries).toBe(20);
      expect(search.counts.measuredInFull).toBeLessThan(5);
    });
  },
);
