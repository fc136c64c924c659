/** Loss and right answers from what a network gives, number by number, for images that are not trained on. */
import { types } from 'node:util';
import type { LossOptions, LossTable, NetworkSpec } from '../network/network.ts';
import { countCorrect } from '../trainer/correct.ts';
import type { Labels } from '../trainer/trainer.ts';
import { EPSILON, meanCrossEntropy } from './cross-entropy.ts';

interface Loss {
  /** Of one number p of the network, of which t was wanted. */
  readonly of: (p: number, t: number, options: LossOptions) => number;
  /** Whether the losses of an image's numbers are added up; else their mean is taken. */
  readonly summed?: true;
  /** Where half a target lies that says neither yes nor no: undefined in a regression. */
  readonly threshold?: number;
}

const log = (p: number): number => Math.log(Math.min(Math.max(p, EPSILON), 1 - EPSILON));

const LOSSES: LossTable<Loss> = {
  softmaxCrossEntropy: { of: (p, t) => -t * log(p), summed: true },
  binaryCrossEntropy: { of: (p, t) => -t * log(p) - (1 - t) * log(1 - p), threshold: 0.5 },
  meanSquaredError: { of: (p, t) => (p - t) ** 2 },
  meanAbsoluteError: { of: (p, t) => Math.abs(p - t) },
  huber: {
    of: (p, t, { delta = 1 }) => {
      const size = Math.abs(p - t);
      return size <= delta ? size ** 2 / 2 : delta * size - delta ** 2 / 2;
    },
  },
};

/**
 * The mean loss of a network's answers.
 * @param given row-major [n, classes]
 */
export function meanLoss(given: Float32Array, labels: Labels, network: NetworkSpec): number {
  const { loss, classes, lossOptions = {} } = network;
  const { labelSmoothing: part = 0 } = lossOptions;
  if (types.isUint8Array(labels) && part === 0) return meanCrossEntropy(given, labels, classes);
  const { of, summed } = LOSSES[loss];
  const even = loss === 'binaryCrossEntropy' ? 1 / 2 : 1 / classes;
  let sum = 0;
  for (let i = 0; i < given.length; i++) {
    const target = targetAt(labels, i, classes) * (1 - part) + part * even;
    sum += of(given[i]!, target, lossOptions);
  }
  return sum / (summed ? given.length / classes : given.length);
}

function targetAt(labels: Labels, i: number, classes: number): number {
  if (types.isFloat32Array(labels)) return labels[i]!;
  return labels[Math.floor(i / classes)] === i % classes ? 1 : 0;
}

/** How many answers are right, as `StepResult.correct` counts them. */
export function correctOf(given: Float32Array, labels: Labels, network: NetworkSpec): number {
  const { loss, classes } = network;
  if (types.isUint8Array(labels)) return countCorrect(given, labels, classes);
  const { threshold } = LOSSES[loss];
  if (threshold !== undefined) {
    const same = given.filter((p, i) => p > threshold === labels[i]! > threshold);
    return same.length / classes;
  }
  return loss === 'softmaxCrossEntropy'
    ? countCorrect(given, largest(labels, classes), classes)
    : 0;
}

/** Of each row the place of its largest number. */
function largest(rows: Float32Array, classes: number): Uint8Array {
  return Uint8Array.from({ length: rows.length / classes }, (_, i) => {
    const row = rows.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}
