/**
 * Which lowering each layer gets. All rewrites of the plain graph are decided here and nowhere else:
 *
 *   1. ReLU moves behind max pooling: the same result (a maximum commutes with a monotone function), a quarter of the work.
 *   2. A first convolution with its pooling becomes one convolution for each position of the windows (phase-pooling.ts).
 *   3. Other convolutions use the blocked layout where the processor has it (blocked-conv2d.ts), and pooling stays in it
 *      (blocked-pooling.ts).
 *   4. ReLU and the dropout behind it share one mask in the backward pass (elementwise.ts).
 *
 * `rewrites: false` gives the plain graph, which the tests compare with.
 */
import { hasTrainableWeights, type LayerSpec } from '../network.ts';
import { lowerBatchNormalization } from './batch-normalization.ts';
import { canBlock, lowerBlockedConv2d } from './blocked-conv2d.ts';
import { lowerConv2d } from './conv2d.ts';
import { lowerDense, lowerFlatten } from './dense.ts';
import { canPoolBlocked, lowerBlockedPooling } from './blocked-pooling.ts';
import { lowerActivation, lowerDropout, lowerReluDropout } from './elementwise.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';
import { canPhasePool, lowerPhasePooling } from './phase-pooling.ts';
import { lowerMaxPooling } from './pooling.ts';

/** Lowers all layers; returns the logits' feature and the backward functions, first layer first. */
export function lowerNetwork(
  context: LoweringContext,
  layers: readonly LayerSpec[],
  images: Feature,
  rewrites: boolean,
): { readonly logits: Feature; readonly steps: readonly Lowered[] } {
  const order = rewrites ? reluAfterPooling(layers) : layers;
  const steps: Lowered[] = [];
  let feature = images;
  let trainableSeen = false;
  for (let i = 0; i < order.length; i++) {
    const layer = order[i];
    const next = order[i + 1];
    if (!layer) break;
    let lowered: Lowered;
    if (
      rewrites &&
      i === 0 &&
      layer.kind === 'conv2d' &&
      next?.kind === 'maxPooling2d' &&
      canPhasePool(layer, next)
    ) {
      lowered = lowerPhasePooling(context, layer, next, feature);
      i++;
    } else if (
      rewrites &&
      layer.kind === 'activation' &&
      layer.activation === 'relu' &&
      next?.kind === 'dropout'
    ) {
      lowered = lowerReluDropout(context, next, feature);
      i++;
    } else {
      lowered = lowerLayer(context, layer, feature, trainableSeen, rewrites);
    }
    trainableSeen ||= hasTrainableWeights(layer);
    steps.push(lowered);
    feature = lowered.output;
  }
  return { logits: feature, steps };
}

function lowerLayer(
  context: LoweringContext,
  layer: LayerSpec,
  input: Feature,
  needsGradient: boolean,
  rewrites: boolean,
): Lowered {
  switch (layer.kind) {
    case 'conv2d':
      return rewrites && canBlock(layer, context.block)
        ? lowerBlockedConv2d(context, layer, input, needsGradient)
        : lowerConv2d(context, layer, input, needsGradient);
    case 'maxPooling2d':
      return rewrites && canPoolBlocked(layer, input)
        ? lowerBlockedPooling(context, layer, input)
        : lowerMaxPooling(context, layer, input);
    case 'dropout':
      return lowerDropout(context, layer, input);
    case 'flatten':
      return lowerFlatten(context, layer, input);
    case 'dense':
      return lowerDense(context, layer, input, needsGradient);
    case 'activation':
      return lowerActivation(context, layer, input);
    case 'batchNormalization':
      return lowerBatchNormalization(context, layer, input, needsGradient);
  }
}

/** [.., relu, pool, ..] -> [.., pool, relu, ..]. */
export function reluAfterPooling(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const order = [...layers];
  for (let i = 0; i + 1 < order.length; i++) {
    const [first, second] = [order[i], order[i + 1]];
    if (
      first?.kind === 'activation' &&
      first.activation === 'relu' &&
      second?.kind === 'maxPooling2d'
    ) {
      order[i] = second;
      order[i + 1] = { ...first, input: second.output, output: second.output };
    }
  }
  return order;
}
