/**
 * Depthwise convolution: a convolution with a group for each channel.
 *
 *   forward  y[c m + j] = x[c] * K[c, j]       for the j = 0 .. m - 1 filters of channel c
 *   input    the transposed convolution with the same kernel
 *   kernel   dK[tap, c, j] = sum over images and pixels of x[c] under the tap, times dy[c m + j]
 */
import type { Value } from '@fashion-bench/onnx';
import type { DepthwiseConv2dSpec } from '../network/network.ts';
import { transposedConvolution, windowAttributes } from './conv2d.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';
import { Taps, tapsOf } from './taps.ts';

export function lowerDepthwiseConv2d(
  context: LoweringContext,
  layer: DepthwiseConv2dSpec,
  input: Feature,
  needsGradient: boolean,
): Lowered {
  const { g } = context;
  const [height, width] = layer.kernelSize;
  const { channels } = layer.input;
  const weights = g.transpose(context.weight(layer.kernel), [2, 3, 0, 1]); // [in, multiplier, height, width]
  const kernel = g.reshape(weights, [layer.output.channels, 1, height, width]);
  const bias = layer.bias && context.weight(layer.bias);
  const y = g.op('Conv', [input.as('nchw'), kernel, bias], {
    ...windowAttributes(layer),
    group: channels,
  });
  return {
    output: input.derive('nchw', y, layer.output),
    backward(gradient) {
      context.gradient(layer.kernel, kernelGradient(context, layer, input, gradient));
      if (layer.bias) context.gradient(layer.bias, g.reduceSum(gradient.pixels(), [0]));
      if (!needsGradient) return undefined;
      const dx = transposedConvolution(g, layer, gradient.as('nchw'), kernel, channels);
      return gradient.derive('nchw', dx, layer.input);
    },
  };
}

/** [height * width, in, multiplier] */
function kernelGradient(
  context: LoweringContext,
  layer: DepthwiseConv2dSpec,
  input: Feature,
  gradient: Feature,
): Value {
  const { g, batch } = context;
  const { rows, columns, channels: filters } = layer.output;
  const { channels } = layer.input;
  const pixels = batch * rows * columns;
  const dy = g.reshape(gradient.as('nhwc'), [pixels, channels, filters / channels]);
  const taps = new Taps(context, layer);
  const padded = taps.padded(input.as('nhwc'));
  const perTap = tapsOf(layer).map((tap) => {
    const x = g.reshape(taps.at(padded, tap), [pixels, channels, 1]);
    return g.reduceSum(g.op('Mul', [x, dy]), [0], true);
  });
  return g.op('Concat', perTap, { axis: 0 });
}
