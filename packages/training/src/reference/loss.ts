/** The losses in TensorFlow.js' operations. */
import { types } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type { LossOptions, LossTable, NetworkSpec } from '../network/network.ts';
import type { Labels } from '../trainer/trainer.ts';

interface Loss {
  /** What the network gives, [n, classes], of its logits [n, classes]. */
  readonly probabilities: (logits: tf.Tensor2D) => tf.Tensor;
  /** Their mean is the loss. @param targets [n, classes] */
  readonly losses: (logits: tf.Tensor2D, targets: tf.Tensor, options: LossOptions) => tf.Tensor;
  /** How many images are right, []. */
  readonly correct: (logits: tf.Tensor2D, targets: tf.Tensor) => tf.Tensor;
}

const count = (right: tf.Tensor): tf.Tensor => tf.sum(tf.mean(tf.cast(right, 'float32'), -1));

function regression(losses: Loss['losses']): Loss {
  return { probabilities: (logits) => logits, losses, correct: () => tf.scalar(0) };
}

export const LOSSES: LossTable<Loss> = {
  softmaxCrossEntropy: {
    probabilities: (logits) => tf.softmax(logits),
    losses: (logits, targets) => tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)),
    correct: (logits, targets) =>
      count(tf.equal(tf.argMax(logits, 1), tf.argMax(targets, 1)).reshape([-1, 1])),
  },
  binaryCrossEntropy: {
    probabilities: (logits) => tf.sigmoid(logits),
    // -t log sigmoid(x) - (1 - t) log sigmoid(-x), and -log sigmoid(x) = log(1 + exp(-x))
    losses: (logits, targets) =>
      tf.add(
        tf.mul(targets, tf.softplus(tf.neg(logits))),
        tf.mul(tf.sub(1, targets), tf.softplus(logits)),
      ),
    correct: (logits, targets) => count(tf.equal(tf.greater(logits, 0), tf.greater(targets, 0.5))),
  },
  meanSquaredError: regression((logits, targets) => tf.squaredDifference(logits, targets)),
  meanAbsoluteError: regression((logits, targets) => tf.abs(tf.sub(logits, targets))),
  huber: regression((logits, targets, { delta = 1 }) => {
    const size = tf.abs(tf.sub(logits, targets));
    const near = tf.minimum(size, delta);
    return tf.mul(near, tf.sub(size, tf.mul(near, 0.5)));
  }),
};

/** Classes as one-hot vectors, or the targets as they are: [n, classes]. */
export function targetsOf(labels: Labels, n: number, { classes }: NetworkSpec): tf.Tensor {
  return types.isUint8Array(labels)
    ? tf.oneHot(tf.tensor1d(Int32Array.from(labels.subarray(0, n)), 'int32'), classes)
    : tf.tensor2d(labels.slice(0, n * classes), [n, classes]);
}

/** Targets of which a part is spread evenly. */
export function smoothed(
  { loss, classes, lossOptions }: NetworkSpec,
  targets: tf.Tensor,
): tf.Tensor {
  const part = lossOptions?.labelSmoothing ?? 0;
  const even = loss === 'binaryCrossEntropy' ? 0.5 : 1 / classes;
  return part === 0 ? targets : tf.add(tf.mul(targets, 1 - part), part * even);
}
