// Random Erasing: a rectangle of noise over a share of the images. The input stays as it is.
// Run it: pnpm --dir examples exec tsx src/augment.ts
import { randomErasing } from '@fashion-bench/augment';
import { IMAGE_COLUMNS, IMAGE_ROWS, syntheticFashion } from '@fashion-bench/dataset';

const { images } = syntheticFashion({ seed: 42, train: 2000, test: 10 }).train;
const shape = { rows: IMAGE_ROWS, columns: IMAGE_COLUMNS };

// The study's way: once before training, with p = 0.15. For fresh rectangles in every epoch, say which epoch it is.
const once = randomErasing(images, shape, { p: 0.15, seed: 42 });
console.log(`${once.erased} of ${once.count} images erased`);
console.log(
  `median rectangle: ${once.areaStatistics?.median ?? 0} of ${IMAGE_ROWS * IMAGE_COLUMNS} pixels`,
);

const later = randomErasing(images, shape, { p: 0.15, seed: 42, epoch: 1 });
console.log(`${later.erased} others in epoch 1`);

/* Prints:
299 of 2000 images erased
median rectangle: 112 of 784 pixels
317 others in epoch 1
*/
