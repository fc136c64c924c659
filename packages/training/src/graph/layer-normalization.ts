/**
 * Layer normalization over the channels of each pixel (Ba, Kiros and Hinton 2016, "Layer Normalization", equation 3):
 *
 *   h = (x - mean) r    r = 1 / sqrt(variance + epsilon)    y = gamma h + beta
 *   backward    dbeta = sum dy    dgamma = sum dy h    dh = gamma dy    dx = r (dh - mean dh - h mean (dh h))
 */
import type { Value } from '@fashion-bench/onnx';
import type { LayerNormalizationSpec } from '../network/network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

export function lowerLayerNormalization(
  context: LoweringContext,
  layer: LayerNormalizationSpec,
  input: Feature,
): Lowered {
  const { g, batch } = context;
  const { rows, columns, channels } = layer.input;
  const gamma = layer.gamma && context.weight(layer.gamma);
  const beta = layer.beta && context.weight(layer.beta);
  const mean = (x: Value): Value => g.op('ReduceMean', [x, g.ints([-1])], { keepdims: 1 });
  const feature = (like: Feature, pixels: Value): Feature =>
    like.derive('nhwc', g.reshape(pixels, [batch, rows, columns, channels]), layer.input);
  const x = input.pixels(); // [n * rows * columns, channels]
  const centred = g.op('Sub', [x, mean(x)]);
  const variance = mean(g.op('Mul', [centred, centred]));
  const r = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(layer.epsilon)])])]);
  const h = g.op('Mul', [centred, r]);
  const scaled = gamma ? g.op('Mul', [h, gamma]) : h;
  return {
    output: feature(input, beta ? g.op('Add', [scaled, beta]) : scaled),
    backward(gradient) {
      const dy = gradient.pixels();
      if (layer.beta) context.gradient(layer.beta, g.reduceSum(dy, [0]));
      if (layer.gamma) context.gradient(layer.gamma, g.reduceSum(g.op('Mul', [dy, h]), [0]));
      const dh = gamma ? g.op('Mul', [dy, gamma]) : dy;
      const along = g.op('Mul', [h, mean(g.op('Mul', [dh, h]))]);
      const rest = g.op('Sub', [g.op('Sub', [dh, mean(dh)]), along]);
      return feature(gradient, g.op('Mul', [rest, r]));
    },
  };
}
