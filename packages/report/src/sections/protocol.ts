/** How our figures were obtained, as bullets: what a reader has to know before believing them. */

import { formatList } from '../format.ts';
import type { RunRecord } from '../record.ts';

export function protocolNotes(records: readonly RunRecord[]): readonly string[] {
  const knn = records.flatMap((record) => record.knn);
  const cnn = records.flatMap((record) => record.cnn);
  const notes: string[] = [];
  if (knn.length + cnn.length > 0) {
    notes.push(
      "**All accuracies** are fractions of the test images, each from one search or one training. The interval is Wilson's 95 % interval: it covers the chance in the choice of the test images, not the spread between seeds.",
    );
  }
  if (knn.length > 0) {
    const pixels = new Set(
      knn.map(({ standardised }) =>
        standardised ? 'standardised pixels' : 'raw pixels, 0 to 255',
      ),
    );
    notes.push(
      `**Ours, k-NN:** ${formatList([...pixels])}. The neighbours are exact: rows are left out only where a proven lower bound of their distance rules them out (kernel \`pruned\`). The time is that of neighbours and votes for all test images, without loading and fitting.`,
    );
  }
  if (cnn.length > 0) {
    const batches = new Set(cnn.map(({ batchSize }) => String(batchSize)));
    notes.push(
      `**Ours, CNN:** the test accuracy after the last epoch, at batch ${formatList([...batches])}. The test images choose nothing: no best epoch, no early stop, no setting; there is no validation split. They are evaluated after each epoch for the eye only, and that time is not part of the training time.`,
    );
  }
  return notes;
}
