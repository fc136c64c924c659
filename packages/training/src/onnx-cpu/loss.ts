/** The losses in plain ONNX operators. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { LossTable } from '../network/network.ts';

interface LossNodes {
  /** Mean over the batch, [] */
  readonly loss: Value;
  /** Adds the nodes of the gradient by the logits, [n, classes]. */
  readonly gradient: () => Value;
}

interface Loss {
  /** Logits [n, classes] to probabilities [n, classes]. */
  probabilities(g: GraphBuilder, logits: Value): Value;
  /** @param oneHot labels, [n, classes] */
  nodes(g: GraphBuilder, logits: Value, oneHot: Value, batch: number): LossNodes;
}

export const losses: LossTable<Loss> = {
  /** loss = -mean log p[label]; its gradient by the logits is (p - one-hot) / n. */
  softmaxCrossEntropy: {
    probabilities: (g, logits) => g.op('Softmax', [logits], { axis: -1 }),
    nodes(g, logits, oneHot, batch) {
      const logProbabilities = g.op('LogSoftmax', [logits], { axis: -1 });
      const ofLabel = g.reduceSum(g.op('Mul', [oneHot, logProbabilities]), [0, 1]);
      return {
        loss: g.op('Mul', [ofLabel, g.scalar(-1 / batch)]),
        gradient() {
          const error = g.op('Sub', [g.op('Exp', [logProbabilities]), oneHot]);
          return g.op('Mul', [error, g.scalar(1 / batch)]);
        },
      };
    },
  },
};
