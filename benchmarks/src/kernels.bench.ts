/** `pnpm --filter @fashion-bench/benchmarks bench:kernels` */

import { syntheticFashion } from '@fashion-bench/dataset';

import { kernelCases } from './kernels.ts';
import { describeMachine } from './machine.ts';
import { measure, tableOf } from './suite.ts';

const QUERIES = 100;
const ROWS = [250, 1000, 4000];

const { train } = syntheticFashion({ seed: 42, train: Math.max(...ROWS), test: 1 });
const { cases, dispose } = await kernelCases(train.images, QUERIES, ROWS);
const rows = await measure(cases, { iterations: 10 });
await dispose();
process.stdout.write(
  `Distance kernels, ${QUERIES} queries, drawn images. ${describeMachine()}\n\n${tableOf(rows, 'GOP/s')}`,
);
