/** What a node of the network is, and what a pass through it hands from one to the next. */
import type { Tensorflow, TensorId } from '@fashion-bench/tensorflow';

import type { Differentiable } from '../network/chain-rule.ts';
import type { DropoutSpec, WeightSpec } from '../network/network.ts';
import type { Operations } from './operations.ts';

/** What one pass through the network hands from node to node. */
export interface Pass {
  /** Whether it is the pass of a training step, or predicts. */
  readonly training: boolean;
  /** Images in the batch. */
  readonly size: number;
  weight(spec: WeightSpec): TensorId;
  /** The mask of the i-th dropout layer; undefined where nothing is dropped. */
  mask(dropout: number): TensorId | undefined;
  /** Takes the gradient by a weight. */
  gradient(spec: WeightSpec, value: TensorId): void;
  /** Takes the value that a weight which is not trained has after the step. */
  moved(spec: WeightSpec, value: TensorId): void;
}

export interface Node {
  /** Gives the same behind max pooling, on fewer elements: monotone, and for each channel alone. */
  readonly commutesWithMaximum?: true;
  /** Whether it has trainable weights of its own. */
  readonly trains: boolean;
  /** @param needsGradient whether a node before this one trains: else `backward` may give undefined */
  forward(x: TensorId, pass: Pass, needsGradient: boolean): Differentiable<TensorId>;
}

export interface Context {
  readonly tf: Tensorflow;
  readonly ops: Operations;
  /** int32 shape tensors that live as long as the trainer. */
  readonly shape: (dimensions: readonly number[]) => TensorId;
  /** Which of the dropout layers it is, from 0. */
  readonly dropoutIndex: (layer: DropoutSpec) => number;
}
