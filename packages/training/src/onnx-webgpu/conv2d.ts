/**
 * Convolution for a device: forward and input gradient are its own operator; the weight gradients are made so that they
 * keep a whole device busy.
 *
 * A weight gradient sums over all pixels of all images, tens of thousands of products for each of a few thousand
 * results. One matrix product would give each result to one thread. So every image gets its own product, and the images are added
 * up afterwards:
 *
 *   windows [n, taps * in, pixels]  x  dy [n, pixels, out]  ->  [n, taps * in, out]  ->  [taps * in, out]
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec } from '../network/network.ts';
import { pads } from '../network/windows.ts';
import { backwardPads, flippedKernel } from '../graph/conv2d.ts';
import type { Feature } from '../graph/feature.ts';
import type { Lowered, LoweringContext } from '../graph/lowering.ts';

/** WebGPU promises buffers of 128 MiB (maxStorageBufferBindingSize); no intermediate should need more. */
const BUFFER_BYTES = 2 ** 27;

export function lowerConv2d(
  context: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  needsGradient: boolean,
): Lowered {
  const { g } = context;
  const kernel = context.weight(layer.kernel); // [height, width, in, out]
  const bias = layer.bias && context.weight(layer.bias);
  const y = g.op(
    'Conv',
    [input.as('nchw'), g.transpose(kernel, [3, 2, 0, 1]), ...(bias ? [bias] : [])],
    {
      kernel_shape: layer.kernelSize,
      pads: pads(layer),
    },
  );
  return {
    output: input.derive('nchw', y, layer.output),
    backward(gradient) {
      context.gradient(layer.kernel, kernelGradient(context, layer, input, gradient));
      if (layer.bias) context.gradient(layer.bias, biasGradient(context, layer, gradient));
      return needsGradient ? inputGradient(context, layer, kernel, gradient) : undefined;
    },
  };
}

function inputGradient(
  { g }: LoweringContext,
  layer: Conv2dSpec,
  kernel: Value,
  gradient: Feature,
): Feature {
  const flipped = g.transpose(flippedKernel(g, layer, kernel), [2, 3, 0, 1]); // [in, out, height, width]
  const dx = g.op('Conv', [gradient.as('nchw'), flipped], {
    kernel_shape: layer.kernelSize,
    pads: backwardPads(layer),
  });
  return gradient.derive('nchw', dx, layer.input);
}

/** Zeros around [n, in, rows, columns], as the forward convolution sees them. */
function padIn(g: GraphBuilder, layer: Conv2dSpec, x: Value): Value {
  const [top, left, bottom, right] = pads(layer);
  if (top + left + bottom + right === 0) return x;
  return g.op('Pad', [x, g.ints([0, 0, top, left, 0, 0, bottom, right])]);
}

/** Sum over pixels, then over images: [n, pixels, out] -> [n, out] -> [out]. */
function biasGradient({ g, batch }: LoweringContext, layer: Conv2dSpec, gradient: Feature): Value {
  const { rows, columns, channels } = layer.output;
  const pixels = g.reshape(gradient.as('nhwc'), [batch, rows * columns, channels]);
  return g.reduceSum(g.reduceSum(pixels, [1]), [0]);
}

/** [height * width * in, out]. */
function kernelGradient(
  { g, batch }: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  gradient: Feature,
): Value {
  const [height, width] = layer.kernelSize;
  const { rows, columns, channels: cout } = layer.output;
  const { channels: cin } = layer.input;
  const pixels = rows * columns;
  const dy = g.reshape(gradient.as('nhwc'), [batch, pixels, cout]);
  const padded = padIn(g, layer, input.as('nchw'));
  const shifts = Array.from({ length: width }, (_, kx) => g.slice(padded, 3, kx, kx + columns));
  const wide = width === 1 ? padded : g.op('Concat', shifts, { axis: 1 }); // [n, width * in, padded rows, columns]
  const lines = Array.from({ length: height }, (_, ky) =>
    height === 1 ? wide : g.slice(wide, 2, ky, ky + rows),
  ); // [n, width * in, rows, columns] each
  const product = (windows: Value, taps: number): Value => {
    const each = g.op('MatMul', [g.reshape(windows, [batch, taps * cin, pixels]), dy]);
    return g.reduceSum(each, [0]); // [taps * in, out]
  };
  const all = 4 * batch * height * width * cin * Math.max(pixels, cout);
  if (height === 1 || all > BUFFER_BYTES) {
    const parts = lines.map((line) => product(line, width));
    const [only] = parts;
    return parts.length === 1 && only ? only : g.op('Concat', parts, { axis: 0 });
  }
  return product(g.op('Concat', lines, { axis: 1 }), height * width);
}
