/** Random Erasing: images per second with the study's settings, with every image erased, and with a value for each pixel. */

import { randomErasing } from '@fashion-bench/augment';
import { IMAGE_COLUMNS, IMAGE_ROWS, IMAGE_SIZE } from '@fashion-bench/dataset';

import type { Case } from './suite.ts';

const SETTINGS = [
  ['p = 0.15 (the study)', { p: 0.15 }],
  ['p = 0.5 (the default)', { p: 0.5 }],
  ['p = 1', { p: 1 }],
  ['p = 1, a value for each pixel', { p: 1, pixelLevel: true }],
] as const;

/** @param images [n * 784]; what they show makes no difference to the time */
export function eraserCases(images: Uint8Array): readonly Case[] {
  const shape = { rows: IMAGE_ROWS, columns: IMAGE_COLUMNS };
  return SETTINGS.map(([name, options]) => ({
    name,
    work: images.length / IMAGE_SIZE,
    call: () => randomErasing(images, shape, { ...options, seed: 42 }),
  }));
}
