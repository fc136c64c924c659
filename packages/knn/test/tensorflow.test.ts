/** A whole search on TensorFlow finds the neighbours of the two loops, bright images included; where it is installed. */
import { findInstallation } from '@fashion-bench/tensorflow';
import { describe, expect, test } from 'vitest';

import { nearestNeighbors } from '../src/index.ts';
import { noise } from './helpers.ts';

const installed = findInstallation();

describe.skipIf(installed.state !== 'complete')(
  `the kernel tensorflow (${installed.state === 'complete' ? 'found' : `skipped: the binding is ${installed.state}`})`,
  () => {
    test.each([
      ['whole range', 0],
      ['bright, where float32 sums round', 240],
    ])('bytes: %s', async (_, darkest) => {
      const draw = (rows: number, seed: number) => {
        const drawn = noise(rows, 784, seed);
        return { ...drawn, data: drawn.data.map((value) => Math.max(value, darkest)) };
      };
      const [train, queries] = [draw(500, 1), draw(20, 2)];
      const found = await Promise.all(
        (['tensorflow', 'naive'] as const).map(async (kernel) => {
          const search = await nearestNeighbors(train, { kernel, threads: 2 });
          const neighbors = await search.search(queries, 5);
          await search.dispose();
          return neighbors;
        }),
      );
      expect(found[0]?.indices).toEqual(found[1]?.indices);
      expect(found[0]?.squaredDistances).toEqual(found[1]?.squaredDistances);
    });
  },
);
