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
  type NetworkSpec,
  type ReshapeSpec,
  type WeightSpec,
} from '../network/network.ts';
import type { ElementwiseActivation } from '../network/activations.ts';
import { refusedBy } from '../network/refused.ts';
import { batchNormalizationNode } from './batch-normalization.ts';
import type { Context, Node } from './node.ts';
import { convolution } from './operations.ts';
import { choosePooling } from './pooling.ts';

const T = a.type('float32');
const ENGINE = 'tensorflow';

function convNode({ tf, ops }: Context, layer: Conv2dSpec): Node {
  const { kernel } = layer;
  // TensorFlow's gradients on the CPU know no dilations.
  if (layer.dilationRate.some((rate) => rate > 1)) refusedBy(ENGINE, 'with dilations')(null, layer);
  const attributes = convolution(layer);
  const forward = tf.operation('Conv2D', attributes);
  const byKernel = tf.operation('Conv2DBackpropFilter', attributes);
  const byInput = tf.operation('Conv2DBackpropInput', attributes);
  return {
    trains: true,
    forward: (x, pass, needsGradient) => {
      const w = pass.weight(kernel);
      return {
        output: forward(x, w),
        backward: (gradient) => {
          pass.gradient(kernel, byKernel(x, ops.shapeOf(w), gradient));
          return needsGradient ? byInput(ops.shapeOf(x), w, gradient) : undefined;
        },
      };
    },
  };
}

function denseNode({ ops }: Context, { kernel }: DenseSpec): Node {
  return {
    trains: true,
    forward: (x, pass, needsGradient) => {
      const w = pass.weight(kernel);
      return {
        output: ops.matMul(x, w),
        backward: (gradient) => {
          pass.gradient(kernel, ops.matMulTransposedA(x, gradient));
          return needsGradient ? ops.matMulTransposedB(gradient, w) : undefined;
        },
      };
    },
  };
}

function biasNode({ ops }: Context, bias: WeightSpec): Node {
  return {
    commutesWithMaximum: true,
    trains: true,
    forward: (x, pass) => ({
      output: ops.biasAdd(x, pass.weight(bias)),
      backward: (gradient) => {
        pass.gradient(bias, ops.biasAddGrad(gradient));
        return gradient;
      },
    }),
  };
}

interface ActivationOperation {
  readonly name: string;
  /** What the gradient operation takes: dy and y, dy and x, or y and dy. */
  readonly gradient: 'dy, y' | 'dy, x' | 'y, dy';
}

const ACTIVATIONS: Readonly<Partial<Record<ElementwiseActivation, ActivationOperation>>> = {
  relu: { name: 'Relu', gradient: 'dy, y' },
  sigmoid: { name: 'Sigmoid', gradient: 'y, dy' },
  tanh: { name: 'Tanh', gradient: 'y, dy' },
  selu: { name: 'Selu', gradient: 'dy, y' },
  relu6: { name: 'Relu6', gradient: 'dy, y' },
  softplus: { name: 'Softplus', gradient: 'dy, x' },
  softsign: { name: 'Softsign', gradient: 'dy, x' },
};

function activationNode({ tf }: Context, layer: ActivationSpec): Node {
  const { activation } = layer;
  const operation = ACTIVATIONS[activation];
  if (!operation) return refusedBy(ENGINE, activation)(null, layer);
  const { name, gradient: order } = operation;
  const forward = tf.operation(name, { T });
  const back = tf.operation(`${name}Grad`, { T });
  return {
    ...(activation === 'relu' && { commutesWithMaximum: true }),
    trains: false,
    forward: (x) => {
      const output = forward(x);
      const kept = order === 'dy, x' ? x : output;
      return {
        output,
        backward: (gradient) => (order === 'y, dy' ? back(kept, gradient) : back(gradient, kept)),
      };
    },
  };
}

function dropoutNode({ ops, dropoutIndex }: Context, layer: DropoutSpec): Node {
  const dropout = dropoutIndex(layer);
  return {
    trains: false,
    forward: (x, pass) => {
      const mask = pass.mask(dropout);
      const masked = (value: TensorId): TensorId =>
        mask === undefined ? value : ops.mul(value, mask);
      return { output: masked(x), backward: masked };
    },
  };
}

/** To the output's shape, [n, units] or [n, rows, columns, channels], and back. */
function reshapeNode({ ops, shape }: Context, { output }: FlattenSpec | ReshapeSpec): Node {
  const { rows, columns, channels } = output;
  const wanted = shape(rows * columns === 1 ? [-1, channels] : [-1, rows, columns, channels]);
  return {
    trains: false,
    forward: (x) => ({
      output: ops.reshape(x, wanted),
      backward: (gradient) => ops.reshape(gradient, ops.shapeOf(x)),
    }),
  };
}

const withBias = (context: Context, node: Node, { bias }: Conv2dSpec | DenseSpec): Node[] =>
  bias ? [node, biasNode(context, bias)] : [node];

const NODES: LayerTable<Context, [], readonly Node[]> = {
  conv2d: (context, layer) => withBias(context, convNode(context, layer), layer),
  depthwiseConv2d: refusedBy(ENGINE),
  maxPooling2d: ({ tf }, layer) => [{ trains: false, forward: choosePooling(tf, layer) }],
  averagePooling2d: refusedBy(ENGINE),
  zeroPadding2d: refusedBy(ENGINE),
  upSampling2d: refusedBy(ENGINE),
  rescaling: refusedBy(ENGINE),
  dropout: (context, layer) => [dropoutNode(context, layer)],
  flatten: (context, layer) => [reshapeNode(context, layer)],
  reshape: (context, layer) => [reshapeNode(context, layer)],
  dense: (context, layer) => withBias(context, denseNode(context, layer), layer),
  activation: (context, layer) => [activationNode(context, layer)],
  batchNormalization: (context, layer) =>
    layer.frozen
      ? refusedBy(ENGINE, 'frozen')(null, layer)
      : [batchNormalizationNode(context, layer)],
  layerNormalization: refusedBy(ENGINE),
  merge: refusedBy(ENGINE),
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
