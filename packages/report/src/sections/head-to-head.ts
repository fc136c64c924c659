/** k-NN against the network on the same images: McNemar's test, training by training. */

import { decodeClasses } from '../encoding.ts';
import { formatCount, formatP } from '../format.ts';
import { blocks, code, table } from '../markdown.ts';
import type { KnnPredictions, RunPredictions } from '../predictions.ts';
import { mcnemar } from '../statistics/tests.ts';

/** Empty unless both were predicted. */
export function headToHead({ labels, knn, cnn }: RunPredictions): string {
  const chosen = studyKnnPredictions(knn);
  const [first] = cnn;
  if (chosen === undefined || first === undefined) return '';
  const truth = decodeClasses(labels);
  const knnPredicted = decodeClasses(chosen.predicted);
  const results = cnn.map(({ seed, batchSize, engine, predicted }) => ({
    ...{ seed, batchSize, engine },
    ...mcnemar(truth, knnPredicted, decodeClasses(predicted)),
  }));
  return blocks(
    table(
      [
        { title: 'CNN' },
        { title: 'Both right', align: 'right' },
        { title: 'Only k-NN right', align: 'right' },
        { title: 'Only the CNN right', align: 'right' },
        { title: 'Both wrong', align: 'right' },
        { title: 'p (McNemar, exact)', align: 'right' },
      ],
      results.map(({ seed, batchSize, engine, both, onlyFirst, onlySecond, neither, p }) => [
        `seed ${seed}, batch ${batchSize}, ${code(engine)}`,
        ...[both, onlyFirst, onlySecond, neither].map(formatCount),
        formatP(p),
      ]),
    ),
    `k-NN here is k = ${chosen.k}, ${chosen.weights} weights; n = ${formatCount(truth.length)} test images. The test looks only at images where the two differ, and asks how likely a split as uneven would be if both were equally good: ${results.every(({ p }) => p < 0.05) ? 'the difference is more than chance' : 'not every difference is more than chance'} at the 5 % level. It speaks of these trained networks on these images, not of other seeds.`,
  );
}

function studyKnnPredictions(knn: readonly KnnPredictions[]): KnnPredictions | undefined {
  const raw = knn.filter(({ standardised }) => !standardised);
  return raw.find(({ weights }) => weights === 'distance') ?? raw.at(-1);
}
