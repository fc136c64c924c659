/** `pnpm --filter @fashion-bench/benchmarks bench:eraser` */

import { IMAGE_SIZE } from '@fashion-bench/dataset';

import { eraserCases } from './eraser.ts';
import { describeMachine } from './machine.ts';
import { measure, tableOf } from './suite.ts';

const IMAGES = 10_000;

const rows = await measure(eraserCases(new Uint8Array(IMAGES * IMAGE_SIZE)), { iterations: 20 });
process.stdout.write(
  `Random Erasing of ${IMAGES} images of 28 x 28. ${describeMachine()}\n\n${tableOf(rows, 'images/s')}`,
);
