/** The losses in plain ONNX operators. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { LossOptions, LossTable, NetworkSpec } from '../network/network.ts';

interface LossNodes {
  /** Mean over the batch, and over an image's targets, [] */
  readonly loss: Value;
  /** Adds the nodes of the gradient by the logits, [n, classes]. */
  readonly gradient: () => Value;
}

interface Loss {
  /** What the network gives, [n, classes], of its logits [n, classes]. */
  probabilities(g: GraphBuilder, logits: Value): Value;
  /**
   * @param targets [n, classes]: one-hot labels, say
   * @param count images, and targets of them all
   */
  nodes(
    g: GraphBuilder,
    logits: Value,
    targets: Value,
    count: { readonly images: number; readonly targets: number },
    options: LossOptions,
  ): LossNodes;
  /** How many of the images are right, as far as one can say so of one, []. */
  correct(g: GraphBuilder, logits: Value, targets: Value): Value;
}

const times = (g: GraphBuilder, x: Value, factor: number): Value =>
  g.op('Mul', [x, g.scalar(factor)]);
const sum = (g: GraphBuilder, x: Value): Value => g.reduceSum(x, [0, 1]);

/** A loss of the differences between what the network gives and what it should. */
function regression(
  of: (
    g: GraphBuilder,
    difference: Value,
    options: LossOptions,
  ) => { readonly losses: Value; readonly slope: () => Value },
): Loss {
  return {
    probabilities: (_, logits) => logits,
    nodes(g, logits, targets, count, options) {
      const { losses, slope } = of(g, g.op('Sub', [logits, targets]), options);
      return {
        loss: times(g, sum(g, losses), 1 / count.targets),
        gradient: () => times(g, slope(), 1 / count.targets),
      };
    },
    // There is no right or wrong.
    correct: (g, logits) => times(g, sum(g, logits), 0),
  };
}

export const losses: LossTable<Loss> = {
  /** loss = -mean log p[label]; its gradient by the logits is (p - one-hot) / n. */
  softmaxCrossEntropy: {
    probabilities: (g, logits) => g.op('Softmax', [logits], { axis: -1 }),
    nodes(g, logits, oneHot, { images }) {
      const logProbabilities = g.op('LogSoftmax', [logits], { axis: -1 });
      const ofLabel = g.reduceSum(g.op('Mul', [oneHot, logProbabilities]), [0, 1]);
      return {
        loss: g.op('Mul', [ofLabel, g.scalar(-1 / images)]),
        gradient() {
          const error = g.op('Sub', [g.op('Exp', [logProbabilities]), oneHot]);
          return g.op('Mul', [error, g.scalar(1 / images)]);
        },
      };
    },
    correct(g, logits, targets) {
      const [given, wanted] = [logits, targets].map((x) =>
        g.op('ArgMax', [x], { axis: 1, keepdims: 0 }),
      );
      const same = g.cast(g.op('Equal', [given, wanted]), 'float32');
      return g.reduceSum(same, [0]);
    },
  },
  /** -t log s - (1 - t) log(1 - s) with s = sigmoid(x) is max(x, 0) - x t + log(1 + exp(-|x|)); its slope is s - t. */
  binaryCrossEntropy: {
    probabilities: (g, logits) => g.op('Sigmoid', [logits]),
    nodes(g, logits, targets, count) {
      const away = g.op('Softplus', [g.op('Neg', [g.op('Abs', [logits])])]);
      const above = g.op('Sub', [g.op('Relu', [logits]), g.op('Mul', [logits, targets])]);
      return {
        loss: times(g, sum(g, g.op('Add', [above, away])), 1 / count.targets),
        gradient() {
          const error = g.op('Sub', [g.op('Sigmoid', [logits]), targets]);
          return times(g, error, 1 / count.targets);
        },
      };
    },
    correct(g, logits, targets) {
      const given = g.op('Greater', [logits, g.scalar(0)]);
      const wanted = g.op('Greater', [targets, g.scalar(0.5)]);
      const same = g.cast(g.op('Equal', [given, wanted]), 'float32');
      return g.reduceSum(g.op('ReduceMean', [same, g.ints([1])], { keepdims: 0 }), [0]);
    },
  },
  meanSquaredError: regression((g, d) => ({
    losses: g.op('Mul', [d, d]),
    slope: () => times(g, d, 2),
  })),
  meanAbsoluteError: regression((g, d) => ({
    losses: g.op('Abs', [d]),
    slope: () => g.op('Sign', [d]),
  })),
  /** c (|d| - c / 2) with c = min(|d|, delta) (Huber 1964, equation 3.4 as Keras has it); its slope is d within [-delta, delta]. */
  huber: regression((g, d, { delta = 1 }) => {
    const size = g.op('Abs', [d]);
    const near = g.op('Min', [size, g.scalar(delta)]);
    return {
      losses: g.op('Mul', [near, g.op('Sub', [size, times(g, near, 0.5)])]),
      slope: () => g.op('Clip', [d, g.scalar(-delta), g.scalar(delta)]),
    };
  }),
};

/** Targets of which a part is spread evenly, [n, classes]. */
export function smoothed(g: GraphBuilder, network: NetworkSpec, targets: Value): Value {
  const { labelSmoothing: part = 0 } = network.lossOptions ?? {};
  if (part === 0) return targets;
  const even = network.loss === 'binaryCrossEntropy' ? 1 / 2 : 1 / network.classes;
  return g.op('Add', [times(g, targets, 1 - part), g.scalar(part * even)]);
}
