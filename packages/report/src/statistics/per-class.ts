/** What a confusion matrix says about each class. */

import type { ConfusionMatrix } from '../results.ts';

export interface ClassScores {
  /** Of the images called this class, the share that are; 0 when none is called so (scikit-learn's zero_division=0). */
  readonly precision: number;
  /** Of the class' images, the share that is found. */
  readonly recall: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
  /** Test images of the class. */
  readonly support: number;
  /** The other class that its images are most often taken for, the first of several; `null` if no image is. */
  readonly takenFor: { readonly label: number; readonly count: number } | null;
}

/** @param matrix rows are true classes, columns predicted ones */
export function perClass(matrix: ConfusionMatrix): readonly ClassScores[] {
  return matrix.map((row, label) => {
    const hits = row[label] ?? 0;
    const support = row.reduce((sum, count) => sum + count, 0);
    const called = matrix.reduce((sum, other) => sum + (other[label] ?? 0), 0);
    const precision = called === 0 ? 0 : hits / called;
    const recall = support === 0 ? 0 : hits / support;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    let takenFor: ClassScores['takenFor'] = null;
    row.forEach((count, other) => {
      if (other !== label && count > (takenFor?.count ?? 0)) takenFor = { label: other, count };
    });
    return { precision, recall, f1, support, takenFor };
  });
}

/** Element-wise sum, for several trainings together. */
export function sumOf(matrices: readonly ConfusionMatrix[]): ConfusionMatrix {
  const [first = []] = matrices;
  return first.map((row, i) =>
    row.map((_, j) => matrices.reduce((sum, matrix) => sum + (matrix[i]?.[j] ?? 0), 0)),
  );
}
