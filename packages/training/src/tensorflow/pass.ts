/** One pass through the network, forwards and backwards, between tensors. */
import { attribute as a, type Tensorflow, type TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';
import type { Node, Pass } from './node.ts';

export interface Backward {
  /** [n, classes] */
  readonly logits: TensorId;
  /** Cross-entropy of each image, [n] */
  readonly losses: TensorId;
  /** Of the mean loss by every trainable weight tensor. */
  readonly gradients: ReadonlyMap<WeightSpec, TensorId>;
  /** Moving statistics after the step. */
  readonly moved: ReadonlyMap<WeightSpec, TensorId>;
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

/** What a training step collects on its way. */
interface Step {
  readonly size: number;
  readonly gradients: Map<WeightSpec, TensorId>;
  readonly moved: Map<WeightSpec, TensorId>;
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

  const passOf = (weights: readonly TensorId[], masks: readonly TensorId[], step?: Step): Pass => ({
    training: step !== undefined,
    size: step?.size ?? 0,
    weight: (spec) => present(weights[network.weights.indexOf(spec)], spec),
    mask: (dropout) => masks[dropout],
    gradient: (spec, value) => {
      if (spec.trainable !== false) step?.gradients.set(spec, value);
    },
    moved: (spec, value) => step?.moved.set(spec, value),
  });
  const run = (x: TensorId, pass: Pass): TensorId =>
    nodes.reduce((y, node) => node.forward(y, pass), x);

  return {
    forward: (x, weights, masks) => run(x, passOf(weights, masks)),
    backward: (x, labels, size, weights, masks) => {
      const step: Step = { size, gradients: new Map(), moved: new Map() };
      const pass = passOf(weights, masks, step);
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
      for (const spec of network.weights) {
        if (spec.trainable !== false) present(step.gradients.get(spec), spec);
      }
      return { logits, losses, gradients: step.gradients, moved: step.moved };
    },
  };
}

function present(id: TensorId | undefined, { name }: WeightSpec): TensorId {
  if (id === undefined) throw new TrainingError(`There is no tensor for the weight "${name}".`);
  return id;
}
