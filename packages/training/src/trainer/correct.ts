import { types } from 'node:util';
import { isWhole, mustBe } from '../checks.ts';

/** @throws TrainingError unless these are labels and a row of values for each. */
export function checkRows(values: Float32Array, labels: Uint8Array, classes: number): void {
  mustBe('The number of classes', classes, 'a whole number from 1', isWhole(classes, 1));
  mustBe('The list of labels', labels, 'a Uint8Array', types.isUint8Array(labels));
  const length = labels.length * classes;
  const fits = types.isFloat32Array(values) && values.length === length;
  mustBe('The array of probabilities', values, `a Float32Array of ${length} values`, fits);
}

/** How many rows of `probabilities` [n, classes] have their largest value at the label; the first wins among equals. */
export function countCorrect(
  probabilities: Float32Array,
  labels: Uint8Array,
  classes: number,
): number {
  checkRows(probabilities, labels, classes);
  let correct = 0;
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[i * classes + c]! > probabilities[i * classes + best]!) best = c;
    }
    if (best === labels[i]) correct++;
  }
  return correct;
}
