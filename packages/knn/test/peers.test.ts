// What a kernel says when the package that it needs is not installed, and what the search does without it.
import { expect, test, vi } from 'vitest';
import { KnnError, distanceKernel, nearestNeighbors } from '../src/index.ts';
import { missing } from '../src/kernels/peers.ts';
import { bySorting, found, noise } from './helpers.ts';

const notFound = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });

vi.mock('@fashion-bench/onnx', () => ({
  loadOnnxruntime: () =>
    Promise.reject(new Error('onnxruntime-node is not installed', { cause: notFound })),
}));

const train = noise(50, 8, 1);

test('a kernel that is asked for by name names what is missing, and the line to type', async () => {
  const error: unknown = await distanceKernel('exact')
    .prepare(train)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(KnnError);
  expect(error).toMatchObject({
    code: 'missing-package',
    message:
      'The kernel exact needs @fashion-bench/onnx and onnxruntime-node, which this package does not bring along; run "npm install --ignore-scripts @fashion-bench/onnx onnxruntime-node".',
  });
  await expect(nearestNeighbors(train, { kernel: 'webgpu' })).rejects.toThrow('The kernel webgpu');
  await expect(nearestNeighbors(train, { product: 'u8u8' })).rejects.toThrow('The kernel exact');
});

test('the search finds the same neighbours without it', async () => {
  const search = await nearestNeighbors(train);
  const queries = noise(5, 8, 2);
  expect(found(await search.search(queries, 3))).toEqual(bySorting(train, queries, 3));
  await search.dispose();
});

test('any other failure is passed on as it is', () => {
  const other = new TypeError('syntax');
  expect(() => missing('expanded', '@tensorflow/tfjs')(other)).toThrow(other);
});
