/**
 * The network as a chain of nodes, each with its forward operation and its gradient. A convolution's bias and a ReLU
 * that stand before max pooling move behind it: both are monotone, so the result is the same to the bit, and they meet a
 * quarter of the elements.
 */
import { attribute as a, type TensorId } from '@fashion-bench/tensorflow';

import {
  byKind,
  type ActivationSpec,
  type Conv2dSpec,
  type DenseSpec,
  type DropoutSpec,
  type FlattenSpec,
  type LayerTable,
  type MaxPooling2dSpec,
  type NetworkSpec,
  type WeightSpec,
} from '../network/network.ts';
import { batchNormalizationNode } from './batch-normalization.ts';
import { type Context, Kept, type Node } from './node.ts';
import { convolution } from './operations.ts';
import { choosePooling, type Pooled } from './pooling.ts';

const T = a.type('float32');

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
    commutesWithMaximum: true,
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
    ...(activation === 'relu' && { commutesWithMaximum: true }),
    trains: false,
    forward: (x) => output.keep(forward(x)),
    backward: (gradient) =>
      activation === 'relu' ? back(gradient, output.value) : back(output.value, gradient),
  };
}

function poolingNode({ tf }: Context, layer: MaxPooling2dSpec): Node {
  const pooling = choosePooling(tf, layer);
  const input = new Kept<TensorId>();
  const pooled = new Kept<Pooled>();
  return {
    trains: false,
    forward: (x) => pooled.keep(pooling.forward(input.keep(x))).output,
    backward: (gradient) => pooling.backward(input.value, pooled.value, gradient),
  };
}

function dropoutNode({ ops, dropoutIndex }: Context, layer: DropoutSpec): Node {
  const dropout = dropoutIndex(layer);
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
function flattenNode({ ops, shape }: Context, { output }: FlattenSpec): Node {
  const flat = shape([-1, output.channels]);
  const input = new Kept<TensorId>();
  return {
    trains: false,
    forward: (x) => ops.reshape(input.keep(x), flat),
    backward: (gradient) => ops.reshape(gradient, ops.shapeOf(input.value)),
  };
}

const withBias = (context: Context, node: Node, { bias }: Conv2dSpec | DenseSpec): Node[] =>
  bias ? [node, biasNode(context, bias)] : [node];

const NODES: LayerTable<Context, [], readonly Node[]> = {
  conv2d: (context, layer) => withBias(context, convNode(context, layer), layer),
  maxPooling2d: (context, layer) => [poolingNode(context, layer)],
  dropout: (context, layer) => [dropoutNode(context, layer)],
  flatten: (context, layer) => [flattenNode(context, layer)],
  dense: (context, layer) => withBias(context, denseNode(context, layer), layer),
  activation: (context, layer) => [activationNode(context, layer)],
  batchNormalization: (context, layer) => [batchNormalizationNode(context, layer)],
};

/** The nodes of a network, up to its logits. */
export function nodesOf(context: Context, network: NetworkSpec): readonly Node[] {
  const nodes: Node[] = [];
  for (const layer of network.layers) {
    const added = byKind(NODES, context, layer);
    const last = nodes.findLastIndex(({ commutesWithMaximum }) => commutesWithMaximum !== true);
    nodes.splice(layer.kind === 'maxPooling2d' ? last + 1 : nodes.length, 0, ...added);
  }
  return nodes;
}
