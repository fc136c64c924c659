/** Our laps of the search, as peers/python/knn_laps.py has them: fit + search anew, then the search once more. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { KNeighborsClassifier, type Matrix, matrix, type Neighbors } from '@fashion-bench/knn';

import { searchOptions } from '../../../parts/knn/search-options.ts';
import { VERSION } from '../../../process/version.ts';
import { indicesFile, type KnnJob, TEST_IMAGES, TRAIN_IMAGES } from '../../messages.ts';
import { runProgram, type Track } from '../../node-program.ts';
import { OURS } from '../../ours.ts';

/** Queries of the one search before the first clock, as the others have. */
const WARMUP_QUERIES = 256;

async function laps(job: KnnJob, track: Track): Promise<void> {
  const { columns, threads, k } = job;
  const [train, queries] = await Promise.all(
    [TRAIN_IMAGES, TEST_IMAGES].map(async (name): Promise<Matrix<Uint8Array>> => {
      const data = await track.array(name);
      return matrix(data, data.length / columns, columns);
    }),
  );
  if (train === undefined || queries === undefined) return;
  const labels = new Uint8Array(train.rows);
  const options = { nNeighbors: k, threads, ...searchOptions(job.engine, job.engine) };
  const classifier = new KNeighborsClassifier(options);
  const first = Math.min(WARMUP_QUERIES, queries.rows);
  await classifier.fit(train, labels);
  await classifier.kneighbors(matrix(queries.data.subarray(0, first * columns), first, columns));
  track.ready({
    versions: { [OURS]: VERSION, node: process.versions.node },
    details: `${classifier.algorithm}: ${classifier.path}, ${threads} threads`,
    blas: null,
  });
  while (await track.go()) {
    await classifier.dispose();
    let start = performance.now();
    await classifier.fit(train, labels);
    await classifier.kneighbors(queries);
    const both = (performance.now() - start) / 1000;
    start = performance.now();
    const found: Neighbors = await classifier.kneighbors(queries);
    const search = (performance.now() - start) / 1000;
    await writeFile(join(job.folder, indicesFile(OURS)), found.indices);
    track.lap({ seconds: { search, 'fit + search': both }, loss: null, accuracy: null });
  }
  await classifier.dispose();
}

await runProgram('knn', laps);
