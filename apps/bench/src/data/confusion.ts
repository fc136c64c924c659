/** Which classes are taken for which. */

import type { ConfusionMatrix } from '@fashion-bench/report';

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

/** Images classified rightly: the sum of the diagonal. */
export function correctOf(confusion: ConfusionMatrix): number {
  return confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
}
