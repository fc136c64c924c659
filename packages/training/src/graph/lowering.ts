/**
 * What it means to lower a layer: nodes for its forward pass now, and a function that adds the nodes of its
 * backward pass later.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import {
  byKind,
  hasTrainableWeights,
  type DropoutSpec,
  type LayerSpec,
  type LayerTable,
  type WeightSpec,
} from '../network/network.ts';
import { backpropagate, type Differentiable } from '../network/chain-rule.ts';
import type { Feature, Layout } from './feature.ts';

/** In which order a mask's elements are fed. */
export type MaskLayout = Exclude<Layout, 'nchw'>;

export interface LoweringContext {
  readonly g: GraphBuilder;
  readonly batch: number;
  /** Channel block of onnxruntime's blocked layout on this processor; 1 where it must not be used. */
  readonly block: number;
  /** Whether the pass is one of a training step, or predicts. */
  readonly training: boolean;
  /** A weight tensor in its Keras shape. */
  weight(spec: WeightSpec): Value;
  /** Takes the gradient of a weight tensor, in the weight's shape or any with the same row-major order. */
  gradient(spec: WeightSpec, value: Value): void;
  /** Takes the value that a weight tensor which is not trained has after the step, in the weight's shape. */
  moved(spec: WeightSpec, value: Value): void;
  /**
   * The mask of a dropout layer, [n, rows, columns, channels], or as blocked features are; undefined where nothing is
   * dropped.
   */
  dropoutMask(spec: DropoutSpec, layout: MaskLayout): Value | undefined;
}

/** A layer as nodes. `backward` adds those of the backward pass, and hands gradients by weights to the context. */
export type Lowered = Differentiable<Feature>;

/** How an engine lowers each kind of layer. `needsGradient`: whether something before the layer is trained. */
export type Lowerings = LayerTable<
  LoweringContext,
  [input: Feature, needsGradient: boolean],
  Lowered
>;

/** Lowers a layer together with the one behind it; undefined where that is not to be done. */
export type PairLowering = (
  context: LoweringContext,
  layer: LayerSpec,
  next: LayerSpec,
  input: Feature,
  isFirst: boolean,
) => Lowered | undefined;

export interface LoweredLayers {
  /** [n, classes] */
  readonly logits: Value;
  /** Adds the nodes of the whole backward pass. @param gradient of the loss by the logits, [n, classes] */
  readonly backward: (gradient: Value) => void;
}

export function lowerLayers(
  context: LoweringContext,
  layers: readonly LayerSpec[],
  images: Feature,
  lowerings: Lowerings,
  lowerPair?: PairLowering,
): LoweredLayers {
  const { g, batch } = context;
  const steps: Lowered[] = [];
  let feature = images;
  let trainableSeen = false;
  const left = [...layers];
  for (let layer = left.shift(); layer !== undefined; layer = left.shift()) {
    const [next] = left;
    const pair = next && lowerPair?.(context, layer, next, feature, steps.length === 0);
    if (pair) left.shift();
    const lowered = pair ?? byKind(lowerings, context, layer, feature, trainableSeen);
    trainableSeen ||= hasTrainableWeights(layer);
    steps.push(lowered);
    feature = lowered.output;
  }
  const logits = feature.matrix();
  return {
    logits,
    backward(gradient) {
      const units = feature.shape.channels;
      const shaped = feature.derive('nhwc', g.reshape(gradient, [batch, 1, 1, units]));
      backpropagate(steps, shaped);
    },
  };
}
