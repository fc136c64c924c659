/**
 * The network as a chain of nodes, each with its forward operation and its gradient. A convolution's bias and a ReLU
 * that stand before max pooling move behind it: both are monotone, so the result is the same to the bit, and they meet a
 * quarter of the elements.
 */
import { attribute as a, type TensorId } from '@fashion-bench/tensorflow';

import type {
  ActivationSpec,
  Conv2dSpec,
  DenseSpec,
  LayerSpec,
  NetworkSpec,
  WeightSpec,
} from '../network.ts';
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
      case 'batchNormalization':
        settle(batchNormalizationNode(context, layer));
        break;
    }
  }
  settle();
  return nodes;
}
