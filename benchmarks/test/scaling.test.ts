import { existsSync, readFileSync } from 'node:fs';

import { nearestNeighbors, nearestNeighborsStreamed } from '@fashion-bench/knn';
import { parseScaling } from '@fashion-bench/report';
import { expect, it } from 'vitest';

import { measurePoint } from '../src/scaling/measure.ts';
import { drawnBlocks, drawnQueries } from '../src/scaling/source.ts';

const shape = { rows: 25, columns: 6, blockRows: 10 };
const ignore = (): void => undefined;

it('drawn rows are the same for the same seed, in blocks of which the last is what is left', () => {
  const blocks = (seed: number): number[][] =>
    Array.from(drawnBlocks(shape, seed, ignore), ({ data }) => [...data]);
  const first = blocks(1);
  expect(first.map(({ length }) => length)).toEqual([60, 60, 30]);
  expect(first[0]).not.toEqual(first[1]);
  expect(blocks(1)).toEqual(first);
  expect(blocks(2)).not.toEqual(first);
});

it('the streamed search finds what a search over the same rows in memory finds', async () => {
  const data = Uint8Array.from(
    Array.from(drawnBlocks(shape, 3, ignore), ({ data: block }) => [...block]).flat(),
  );
  const queries = drawnQueries(4, 6, 3);
  const search = await nearestNeighbors({ data, rows: 25, columns: 6 });
  expect(await nearestNeighborsStreamed(drawnBlocks(shape, 3, ignore), queries, 5)).toEqual(
    await search.search(queries, 5),
  );
  await search.dispose();
});

it('a point says how long it took and how much of that was drawing', async () => {
  const found = await measurePoint({ ...shape, queries: 2, k: 3, threads: 1, seed: 1 });
  expect(found.seconds).toBeGreaterThan(found.drawingSeconds);
  expect(found.peak).toBeGreaterThanOrEqual(found.peakBefore);
});

const path = new URL('../results/scaling-knn/record.json', import.meta.url);

it.skipIf(!existsSync(path))('the record is sound, and memory does not grow with the rows', () => {
  const { points, columns } = parseScaling(readFileSync(path, 'utf8'));
  const largest = points.reduce((a, b) => (b.rows > a.rows ? b : a));
  expect(largest.rows).toBe(1_000_000);
  expect(largest.peak * 2 ** 20).toBeLessThan((largest.rows * columns) / 2);
});
