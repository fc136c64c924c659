// The real data, where it lies beside the repository. Elsewhere these tests are skipped and say why.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { IMAGE_SIZE, loadFashionMnist, stratifiedSubset } from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../../shared/fashion-mnist', import.meta.url));

test('Fashion-MNIST loads with its known shape, balance and pixel mean', async ({ skip }) => {
  skip(!existsSync(folder), `the data is not at ${folder}`);
  const {
    train,
    test: test10k,
    sha256,
    source,
    synthetic,
  } = await loadFashionMnist({ dir: folder });
  expect(synthetic).toBe(false);
  expect(source).toBe(folder);
  expect(train.images).toHaveLength(60_000 * IMAGE_SIZE);
  expect(test10k.images).toHaveLength(10_000 * IMAGE_SIZE);
  for (const [set, each] of [
    [train, 6000],
    [test10k, 1000],
  ] as const) {
    const counts = new Array<number>(10).fill(0);
    for (const label of set.labels) counts[label] = (counts[label] ?? 0) + 1;
    expect(counts).toEqual(new Array(10).fill(each));
  }
  expect([...train.labels.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
  expect(sha256['train-images-idx3-ubyte.gz']).toBe(
    '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
  );
  // The figure everybody normalises by: 0.2860 of 255.
  let sum = 0;
  for (const pixel of train.images) sum += pixel;
  expect(sum / train.images.length / 255).toBeCloseTo(0.286, 4);

  const subset = stratifiedSubset(train, 1000, 42);
  const zeros = subset.labels.filter((label) => label === 0).length;
  expect(zeros).toBe(100);
});
