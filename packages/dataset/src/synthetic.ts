// A small stand-in for Fashion-MNIST, made by arithmetic: for tests, for trying the program without the data, never for
// figures that stand beside published ones. Image i of a split depends on the seed and on i only, so a larger set
// begins with the smaller one.

import { permutation, randomStream } from '@fashion-bench/random';
import type { RandomStream } from '@fashion-bench/random';
import { checkOptions, isWhole, mustBe } from './checks.ts';
import { drawSilhouette } from './silhouettes.ts';
import { CLASS_NAMES, IMAGE_COLUMNS, IMAGE_ROWS, IMAGE_SIZE } from './types.ts';
import type { ImageDataset, LabelledImages } from './types.ts';
import { hexSha256 } from './verify.ts';

export interface SyntheticOptions {
  /** Integer in 0..2^32-1. */
  readonly seed: number;
  /** Training images, 1 to 2,500,000; default 6,000. */
  readonly train?: number | undefined;
  /** Test images, 1 to 2,500,000; default 1,000. */
  readonly test?: number | undefined;
}

/** Nearly 2 GiB of pixels. */
const MOST_IMAGES = 2_500_000;
const CLASSES = CLASS_NAMES.length;

/**
 * Draws a training and a test set of silhouettes with random measures, position, slant, shade and noise. Every ten
 * images in a row hold each class once, so multiples of ten are balanced exactly.
 *
 * @throws DatasetError 'limit' for a number of images below 1, above 2,500,000 or not whole; 'argument' for
 * options that are none, or do not exist; InvalidSeedError of \@fashion-bench/random.
 */
export function syntheticFashion(options: SyntheticOptions): ImageDataset {
  checkOptions('synthetic', options);
  const { seed, train = 6_000, test = 1_000 } = options;
  const trainSet = drawSet(seed, 'train', train);
  const testSet = drawSet(seed, 'test', test);
  const sha256 = {
    train: hexSha256(trainSet.images, trainSet.labels),
    test: hexSha256(testSet.images, testSet.labels),
  };
  return {
    name: 'synthetic-fashion',
    synthetic: true,
    train: trainSet,
    test: testSet,
    source: `generated, seed ${seed}`,
    sha256,
    contentSha256: sha256,
  };
}

function drawSet(seed: number, split: 'train' | 'test', count: number): LabelledImages {
  mustBe(
    `The number of images of a synthetic ${split} set`,
    count,
    `a whole number from 1 to ${MOST_IMAGES}`,
    isWhole(count, 1, MOST_IMAGES),
    'limit',
  );
  const images = new Uint8Array(count * IMAGE_SIZE); // [count, 28, 28]
  const labels = new Uint8Array(count);
  for (let first = 0; first < count; first += CLASSES) {
    const order = permutation(CLASSES, randomStream(seed, `synthetic-${split}-labels`, first));
    labels.set(order.subarray(0, Math.min(CLASSES, count - first)), first);
  }
  for (let i = 0; i < count; i++) {
    const random = randomStream(seed, `synthetic-${split}-image`, i);
    drawImage(images.subarray(i * IMAGE_SIZE, (i + 1) * IMAGE_SIZE), labels[i]!, random);
  }
  return { images, labels, classNames: CLASS_NAMES };
}

/** Fills `out`, [28 * 28], with one picture. */
function drawImage(out: Uint8Array, label: number, random: RandomStream): void {
  const silhouette = drawSilhouette(label, random);
  // From pixels back to the silhouette's own square: move, scale, lean.
  const left = random.uniform(-0.14, 0.14);
  const up = random.uniform(-0.14, 0.14);
  const width = random.uniform(0.8, 1.1);
  const height = random.uniform(0.8, 1.1);
  const lean = random.uniform(-0.15, 0.15);
  const shade = random.uniform(110, 235);
  const slope = random.uniform(-0.25, 0.25);
  const stripes = random.uniform(0, 0.3);
  const stripePitch = random.uniform(3, 9);
  const stripeSlant = random.uniform(-1, 1);
  const noise = random.uniform(10, 45);

  let bits = 0;
  for (let row = 0; row < IMAGE_ROWS; row++) {
    for (let column = 0; column < IMAGE_COLUMNS; column++) {
      const v = (row + 0.5) / (IMAGE_ROWS / 2) - 1 + up;
      const u = (column + 0.5) / (IMAGE_COLUMNS / 2) - 1 + left;
      const cloth = silhouette((u + lean * v) / width, v / height);
      const stripe = 1 - stripes * (Math.floor((row + stripeSlant * column) / stripePitch) & 1);
      const bright = cloth * shade * stripe * (1 + slope * v);
      // One draw of 32 bits serves four pixels; the sum of background and noise stays within uint8.
      bits = column % 4 === 0 ? random.nextUint32() : bits >>> 8;
      const grain = ((bits & 0xff) / 255 - 0.5) * 2 * noise;
      out[row * IMAGE_COLUMNS + column] = Math.max(0, Math.min(255, Math.round(bright + grain)));
    }
  }
}
