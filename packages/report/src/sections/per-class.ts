/** Class by class: precision, recall, F1, support and the most frequent confusion, of k-NN and of the network. */

import { studyKnn } from '../figures/figures.ts';
import { searchWords, trainingWords } from '../figures/words.ts';
import { formatCount, NOTHING } from '../format.ts';
import { blocks, escapeText, table } from '../markdown.ts';
import type { RunRecord } from '../record.ts';
import { type ClassScores, perClass, sumOf } from '../statistics/per-class.ts';
import { knnName } from '../names.ts';

/** Empty without a confusion matrix. */
export function perClassTables(record: RunRecord): string {
  const knn = studyKnn(record);
  const names = record.data.classNames;
  const trainings = record.cnn.filter(({ confusion }) => confusion !== null);
  const matrices = trainings.flatMap(({ confusion }) => (confusion === null ? [] : [confusion]));
  return blocks(
    knn?.confusion
      ? blocks(
          `**${escapeText(knnName(knn))}**, ${searchWords(knn)}, n = ${formatCount(knn.total)} test images:`,
          classTable(perClass(knn.confusion), names),
        )
      : '',
    matrices.length === 0
      ? ''
      : blocks(
          `**CNN**, ${matrices.length === 1 ? 'one training' : `${matrices.length} trainings together (their matrices added up)`}, ${trainingWords(trainings)}, n = ${formatCount(trainings[0]?.total ?? 0)} test images:`,
          classTable(perClass(sumOf(matrices)), names),
        ),
  );
}

function classTable(scores: readonly ClassScores[], names: readonly string[]): string {
  const three = (value: number): string => value.toFixed(3);
  const mean = (pick: (score: ClassScores) => number): string =>
    three(scores.reduce((sum, score) => sum + pick(score), 0) / scores.length);
  return table(
    [
      { title: 'Class' },
      { title: 'Precision', align: 'right' },
      { title: 'Recall', align: 'right' },
      { title: 'F1', align: 'right' },
      { title: 'Support', align: 'right' },
      { title: 'Most often taken for' },
    ],
    [
      ...scores.map(({ precision, recall, f1, support, takenFor }, label) => [
        escapeText(names[label] ?? String(label)),
        three(precision),
        three(recall),
        three(f1),
        formatCount(support),
        takenFor === null
          ? NOTHING
          : `${escapeText(names[takenFor.label] ?? '')} (${formatCount(takenFor.count)})`,
      ]),
      [
        '_mean over classes_',
        mean(({ precision }) => precision),
        mean(({ recall }) => recall),
        mean(({ f1 }) => f1),
        formatCount(scores.reduce((sum, { support }) => sum + support, 0)),
        NOTHING,
      ],
    ],
  );
}
