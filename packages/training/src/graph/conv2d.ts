/**
 * Convolution, stride 1, in plain ONNX operators: the version that runs everywhere and that the blocked one
 * (blocked-conv2d.ts) is checked against.
 *
 *   forward  y  = x * K
 *   input    dx = dy * flipped K, channels exchanged, padded by kernel - 1 - padding
 *   kernel   dK = for each kernel row: (windows of x along a row)' dy, one matrix product
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { padding, type Conv2dSpec } from '../network/network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/** ONNX pads of the forward convolution: [top, left, bottom, right]. */
export function forwardPads(layer: Conv2dSpec): number[] {
  const [top, bottom] = padding(layer, 0);
  const [left, right] = padding(layer, 1);
  return [top, left, bottom, right];
}

/** Pads of the convolution that makes the input gradient: kernel - 1 less those of the forward pass. */
export function backwardPads(layer: Conv2dSpec): number[] {
  const [height, width] = layer.kernelSize;
  const [top = 0, left = 0, bottom = 0, right = 0] = forwardPads(layer);
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
    kernel_shape: layer.kernelSize,
    pads: forwardPads(layer),
  });
  return {
    output: input.derive('nchw', y, layer.output),
    backward(gradient) {
      context.gradient(layer.kernel, kernelGradient(context, layer, input, gradient));
      if (layer.bias) context.gradient(layer.bias, g.reduceSum(gradient.pixels(), [0]));
      if (!needsGradient) return undefined;
      const flipped = g.transpose(flippedKernel(g, layer, kernel), [2, 3, 0, 1]); // [in, out, height, width]
      const dx = g.op('Conv', [gradient.as('nchw'), flipped], {
        kernel_shape: layer.kernelSize,
        pads: backwardPads(layer),
      });
      return gradient.derive('nchw', dx, layer.input);
    },
  };
}

/**
 * Sum over all pixels of (x shifted by the tap)' dy. Joining the shifts along a row first leaves `height` matrix
 * products of [n * rows * columns, width * in]' [n * rows * columns, out].
 */
export function kernelGradient(
  { g, batch }: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  gradient: Feature,
): Value {
  const [height, width] = layer.kernelSize;
  const { rows, columns } = layer.output;
  const { channels: cin } = layer.input;
  const [top = 0, left = 0, bottom = 0, right = 0] = forwardPads(layer);
  const padded = g.op('Pad', [input.as('nhwc'), g.ints([0, top, left, 0, 0, bottom, right, 0])]);
  const shifts = Array.from({ length: width }, (_, kx) => g.slice(padded, 2, kx, kx + columns));
  const windows = g.op('Concat', shifts, { axis: 3 }); // [n, padded rows, columns, width * in]
  const dy = gradient.pixels(); // [n * rows * columns, out]
  const perRow = Array.from({ length: height }, (_, ky) => {
    const x = g.reshape(g.slice(windows, 1, ky, ky + rows), [batch * rows * columns, width * cin]);
    return g.op('Gemm', [x, dy], { transA: 1 }); // [width * in, out]
  });
  return g.op('Concat', perRow, { axis: 0 }); // [height * width * in, out]
}
