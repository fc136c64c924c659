/** Which classes are taken for which. */

import type { LabelledImages } from '@fashion-bench/dataset';
import type { ConfusionMatrix, KnnResult } from '@fashion-bench/report';

/** Rows are true classes, columns predicted ones, [classes][classes]. */
export function confusionOf(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const row = matrix[labels[i]!];
    const column = predicted[i]!;
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  }
  return matrix;
}

/** How a classifier did on the test images: what a record of k-NN says about it. */
export function scoreOf(
  { labels, classNames }: Pick<LabelledImages, 'labels' | 'classNames'>,
  predicted: ArrayLike<number>,
): Pick<KnnResult, 'correct' | 'total' | 'accuracy'> & { readonly confusion: ConfusionMatrix } {
  const confusion = confusionOf(labels, predicted, classNames.length);
  const correct = correctOf(confusion);
  const total = labels.length;
  return { correct, total, accuracy: correct / total, confusion };
}

/** Images classified rightly: the sum of the diagonal. */
export function correctOf(confusion: ConfusionMatrix): number {
  return confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
}
