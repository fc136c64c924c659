/** Whether a classifier is right as often as it says. */

import { type Interval, wilsonInterval } from './proportions.ts';

export interface ReliabilityBin {
  /** Confidence in (low, high]. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
  /** Wilson's 95 % interval of the accuracy. */
  readonly interval: Interval;
}

export interface Calibration {
  /** Bins with images in them. */
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error: the mean of |accuracy - confidence| over bins, weighed by their images. */
  readonly ece: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
}

const BINS = 10;

/**
 * Reliability in ten bins of equal width, by the probability of the predicted class.
 *
 * Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017.
 *
 * @param probabilities [n, classes], row by row
 * @param predicted [n]
 * @param labels [n], not empty
 */
export function calibration(
  probabilities: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
): Calibration {
  const n = labels.length;
  const classes = probabilities.length / n;
  const sums = Array.from({ length: BINS }, () => ({ n: 0, confidence: 0, correct: 0 }));
  for (let i = 0; i < n; i++) {
    const confidence = probabilities[i * classes + predicted[i]!]!;
    const bin = sums[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    if (bin === undefined) continue;
    bin.n += 1;
    bin.confidence += confidence;
    bin.correct += predicted[i] === labels[i] ? 1 : 0;
  }
  const total = (name: 'confidence' | 'correct'): number =>
    sums.reduce((sum, bin) => sum + bin[name], 0);
  return {
    bins: sums.flatMap((bin, i) =>
      bin.n === 0
        ? []
        : {
            low: i / BINS,
            high: (i + 1) / BINS,
            n: bin.n,
            meanConfidence: bin.confidence / bin.n,
            accuracy: bin.correct / bin.n,
            interval: wilsonInterval(bin.correct, bin.n),
          },
    ),
    ece: sums.reduce((sum, bin) => sum + Math.abs(bin.correct - bin.confidence), 0) / n,
    meanConfidence: total('confidence') / n,
    accuracy: total('correct') / n,
  };
}
