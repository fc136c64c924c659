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
import { backpropagate, type Differentiable, type Step } from '../network/chain-rule.ts';
import { feedsOnlyNext, sourcesOf } from '../network/wiring.ts';
import { commonLayout, type Feature, type Layout } from './feature.ts';

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

/**
 * How an engine lowers each kind of layer. `input`: the first of its values, `inputs`: all of them.
 * `needsGradient`: whether something before the layer is trained.
 */
export type Lowerings = LayerTable<
  LoweringContext,
  [input: Feature, needsGradient: boolean, inputs: readonly Feature[]],
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
  const steps: Step<Feature>[] = [];
  const features = [images];
  /** Whether a value depends on weights that are trained. */
  const trained = [false];
  for (let i = 0; i < layers.length; i++) {
    const [layer, next] = [layers[i], layers[i + 1]];
    if (!layer) continue;
    const from = sourcesOf(layer, i);
    const inputs = from.map((value) => features[value] ?? images);
    const [input = images] = inputs;
    const needsGradient = from.some((value) => trained[value]);
    const pair =
      next && feedsOnlyNext(layers, i)
        ? lowerPair?.(context, layer, next, input, from[0] === 0)
        : undefined;
    const lowered = pair ?? byKind(lowerings, context, layer, input, needsGradient, inputs);
    const trains = needsGradient || hasTrainableWeights(layer);
    // Nobody takes the value between the two of a pair.
    if (pair) i++;
    features[i + 1] = lowered.output;
    trained[i + 1] = trains;
    if (trains) steps.push({ ...lowered, from, to: i + 1 });
  }
  const last = features.at(-1) ?? images;
  return {
    logits: last.matrix(),
    backward(gradient) {
      const shaped = last.derive('nhwc', g.reshape(gradient, [batch, 1, 1, last.shape.channels]));
      backpropagate(steps, shaped, (a, b) => sum(context, a, b));
    },
  };
}

/** Two gradients by the same feature, added. */
function sum({ g, block }: LoweringContext, a: Feature, b: Feature): Feature {
  const layout = commonLayout([a, b], block);
  return a.factor === b.factor
    ? a.map(layout, g.op('Add', [a.raw(layout), b.raw(layout)]))
    : a.derive(layout, g.op('Add', [a.as(layout), b.as(layout)]));
}
