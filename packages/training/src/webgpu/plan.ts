/** Which lowering each layer gets on a device. Layers without a kernel of their own there have one in this folder. */
import { hasTrainableWeights, type LayerSpec } from '../network.ts';
import { lowerBatchNormalization } from '../onnx/batch-normalization.ts';
import { lowerDense, lowerFlatten } from '../onnx/dense.ts';
import { lowerDropout } from '../onnx/elementwise.ts';
import type { Feature } from '../onnx/feature.ts';
import type { Lowered, LoweringContext } from '../onnx/lowering.ts';
import { reluAfterPooling } from '../onnx/plan.ts';
import { lowerActivation } from './activation.ts';
import { lowerConv2d } from './conv2d.ts';
import { lowerMaxPooling } from './pooling.ts';

/** Lowers all layers; returns the logits' feature and the backward functions, first layer first. */
export function lowerNetwork(
  context: LoweringContext,
  layers: readonly LayerSpec[],
  images: Feature,
): { readonly logits: Feature; readonly steps: readonly Lowered[] } {
  const steps: Lowered[] = [];
  let feature = images;
  let trainableSeen = false;
  for (const layer of reluAfterPooling(layers)) {
    const lowered = lowerLayer(context, layer, feature, trainableSeen);
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
): Lowered {
  switch (layer.kind) {
    case 'conv2d':
      return lowerConv2d(context, layer, input, needsGradient);
    case 'maxPooling2d':
      return lowerMaxPooling(context, layer, input);
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
