/** How well a model classifies a set of labelled images. */
import { meanCrossEntropy, type LabelledSet } from '@fashion-bench/training';
import type * as tf from '@tensorflow/tfjs';
import { checkOptions, checkSet } from './checks.ts';
import {
  argMax,
  PREDICT_OPTIONS,
  predictorOf,
  probabilitiesOf,
  type PredictOptions,
} from './predict.ts';

export interface Evaluation {
  readonly correct: number;
  readonly total: number;
  /** correct / total */
  readonly accuracy: number;
  /** Mean cross-entropy in nats, -log of the true class' probability clipped to [1e-7, 1 - 1e-7], as Keras clips it. */
  readonly loss: number;
  /** Row-major [classes, classes]: row = true class, column = predicted class. */
  readonly confusion: Uint32Array;
}

/**
 * Evaluates without dropout, in the calling thread.
 *
 * @param set images [n, rows, columns, channels] (uint8 0..255, which the engine divides by 255, or float32, used as
 * they are) and labels [n].
 * @throws CnnError 'images' or 'labels' for a set that is empty or does not fit the model, 'classes' for more than 256
 * classes, 'not-finite' where the model gives NaN; 'options' for options that are none or do not exist; TrainingError for weights that are NaN or
 * infinite; ModelFileError 'unsupported' for layers that
 * \@fashion-bench/model-files does not know.
 */
export async function evaluate(
  model: tf.LayersModel,
  set: LabelledSet,
  options: PredictOptions,
): Promise<Evaluation> {
  const predictor = predictorOf(model);
  checkSet(predictor, set);
  checkOptions(options, PREDICT_OPTIONS);
  const { classes } = predictor;
  const { images, labels } = set;
  const total = labels.length;
  const probabilities = await probabilitiesOf(predictor, images, total, options);
  const predicted = argMax(probabilities, classes);
  const confusion = new Uint32Array(classes * classes);
  let correct = 0;
  for (let i = 0; i < total; i++) {
    const label = labels[i]!;
    const guess = predicted[i]!;
    const cell = label * classes + guess;
    confusion[cell] = confusion[cell]! + 1;
    if (guess === label) correct++;
  }
  const loss = meanCrossEntropy(probabilities, labels, classes);
  return { correct, total, accuracy: correct / total, loss, confusion };
}
