// Images and labels as plain typed arrays, cut into batches. With `await loadFashionMnist()` in the place of
// syntheticFashion() the same lines run on the real data, found on disk or downloaded, and checked.
// Run it: pnpm --dir examples exec tsx src/dataset.ts
import {
  IMAGE_SIZE,
  batches,
  shuffledOrder,
  stratifiedSubset,
  syntheticFashion,
} from '@fashion-bench/dataset';

const { train, source } = syntheticFashion({ seed: 42, train: 1000, test: 100 });
console.log(`${train.labels.length} images of ${IMAGE_SIZE} bytes, ${source}`);

// The same number of every class, drawn by seed.
const few = stratifiedSubset(train, 50, 7);

// One epoch in random order. Without an order, batches are views: nothing is copied.
for (const batch of batches(few, 20, shuffledOrder(50, 42, 0))) {
  const names = Array.from(batch.labels.subarray(0, 3), (label) => train.classNames[label]);
  console.log(`batch at ${batch.start}: ${batch.size} images, first ${names.join(', ')}`);
}

/* Prints:
1000 images of 784 bytes, generated, seed 42
batch at 0: 20 images, first Trouser, T-shirt/top, Bag
batch at 20: 20 images, first T-shirt/top, Sneaker, Coat
batch at 40: 10 images, first Dress, Shirt, Pullover
*/
