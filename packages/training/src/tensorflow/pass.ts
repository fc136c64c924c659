/** One pass through the network, forwards and backwards, between tensors. */
import type { TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import { backpropagate, type Step } from '../network/chain-rule.ts';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';
import { plainLoss } from '../network/refused.ts';
import { nodesOf } from './layers.ts';
import { LOSSES, type Loss } from './loss.ts';
import type { Context, Node, Pass } from './node.ts';

export interface Backward {
  /** [n, classes] */
  readonly logits: TensorId;
  /** The loss of each image, [n] */
  readonly losses: TensorId;
  /** Of the mean loss by every trainable weight tensor. */
  readonly gradients: ReadonlyMap<WeightSpec, TensorId>;
  /** Moving statistics after the step. */
  readonly moved: ReadonlyMap<WeightSpec, TensorId>;
}

/** The network of a trainer, ready for passes. `weights` are tensors in the order of `network.weights`. */
export class Passes {
  readonly #context: Context;
  readonly #network: NetworkSpec;
  readonly #nodes: readonly Node[];
  readonly #loss: Loss;

  constructor(context: Context, network: NetworkSpec) {
    this.#context = context;
    this.#network = network;
    this.#nodes = nodesOf(context, network);
    this.#loss = LOSSES[plainLoss('tensorflow', network)](context.tf);
  }

  /** [n, classes]; nothing is dropped. */
  probabilities(x: TensorId, weights: readonly TensorId[]): TensorId {
    const { logits } = this.#run(x, {
      ...{ training: false, size: 0 },
      weight: this.#weightOf(weights),
      mask: ignore,
      gradient: ignore,
      moved: ignore,
    });
    return this.#loss.probabilities(logits);
  }

  /** @param labels int32 [n]. @param masks of the dropout layers, in order */
  backward(
    x: TensorId,
    labels: TensorId,
    size: number,
    weights: readonly TensorId[],
    masks: readonly TensorId[],
  ): Backward {
    const { tf, ops } = this.#context;
    const gradients = new Map<WeightSpec, TensorId>();
    const moved = new Map<WeightSpec, TensorId>();
    const { logits, trained } = this.#run(x, {
      ...{ training: true, size },
      weight: this.#weightOf(weights),
      mask: (dropout) => masks[dropout],
      gradient: (spec, value) => {
        if (spec.trainable !== false) gradients.set(spec, value);
      },
      moved: (spec, value) => moved.set(spec, value),
    });
    const { losses, gradient } = this.#loss.of(logits, labels);
    const scale = tf.tensor(Float32Array.of(1 / size), []);
    // Nodes are a chain: no value has gradients from two.
    backpropagate(trained, ops.mul(gradient, scale), (_, last) => last);
    for (const spec of this.#network.weights) {
      if (spec.trainable !== false) present(gradients.get(spec), spec);
    }
    return { logits, losses, gradients, moved };
  }

  /** The logits, and the nodes whose gradients are wanted: nothing before the first that trains has anything to learn. */
  #run(x: TensorId, pass: Pass): { logits: TensorId; trained: Step<TensorId>[] } {
    const trained: Step<TensorId>[] = [];
    let logits = x;
    for (const [i, node] of this.#nodes.entries()) {
      const needsGradient = trained.length > 0;
      const differentiable = node.forward(logits, pass, needsGradient);
      if (needsGradient || node.trains) trained.push({ ...differentiable, from: [i], to: i + 1 });
      logits = differentiable.output;
    }
    return { logits, trained };
  }

  #weightOf(weights: readonly TensorId[]): Pass['weight'] {
    return (spec) => present(weights[this.#network.weights.indexOf(spec)], spec);
  }
}

function ignore(): undefined {
  // A prediction drops nothing and has no gradients.
}

function present(id: TensorId | undefined, { name }: WeightSpec): TensorId {
  if (id === undefined) throw new TrainingError(`There is no tensor for the weight "${name}".`);
  return id;
}
