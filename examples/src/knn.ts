// k nearest neighbours in scikit-learn's vocabulary: exact, and the same in every run.
// Run it: pnpm --dir examples exec tsx src/knn.ts
import { IMAGE_SIZE, syntheticFashion } from '@fashion-bench/dataset';
import { KNeighborsClassifier, matrix } from '@fashion-bench/knn';

const { train, test } = syntheticFashion({ seed: 42, train: 2000, test: 200 });

const classifier = new KNeighborsClassifier({ nNeighbors: 5, weights: 'distance' });
await classifier.fit(matrix(train.images, train.labels.length, IMAGE_SIZE), train.labels);

const queries = matrix(test.images, test.labels.length, IMAGE_SIZE);
console.log(`accuracy: ${(await classifier.score(queries, test.labels)).toFixed(3)}`);

// Who voted on the first test image, and how far away they are.
const first = matrix(test.images.subarray(0, IMAGE_SIZE), 1, IMAGE_SIZE);
const { indices, distances } = await classifier.kneighbors(first);
indices.forEach((row, i) => {
  const name = train.classNames[train.labels[row]!] ?? '';
  console.log(`training image ${row}, ${name}, at distance ${distances[i]!.toFixed(1)}`);
});

// Threads and native memory are given back.
await classifier.dispose();

/* Prints:
accuracy: 0.800
training image 1592, Trouser, at distance 978.3
training image 271, Trouser, at distance 1132.2
training image 1331, Trouser, at distance 1139.3
training image 682, Trouser, at distance 1152.3
training image 1011, Trouser, at distance 1201.7
*/
