/** The losses as TensorFlow's own operations. */
import { attribute as a, type Tensorflow, type TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';

export interface Loss {
  /** Logits [n, classes] to probabilities [n, classes]. */
  readonly probabilities: (logits: TensorId) => TensorId;
  /**
   * The loss of each image [n], and its gradient by the logits [n, classes].
   * @param labels int32 [n]
   */
  readonly of: (
    logits: TensorId,
    labels: TensorId,
  ) => { readonly losses: TensorId; readonly gradient: TensorId };
}

const T = a.type('float32');

/** The others are refused (`plainLoss`). */
export const LOSSES: Readonly<Record<'softmaxCrossEntropy', (tf: Tensorflow) => Loss>> = {
  softmaxCrossEntropy: (tf) => {
    const crossEntropy = tf.multiOperation(
      'SparseSoftmaxCrossEntropyWithLogits',
      { T, Tlabels: a.type('int32') },
      2,
    );
    return {
      probabilities: tf.operation('Softmax', { T }),
      of: (logits, labels) => {
        const [losses, gradient] = crossEntropy(logits, labels);
        if (losses === undefined || gradient === undefined) {
          throw new TrainingError('TensorFlow gave no loss.');
        }
        return { losses, gradient };
      },
    };
  },
};
