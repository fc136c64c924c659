/**
 * Convolution in plain ONNX operators: the version that runs everywhere and that the blocked one (onnx-cpu/blocked/conv2d.ts) is
 * checked against.
 *
 *   forward  y  = x * K
 *   input    dx = dy * flipped K, channels exchanged, padded by kernel - 1 - padding; with strides or dilations the transposed
 *            convolution with K
 *   kernel   dK = for each kernel row: (windows of x along a row)' dy, one matrix product
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, DepthwiseConv2dSpec } from '../network/network.ts';
import { extent, isDense, pads } from '../network/windows.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';
import { Taps } from './taps.ts';

/** ONNX' attributes of the windows; strides and dilations where they are not 1. */
export function windowAttributes(
  layer: Conv2dSpec | DepthwiseConv2dSpec,
): Readonly<Record<'kernel_shape' | 'pads', readonly number[]>> {
  const { kernelSize: kernel_shape, strides, dilationRate } = layer;
  const steps = isDense(layer) ? {} : { strides, dilations: dilationRate };
  return { kernel_shape, pads: pads(layer), ...steps };
}

/** Pads of the convolution that makes the input gradient: kernel - 1 less those of the forward pass. */
export function backwardPads(layer: Conv2dSpec): number[] {
  const [height, width] = layer.kernelSize;
  const [top, left, bottom, right] = pads(layer);
  return [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right];
}

/** The kernel turned by 180 degrees, still [height, width, in, out]. */
export function flippedKernel(g: GraphBuilder, layer: Conv2dSpec, kernel: Value): Value {
  const [height, width] = layer.kernelSize;
  const { channels: cin } = layer.input;
  const { channels: cout } = layer.output;
  const taps = g.reshape(kernel, [height * width, cin, cout]);
  return g.reshape(g.op('Gather', [taps, reversed(g, height * width)], { axis: 0 }), [
    height,
    width,
    cin,
    cout,
  ]);
}

/** The indices count - 1 down to 0, for a Gather that turns taps around. */
function reversed(g: GraphBuilder, count: number): Value {
  return g.ints(Array.from({ length: count }, (_, i) => count - 1 - i));
}

export function lowerConv2d(
  context: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  needsGradient: boolean,
): Lowered {
  const { g } = context;
  const kernel = context.weight(layer.kernel); // [height, width, in, out]
  const bias = layer.bias && context.weight(layer.bias);
  const y = g.op('Conv', [input.as('nchw'), g.transpose(kernel, [3, 2, 0, 1]), bias], {
    ...windowAttributes(layer),
  });
  return {
    output: input.derive('nchw', y, layer.output),
    backward(gradient) {
      context.gradient(layer.kernel, kernelGradient(context, layer, input, gradient));
      if (layer.bias) context.gradient(layer.bias, g.reduceSum(gradient.pixels(), [0]));
      if (!needsGradient) return undefined;
      return gradient.derive('nchw', inputGradient(g, layer, gradient, kernel), layer.input);
    },
  };
}

function inputGradient(
  g: GraphBuilder,
  layer: Conv2dSpec,
  gradient: Feature,
  kernel: Value,
): Value {
  if (!isDense(layer)) {
    const turned = g.transpose(kernel, [3, 2, 0, 1]); // [out, in, height, width]
    return transposedConvolution(g, layer, gradient.as('nchw'), turned, 1);
  }
  const flipped = g.transpose(flippedKernel(g, layer, kernel), [2, 3, 0, 1]); // [in, out, height, width]
  return g.op('Conv', [gradient.as('nchw'), flipped], {
    kernel_shape: layer.kernelSize,
    pads: backwardPads(layer),
  });
}

/** The adjoint of the convolution with this kernel, [n, channels, rows, columns] of the layer's input. */
export function transposedConvolution(
  g: GraphBuilder,
  layer: Conv2dSpec | DepthwiseConv2dSpec,
  gradient: Value,
  kernel: Value,
  group: number,
): Value {
  const { input, output, strides, dilationRate } = layer;
  const [top, left, bottom, right] = pads(layer);
  return g.op('ConvTranspose', [gradient, kernel], {
    ...{ group, kernel_shape: layer.kernelSize, strides, dilations: dilationRate },
    pads: [top, left, bottom, right],
    // Pixels behind the last window.
    output_padding: [
      input.rows - ((output.rows - 1) * strides[0] + extent(layer, 0) - top - bottom),
      input.columns - ((output.columns - 1) * strides[1] + extent(layer, 1) - left - right),
    ],
  });
}

/**
 * Sum over all pixels of (x shifted by the tap)' dy. Joining the shifts along a row first leaves `height` matrix
 * products of [n * rows * columns, width * in]' [n * rows * columns, out].
 */
export function kernelGradient(
  context: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  gradient: Feature,
): Value {
  const { g, batch } = context;
  const [height, width] = layer.kernelSize;
  const { rows, columns } = layer.output;
  const { channels: cin } = layer.input;
  const taps = new Taps(context, layer);
  const padded = taps.padded(input.as('nhwc'));
  const shifts = Array.from({ length: width }, (_, kx) => taps.along(padded, 1, kx));
  const windows = g.op('Concat', shifts, { axis: 3 }); // [n, padded rows, columns, width * in]
  const dy = gradient.pixels(); // [n * rows * columns, out]
  const perRow = Array.from({ length: height }, (_, ky) => {
    const x = g.reshape(taps.along(windows, 0, ky), [batch * rows * columns, width * cin]);
    return g.op('Gemm', [x, dy], { transA: 1 }); // [width * in, out]
  });
  return g.op('Concat', perRow, { axis: 0 }); // [height * width * in, out]
}
