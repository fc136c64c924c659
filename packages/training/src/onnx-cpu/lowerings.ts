/**
 * Which lowering each layer gets. All rewrites of the plain graph are decided here and nowhere else:
 *
 *   1. ReLU moves behind max pooling: the same result (a maximum commutes with a monotone function), a quarter of the work.
 *   2. A first convolution with its pooling becomes one convolution for each position of the windows (phases/pooling.ts).
 *   3. Other convolutions use the blocked layout where the processor has it (blocked/conv2d.ts), and pooling stays in it
 *      (blocked/pooling.ts).
 *   4. ReLU and the dropout behind it share one mask in the backward pass (elementwise.ts).
 *
 * `rewrites: false` gives the plain graph, which the tests compare with.
 */
import type { LayerSpec } from '../network/network.ts';
import { reluAfterPooling } from '../network/rewrites.ts';
import { lowerActivation } from '../graph/activations.ts';
import { lowerAveragePooling } from '../graph/average-pooling.ts';
import { lowerBatchNormalization } from '../graph/batch-normalization.ts';
import { canBlock, lowerBlockedConv2d } from './blocked/conv2d.ts';
import { lowerConv2d } from '../graph/conv2d.ts';
import { lowerDense, lowerReshape } from '../graph/dense.ts';
import { lowerDepthwiseConv2d } from '../graph/depthwise-conv2d.ts';
import { canPoolBlocked, lowerBlockedPooling } from './blocked/pooling.ts';
import { lowerDropout, lowerReluDropout, lowerRescaling } from '../graph/elementwise.ts';
import type { Feature } from '../graph/feature.ts';
import { lowerLayerNormalization } from '../graph/layer-normalization.ts';
import {
  lowerLayers,
  type LoweredLayers,
  type Lowerings,
  type LoweringContext,
  type PairLowering,
} from '../graph/lowering.ts';
import { lowerMerge } from '../graph/merge.ts';
import { lowerUpSampling, lowerZeroPadding } from '../graph/resizing.ts';
import { canPhasePool, lowerPhasePooling } from './phases/pooling.ts';
import { lowerMaxPooling } from './pooling.ts';

const plainLowerings: Lowerings = {
  conv2d: lowerConv2d,
  depthwiseConv2d: lowerDepthwiseConv2d,
  maxPooling2d: lowerMaxPooling,
  averagePooling2d: lowerAveragePooling,
  zeroPadding2d: lowerZeroPadding,
  upSampling2d: lowerUpSampling,
  rescaling: lowerRescaling,
  dropout: lowerDropout,
  flatten: lowerReshape,
  reshape: lowerReshape,
  dense: lowerDense,
  activation: lowerActivation,
  batchNormalization: lowerBatchNormalization,
  layerNormalization: lowerLayerNormalization,
  merge: lowerMerge,
};

const fastLowerings: Lowerings = {
  ...plainLowerings,
  conv2d: (context, layer, input, needsGradient) => {
    const lower = canBlock(layer, context.block) ? lowerBlockedConv2d : lowerConv2d;
    return lower(context, layer, input, needsGradient);
  },
  maxPooling2d: (context, layer, input) =>
    (canPoolBlocked(layer, input) ? lowerBlockedPooling : lowerMaxPooling)(context, layer, input),
};

const lowerFastPair: PairLowering = (context, layer, next, input, isFirst) => {
  if (isFirst && layer.kind === 'conv2d' && next.kind === 'maxPooling2d') {
    return canPhasePool(layer, next) ? lowerPhasePooling(context, layer, next, input) : undefined;
  }
  return layer.kind === 'activation' && layer.activation === 'relu' && next.kind === 'dropout'
    ? lowerReluDropout(context, next, input)
    : undefined;
};

export function lowerNetwork(
  context: LoweringContext,
  layers: readonly LayerSpec[],
  images: Feature,
  rewrites: boolean,
): LoweredLayers {
  return rewrites
    ? lowerLayers(context, reluAfterPooling(layers), images, fastLowerings, lowerFastPair)
    : lowerLayers(context, layers, images, plainLowerings);
}
