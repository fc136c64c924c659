/** A network's forward pass, loss and backward pass as nodes of a graph, for one step. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';
import { Feature } from '../graph/feature.ts';
import { dropoutLayers, ofStep, type GraphOptions } from '../graph/graph-options.ts';
import type { LoweredLayers, LoweringContext, MaskLayout } from '../graph/lowering.ts';
import { losses, smoothed } from './loss.ts';
import { lowerNetwork } from './lowerings.ts';

/** Values by weight tensor: the weights themselves, their gradients, or what moving statistics have become. */
export type WeightTensors = ReadonlyMap<WeightSpec, Value>;

export interface Forward extends LoweredLayers {
  /** Filled by `backward`. */
  readonly gradients: WeightTensors;
  /** Moving statistics after the step. */
  readonly moved: WeightTensors;
}

/**
 * @param masks takes the layout in which each dropout layer's mask is wanted; undefined where nothing is dropped
 */
export function networkForward(
  g: GraphBuilder,
  network: NetworkSpec,
  options: GraphOptions,
  tensors: WeightTensors,
  step: number,
  masks: MaskLayout[] | undefined,
): Forward {
  const { batch, block, images } = options;
  const { rows, columns, channels } = network.input;
  const pixels = g.input(ofStep('images', step), images.dtype, [batch, rows, columns, channels]);
  const gradients = new Map<WeightSpec, Value>();
  const moved = new Map<WeightSpec, Value>();
  const dropouts = dropoutLayers(network);
  const context: LoweringContext = {
    g,
    batch,
    block,
    training: masks !== undefined,
    weight: (spec) => {
      const value = tensors.get(spec);
      if (!value) throw new Error(`no weight tensor "${spec.name}"`);
      return value;
    },
    gradient: (spec, value) => gradients.set(spec, value),
    moved: (spec, value) => moved.set(spec, value),
    dropoutMask: (spec, layout) => {
      if (!masks) return undefined;
      const index = dropouts.indexOf(spec);
      masks[index] = layout;
      const { rows: r, columns: c, channels: ch } = spec.input;
      const shape = layout === 'nhwc' ? [batch, r, c, ch] : [batch, ch, r, c];
      return g.input(ofStep(`mask${index}`, step), 'float32', shape);
    },
  };
  const input = new Feature(g, batch, network.input, 'nhwc', g.cast(pixels, 'float32')).times(
    images.scale,
  );
  const lowered = lowerNetwork(context, network.layers, input, options.rewrites ?? true);
  return { ...lowered, gradients, moved };
}

/**
 * The network's loss, mean over the batch, and its gradients by all weights. Adds the outputs `loss.<step>` and
 * `correct.<step>`.
 */
export function lossAndGradients(
  g: GraphBuilder,
  network: NetworkSpec,
  options: GraphOptions,
  tensors: WeightTensors,
  step: number,
  masks: MaskLayout[],
): Pick<Forward, 'gradients' | 'moved'> {
  const { batch } = options;
  const { classes } = network;
  const forward = networkForward(g, network, options, tensors, step, masks);
  const { logits, gradients, moved, backward } = forward;
  const rule = losses[network.loss];
  const count = { images: batch, targets: batch * classes };
  const nodes = (targets: Value): ReturnType<typeof rule.nodes> =>
    rule.nodes(g, logits, smoothed(g, network, targets), count, network.lossOptions ?? {});
  if (options.labels === 'targets') {
    const targets = g.input(ofStep('targets', step), 'float32', [batch, classes]);
    const { loss, gradient } = nodes(targets);
    g.output(ofStep('loss', step), loss);
    g.output(ofStep('correct', step), rule.correct(g, logits, targets));
    backward(gradient());
    return { gradients, moved };
  }
  const labels = g.cast(g.input(ofStep('labels', step), 'uint8', [batch]), 'int32');
  const numbers = Int32Array.from({ length: classes }, (_, i) => i);
  const known = g.constant('int32', [1, classes], numbers);
  const oneHot = g.cast(g.op('Equal', [g.reshape(labels, [batch, 1]), known]), 'float32'); // [n, classes]
  const { loss, gradient } = nodes(oneHot);
  g.output(ofStep('loss', step), loss);
  // Right where the label's logit is the largest; among equals the first class wins, as argmax has it.
  const predicted = g.cast(g.op('ArgMax', [logits], { axis: 1, keepdims: 0 }), 'int32');
  const correct = g.cast(g.op('Equal', [predicted, labels]), 'float32');
  g.output(ofStep('correct', step), g.reduceSum(correct, [0]));
  backward(gradient());
  return { gradients, moved };
}
