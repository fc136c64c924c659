/**
 * The network as a chain of nodes, each with its forward operation and its gradient. A convolution's bias and a ReLU
 * that stand before max pooling move behind it: both are monotone, so the result is the same to the bit, and they meet a
 * quarter of the elements.
 */
import { attribute as a, type Tensorflow, type TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import type {
  ActivationSpec,
  Conv2dSpec,
  DenseSpec,
  LayerSpec,
  NetworkSpec,
  WeightSpec,
} from '../network.ts';
import { convolution, type Operations } from './operations.ts';
import { choosePooling, type Pooled } from './pooling.ts';

/** What one pass through the network hands from node to node. */
export interface Pass {
  weight(spec: WeightSpec): TensorId;
  /** The mask of the i-th dropout layer; undefined where nothing is dropped. */
  mask(dropout: number): TensorId | undefined;
  /** Takes the gradient by a weight. */
  gradient(spec: WeightSpec, value: TensorId): void;
}

export interface Node {
  /** Whether it has weights of its own. */
  readonly trains: boolean;
  /** Keeps what its gradient will need, until the pass is over. */
  forward(x: TensorId, pass: Pass): TensorId;
  /** Hands gradients by weights to the pass. @returns the gradient by x; x's own stand-in where `wanted` is false. */
  backward(gradient: TensorId, pass: Pass, wanted: boolean): TensorId;
}

export interface Context {
  readonly tf: Tensorflow;
  readonly ops: Operations;
  /** int32 shape tensors that live as long as the trainer. */
  readonly shape: (dimensions: readonly number[]) => TensorId;
}

const T = a.type('float32');

/** A value that a node keeps from its forward operation for its gradient. */
class Kept<V> {
  #value: V | undefined;

  keep(value: V): V {
    this.#value = value;
    return value;
  }

  get value(): V {
    if (this.#value === undefined)
      throw new TrainingError('A gradient was asked for before its forward pass.');
    return this.#value;
  }
}

function convNode({ tf, ops }: Context, { padding, kernel }: Conv2dSpec): Node {
  const attributes = convolution(padding);
  const forward = tf.operation('Conv2D', attributes);
  const byKernel = tf.operation('Conv2DBackpropFilter', attributes);
  const byInput = tf.operation('Conv2DBackpropInput', attributes);
  const input = new Kept<TensorId>();
  return {
    trains: true,
    forward: (x, pass) => forward(input.keep(x), pass.weight(kernel)),
    backward: (gradient, pass, wanted) => {
      const w = pass.weight(kernel);
      pass.gradient(kernel, byKernel(input.value, ops.shapeOf(w), gradient));
      return wanted ? byInput(ops.shapeOf(input.value), w, gradient) : gradient;
    },
  };
}

function denseNode({ ops }: Context, { kernel }: DenseSpec): Node {
  const input = new Kept<TensorId>();
  return {
    trains: true,
    forward: (x, pass) => ops.matMul(input.keep(x), pass.weight(kernel)),
    backward: (gradient, pass, wanted) => {
      pass.gradient(kernel, ops.matMulTransposedA(input.value, gradient));
      return wanted ? ops.matMulTransposedB(gradient, pass.weight(kernel)) : gradient;
    },
  };
}

function biasNode({ ops }: Context, bias: WeightSpec): Node {
  return {
    trains: true,
    forward: (x, pass) => ops.biasAdd(x, pass.weight(bias)),
    backward: (gradient, pass) => {
      pass.gradient(bias, ops.biasAddGrad(gradient));
      return gradient;
    },
  };
}

/** Each gradient operation takes the output: ReluGrad(dy, y), SigmoidGrad(y, dy), TanhGrad(y, dy). */
function activationNode({ tf }: Context, { activation }: ActivationSpec): Node {
  const name = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' }[activation];
  const forward = tf.operation(name, { T });
  const back = tf.operation(`${name}Grad`, { T });
  const output = new Kept<TensorId>();
  return {
    trains: false,
    forward: (x) => output.keep(forward(x)),
    backward: (gradient) =>
      activation === 'relu' ? back(gradient, output.value) : back(output.value, gradient),
  };
}

function poolingNode({ tf }: Context, layer: Extract<LayerSpec, { kind: 'maxPooling2d' }>): Node {
  const pooling = choosePooling(tf, layer);
  const input = new Kept<TensorId>();
  const pooled = new Kept<Pooled>();
  return {
    trains: false,
    forward: (x) => pooled.keep(pooling.forward(input.keep(x))).output,
    backward: (gradient) => pooling.backward(input.value, pooled.value, gradient),
  };
}

function dropoutNode({ ops }: Context, dropout: number): Node {
  return {
    trains: false,
    forward: (x, pass) => {
      const mask = pass.mask(dropout);
      return mask === undefined ? x : ops.mul(x, mask);
    },
    backward: (gradient, pass) => {
      const mask = pass.mask(dropout);
      return mask === undefined ? gradient : ops.mul(gradient, mask);
    },
  };
}

/** From images [n, rows, columns, channels] to rows [n, units], and back. */
function flattenNode({ ops, shape }: Context, { output }: LayerSpec): Node {
  const flat = shape([-1, output.channels]);
  const input = new Kept<TensorId>();
  return {
    trains: false,
    forward: (x) => ops.reshape(input.keep(x), flat),
    backward: (gradient) => ops.reshape(gradient, ops.shapeOf(input.value)),
  };
}

/** The nodes of a network, up to its logits. */
export function nodesOf(context: Context, network: NetworkSpec): readonly Node[] {
  const nodes: Node[] = [];
  let dropouts = 0;
  /** What waits for a pooling layer to go first. */
  let waiting: Node[] = [];
  const settle = (...next: Node[]): void => {
    nodes.push(...waiting, ...next);
    waiting = [];
  };
  for (const layer of network.layers) {
    switch (layer.kind) {
      case 'conv2d':
        settle(convNode(context, layer));
        if (layer.bias) waiting.push(biasNode(context, layer.bias));
        break;
      case 'dense':
        settle(denseNode(context, layer));
        if (layer.bias) settle(biasNode(context, layer.bias));
        break;
      case 'activation':
        if (layer.activation === 'relu') waiting.push(activationNode(context, layer));
        else settle(activationNode(context, layer));
        break;
      case 'maxPooling2d':
        nodes.push(poolingNode(context, layer));
        break;
      case 'dropout':
        settle(dropoutNode(context, dropouts++));
        break;
      case 'flatten':
        settle(flattenNode(context, layer));
        break;
    }
  }
  settle();
  return nodes;
}
