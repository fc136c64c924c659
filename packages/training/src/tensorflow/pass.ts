/** One pass through the network, forwards and backwards, between tensors. */
import { attribute as a, type Tensorflow, type TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import type { NetworkSpec, WeightSpec } from '../network.ts';
import type { Node, Pass } from './nodes.ts';

export interface Backward {
  /** [n, classes] */
  readonly logits: TensorId;
  /** Cross-entropy of each image, [n] */
  readonly losses: TensorId;
  /** Of the mean loss by every weight tensor, in the order of `network.weights`. */
  readonly gradients: readonly TensorId[];
}

export interface Passes {
  /** Logits; nothing is dropped where `masks` is empty. */
  forward(x: TensorId, weights: readonly TensorId[], masks: readonly TensorId[]): TensorId;
  /** @param labels int32 [n] */
  backward(
    x: TensorId,
    labels: TensorId,
    size: number,
    weights: readonly TensorId[],
    masks: readonly TensorId[],
  ): Backward;
}

export function passesOf(tf: Tensorflow, network: NetworkSpec, nodes: readonly Node[]): Passes {
  const T = a.type('float32');
  const multiply = tf.operation('Mul', { T });
  const crossEntropy = tf.multiOperation(
    'SparseSoftmaxCrossEntropyWithLogits',
    { T, Tlabels: a.type('int32') },
    2,
  );
  const firstTrained = nodes.findIndex(({ trains }) => trains);

  const passOf = (
    weights: readonly TensorId[],
    masks: readonly TensorId[],
    gradients: Map<WeightSpec, TensorId>,
  ): Pass => ({
    weight: (spec) => present(weights[network.weights.indexOf(spec)], spec),
    mask: (dropout) => masks[dropout],
    gradient: (spec, value) => gradients.set(spec, value),
  });
  const run = (x: TensorId, pass: Pass): TensorId =>
    nodes.reduce((y, node) => node.forward(y, pass), x);

  return {
    forward: (x, weights, masks) => run(x, passOf(weights, masks, new Map())),
    backward: (x, labels, size, weights, masks) => {
      const byWeight = new Map<WeightSpec, TensorId>();
      const pass = passOf(weights, masks, byWeight);
      const logits = run(x, pass);
      const [losses, byLogits] = crossEntropy(logits, labels);
      if (losses === undefined || byLogits === undefined) {
        throw new TrainingError('TensorFlow gave no loss.');
      }
      let gradient = multiply(byLogits, tf.tensor(Float32Array.of(1 / size), []));
      // Nothing before the first layer with weights has anything to learn.
      for (let i = nodes.length - 1; i >= Math.max(firstTrained, 0); i--) {
        gradient = nodes[i]?.backward(gradient, pass, i > firstTrained) ?? gradient;
      }
      const gradients = network.weights.map((spec) => present(byWeight.get(spec), spec));
      return { logits, losses, gradients };
    },
  };
}

function present(id: TensorId | undefined, { name }: WeightSpec): TensorId {
  if (id === undefined) throw new TrainingError(`There is no tensor for the weight "${name}".`);
  return id;
}
