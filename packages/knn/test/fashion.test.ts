/** The real data: the figures that this package exists for. Skipped, with the reason, where the data is not on disk. */
import { loadFashionMnist } from '@fashion-bench/dataset';
import type { ImageDataset } from '@fashion-bench/dataset';
import { describe, expect, it } from 'vitest';
import { encodeLabels, matrix, nearestNeighbors, vote } from '../src/index.ts';
import type { Matrix } from '../src/index.ts';

async function load(): Promise<ImageDataset | string> {
  try {
    return await loadFashionMnist({ download: false });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const data = await load();
const reason = typeof data === 'string' ? ` (skipped: ${data})` : '';

describe.skipIf(typeof data === 'string')(`Fashion-MNIST${reason}`, () => {
  if (typeof data === 'string') return;
  const images = (pixels: Uint8Array): Matrix => matrix(pixels, pixels.length / 784, 784);
  const train = images(data.train.images);
  const test = images(data.test.images);

  it('8,554 of 10,000 with uniform and 8,577 with distance weights', async () => {
    const search = await nearestNeighbors(train);
    const neighbors = await search.search(test, 5);
    await search.dispose();
    expect(search.algorithm).toBe('pruned');
    const labels = encodeLabels(data.train.labels);
    const right = (weights: 'uniform' | 'distance'): number =>
      vote(neighbors, labels, weights).filter((label, i) => label === data.test.labels[i]).length;
    expect([right('uniform'), right('distance')]).toEqual([8554, 8577]);
  });

  it('by Manhattan distance 8,623 and 8,615', async () => {
    const search = await nearestNeighbors(train, { metric: 'manhattan' });
    const neighbors = await search.search(test, 5);
    await search.dispose();
    const labels = encodeLabels(data.train.labels);
    const right = (weights: 'uniform' | 'distance'): number =>
      vote(neighbors, labels, weights).filter((label, i) => label === data.test.labels[i]).length;
    expect([right('uniform'), right('distance')]).toEqual([8623, 8615]);
  });

  it('pruned and brute find the same rows at the same distances', async () => {
    // Every 40th query: the plain product over all of them takes seconds.
    const rows = 250;
    const some = new Uint8Array(rows * 784);
    for (let i = 0; i < rows; i++)
      some.set(test.data.subarray(i * 40 * 784, (i * 40 + 1) * 784), i * 784);
    const queries = matrix(some, rows, 784);
    const found = [];
    for (const algorithm of ['pruned', 'brute'] as const) {
      const search = await nearestNeighbors(train, { algorithm });
      found.push(await search.search(queries, 9));
      await search.dispose();
    }
    expect(found[0]).toEqual(found[1]);
  });
});
