/** Whose memory a matrix lies in does not matter: shared between threads, or of another realm (Jest, `vm`). */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  KNeighborsClassifier,
  KnnError,
  distanceArray,
  distanceKernel,
  nearestNeighbors,
} from '../src/index.ts';
import type { Matrix, NearestOptions } from '../src/index.ts';
import { bumps, floats, found } from './helpers.ts';

const foreign: { Uint8Array: Uint8ArrayConstructor; Float32Array: Float32ArrayConstructor } =
  runInNewContext('({ Uint8Array, Float32Array })') as never;

function shared(m: Matrix): Matrix {
  const memory = new SharedArrayBuffer(m.data.byteLength);
  const data = m.data instanceof Uint8Array ? new Uint8Array(memory) : new Float32Array(memory);
  data.set(m.data);
  return { ...m, data };
}

function ofAnotherRealm(m: Matrix): Matrix {
  const data =
    m.data instanceof Uint8Array
      ? new foreign.Uint8Array(m.data)
      : new foreign.Float32Array(m.data);
  expect(data instanceof m.data.constructor).toBe(false);
  return { ...m, data };
}

const ways: readonly NearestOptions[] = [
  { kernel: 'naive' },
  { kernel: 'expanded' },
  { kernel: 'exact', threads: 1 },
  { algorithm: 'pruned', threads: 2 },
  { metric: 'manhattan', algorithm: 'brute' },
  { metric: 'manhattan', algorithm: 'pruned', threads: 2 },
];

describe.each([
  ['bytes', bumps(40, 32, 1), bumps(9, 32, 2)],
  ['floats', floats(bumps(40, 32, 1)), floats(bumps(9, 32, 2))],
])('%s', (kind, train, queries) => {
  const fitting = ways.filter(
    (way) => kind === 'bytes' || way.metric !== undefined || way.algorithm !== 'pruned',
  );
  it.each(fitting)('are found wherever they lie by %j', async (way) => {
    const search = await nearestNeighbors(train, way);
    const expected = found(await search.search(queries, 3));
    for (const move of [shared, ofAnotherRealm]) {
      const moved = await nearestNeighbors(move(train), way);
      expect(found(await moved.search(move(queries), 3))).toEqual(expected);
      await moved.dispose();
    }
    await search.dispose();
  });

  it.each(['naive', 'expanded', 'exact'] as const)(
    'the kernel %s writes to shared memory',
    async (id) => {
      const kernel = await distanceKernel(id, { threads: 1 }).prepare(train);
      const own = distanceArray(kernel, queries.rows);
      await kernel.squaredDistancesInto(queries, own);
      const out = new (own.constructor as Float64ArrayConstructor)(
        new SharedArrayBuffer(own.byteLength),
      );
      await kernel.squaredDistancesInto(queries, out);
      expect(out).toEqual(own);
      await kernel.dispose();
    },
  );
});

it('labels of another realm are labels', async () => {
  const labels = new foreign.Uint8Array(40).map((_, i) => i % 3);
  const classifier = await new KNeighborsClassifier({ nNeighbors: 1, kernel: 'naive' }).fit(
    bumps(40, 32, 1),
    labels,
  );
  expect(await classifier.score(ofAnotherRealm(bumps(40, 32, 1)), labels)).toBe(1);
});

it.each(ways)('a search that was disposed of says so, by %j', async (way) => {
  const search = await nearestNeighbors(bumps(40, 32, 1), way);
  await search.dispose();
  await search.dispose();
  await expect(search.search(bumps(2, 32, 2), 1)).rejects.toThrow(
    new KnnError('disposed', 'The search was disposed of; fit again.'),
  );
});
