/** The losses in operators that the WebGPU provider has kernels for. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';

interface Loss {
  /** Logits [n, classes] to probabilities [n, classes]. */
  probabilities(g: GraphBuilder, logits: Value): Value;
  /**
   * Of the mean loss by the logits, [n, classes].
   * @param oneHot adds the nodes of the labels, [n, classes]
   */
  gradient(g: GraphBuilder, logits: Value, oneHot: () => Value, batch: number): Value;
  /**
   * The loss of each image, [n].
   * @param largest logit of each image, [n, 1]
   */
  losses(g: GraphBuilder, logits: Value, largest: Value, oneHot: Value): Value;
}

/** The others are refused (`plainLoss`). */
export const losses: Readonly<Record<'softmaxCrossEntropy', Loss>> = {
  softmaxCrossEntropy: {
    probabilities: (g, logits) => g.op('Softmax', [logits], { axis: -1 }),
    gradient(g, logits, oneHot, batch) {
      const error = g.op('Sub', [g.op('Softmax', [logits], { axis: -1 }), oneHot()]);
      return g.op('Mul', [error, g.scalar(1 / batch)]);
    },
    /** log softmax(x) = x - max - log sum exp(x - max) */
    losses(g, logits, largest, oneHot) {
      const below = g.op('Sub', [logits, largest]);
      const logSum = g.op('Log', [g.reduceSum(g.op('Exp', [below]), [1])]); // [n]
      const ofLabel = g.reduceSum(g.op('Mul', [below, oneHot]), [1]);
      return g.op('Sub', [logSum, ofLabel]);
    },
  },
};
