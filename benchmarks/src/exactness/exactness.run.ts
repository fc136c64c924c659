/**
 * `pnpm --filter @fashion-bench/benchmarks exactness:knn [--out FOLDER]`: all 10,000 queries of the real data on every engine of this machine,
 * each index and each int32 squared distance compared with two plain loops over integers (which take about ten minutes on two cores).
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { IMAGE_SIZE, loadFashionMnist } from '@fashion-bench/dataset';
import { matrix, nearestNeighbors, type NearestOptions } from '@fashion-bench/knn';
import { z } from 'zod';

import { describeMachine } from '../machine.ts';
import { writeRecord } from '../write-record.ts';
import type { PlainNeighbors } from './plain.ts';
import { exactnessRecord, type Way } from './record.ts';

const K = 5;
const WAYS: readonly (readonly [string, NearestOptions])[] = [
  ['pruned', { algorithm: 'pruned' }],
  ['exact, as the processor allows', { kernel: 'exact' }],
  ['exact, uint8 x uint8', { kernel: 'exact', product: 'u8u8' }],
  ['tensorflow', { kernel: 'tensorflow' }],
  ['tensorflow-gpu', { kernel: 'tensorflow-gpu' }],
  ['webgpu', { kernel: 'webgpu' }],
];

const { values } = parseArgs({
  options: {
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../../results/exactness-knn', import.meta.url)),
    },
  },
});
const startedAt = new Date().toISOString();
const { train, test } = await loadFashionMnist();
const rows = matrix(train.images, train.labels.length, IMAGE_SIZE);
const queries = matrix(test.images, test.labels.length, IMAGE_SIZE);
const plain = await plainOfAll(queries.rows);
const ways: Way[] = [];
for (const [name, options] of WAYS) {
  ways.push(await compared(name, options));
  process.stdout.write(`${JSON.stringify(ways.at(-1))}\n`);
}
const record = exactnessRecord.parse({
  schema: 'fashion-bench/exactness-knn@1',
  ...{ startedAt, machine: describeMachine(), nodeVersion: process.versions.node },
  data: { name: 'fashion-mnist', rows: rows.rows, queries: queries.rows },
  k: K,
  plain: {
    what: 'two loops over integers in JavaScript',
    sha256: createHash('sha256')
      .update(bytesOf(plain.indices))
      .update(bytesOf(plain.squaredDistances))
      .digest('hex'),
  },
  ways,
});
await writeRecord(values.out, record);
const wrong = ways.filter((way) => way.state === 'compared' && way.different > 0);
if (wrong.length > 0) process.exitCode = 1;

async function compared(name: string, options: NearestOptions): Promise<Way> {
  try {
    const search = await nearestNeighbors(rows, options);
    const found = await search.search(queries, K);
    await search.dispose();
    let different = 0;
    for (let i = 0; i < plain.indices.length; i++) {
      const same =
        found.indices[i] === plain.indices[i] &&
        found.squaredDistances[i] === plain.squaredDistances[i];
      if (!same) different++;
    }
    return { state: 'compared', name, path: search.path, different };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { state: 'skipped', name, reason };
  }
}

/** The queries in as many processes as there are cores. */
async function plainOfAll(count: number): Promise<PlainNeighbors> {
  const processes = availableParallelism();
  const edges = Array.from({ length: processes + 1 }, (_, i) =>
    Math.round((i * count) / processes),
  );
  const parts = await Promise.all(edges.slice(1).map((to, i) => inProcess([K, edges[i] ?? 0, to])));
  return {
    indices: joined(parts.map((part) => part.indices)),
    squaredDistances: joined(parts.map((part) => part.squaredDistances)),
  };
}

async function inProcess(numbers: readonly number[]): Promise<PlainNeighbors> {
  const program = fileURLToPath(new URL('part.run.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...process.execArgv, program, ...numbers.map(String)],
    { maxBuffer: 2 ** 26 },
  );
  const printed: unknown = JSON.parse(stdout);
  const { indices, squaredDistances } = z
    .strictObject({ indices: z.base64(), squaredDistances: z.base64() })
    .parse(printed);
  const int32 = (text: string): Int32Array =>
    new Int32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
  return { indices: int32(indices), squaredDistances: int32(squaredDistances) };
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function bytesOf(array: Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
