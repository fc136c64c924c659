/**
 * Convolution in onnxruntime's blocked layout (MLAS' NCHWc kernels), forward, input gradient and kernel gradient.
 * onnxruntime's optimiser uses these operators itself, but only where the weights are constant; in a training
 * graph they are not, so the graph says them outright.
 *
 * Block B is 8 with AVX2, 16 with AVX-512 (block-size.ts finds out). A kernel [out, in, height, width] is laid out as
 * [out/B, in/B, height, width, B in, B out].
 *
 * The kernel gradient is a convolution too, with the batch in the place of the channels.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec } from '../network.ts';
import { backwardPads, flippedKernel, forwardPads, kernelGradient, reversed } from './conv2d.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/** Whether both channel counts are whole numbers of blocks. */
export function canBlock(layer: Conv2dSpec, block: number): boolean {
  return block > 1 && layer.input.channels % block === 0 && layer.output.channels % block === 0;
}

/** [height, width, in, out] -> blocked [out, in, height, width]; with `swap`, the roles of in and out exchanged. */
function blockedKernel(
  g: GraphBuilder,
  layer: Conv2dSpec,
  kernel: Value,
  block: number,
  swap: boolean,
): Value {
  const [height, width] = layer.kernelSize;
  const cin = layer.input.channels;
  const cout = layer.output.channels;
  const split = g.reshape(kernel, [height, width, cin / block, block, cout / block, block]);
  const blocked = g.transpose(split, swap ? [2, 4, 0, 1, 5, 3] : [4, 2, 0, 1, 3, 5]);
  return g.reshape(blocked, swap ? [cin, cout, height, width] : [cout, cin, height, width]);
}

export function lowerBlockedConv2d(
  context: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  needsGradient: boolean,
): Lowered {
  const { g, batch, block } = context;
  const kernel = context.weight(layer.kernel);
  const bias = layer.bias && context.weight(layer.bias);
  const weights = blockedKernel(g, layer, kernel, block, false);
  const y = g.op('NchwcConv', [input.as('blocked'), weights, ...(bias ? [bias] : [])], {
    kernel_shape: layer.kernelSize,
    pads: forwardPads(layer),
  });
  return {
    output: input.derive('blocked', y, layer.output),
    backward(gradient) {
      const gradientByKernel =
        batch % block === 0
          ? blockedKernelGradient(context, layer, input, gradient)
          : kernelGradient(context, layer, input, gradient);
      context.gradient(layer.kernel, gradientByKernel);
      if (layer.bias) context.gradient(layer.bias, biasGradient(context, layer, gradient));
      if (!needsGradient) return undefined;
      const flipped = blockedKernel(g, layer, flippedKernel(g, layer, kernel), block, true);
      const dx = g.op('NchwcConv', [gradient.as('blocked'), flipped], {
        kernel_shape: layer.kernelSize,
        pads: backwardPads(layer),
      });
      return gradient.derive('blocked', dx, layer.input);
    },
  };
}

function biasGradient(
  { g, batch, block }: LoweringContext,
  layer: Conv2dSpec,
  gradient: Feature,
): Value {
  const { rows, columns, channels } = layer.output;
  const split = g.reshape(gradient.as('blocked'), [batch, channels / block, rows * columns, block]);
  return g.reduceSum(split, [0, 2]);
}

/**
 * Needs a batch that is a whole number of blocks. dy takes the image's place and x the kernel's, which leaves only
 * transposes that move whole blocks; the taps then come out in reverse:
 *
 *   result[tap'] = sum of dy[pixel + tap' - padding'] x[pixel], so tap' = kernel - 1 - tap with the backward pads.
 */
function blockedKernelGradient(
  { g, batch, block }: LoweringContext,
  layer: Conv2dSpec,
  input: Feature,
  gradient: Feature,
): Value {
  const [height, width] = layer.kernelSize;
  const { rows, columns, channels: cin } = layer.input;
  const { channels: cout } = layer.output;
  const [top = 0, left = 0, bottom = 0, right = 0] = backwardPads(layer);
  // [n, out, rows, columns] -> [out, n, rows, columns + pads], then blocked over n. MLAS computes each output column
  // whose window touches padding alone, and with a kernel as wide as the image that is nearly every one: real zeros
  // to the left and right take 12.6 + 1.7 ms where implied ones take 19.7 (batch 128, AVX2).
  const swapped = g.transpose(gradient.as('nchw'), [1, 0, 2, 3]);
  const wide = g.op('Pad', [swapped, g.ints([0, 0, 0, left, 0, 0, 0, right])]);
  const dy = g.op('NchwcReorderInput', [wide]);
  // blocked [n/B, B n, in/B, pixels, B in] -> [in/B, n/B, pixels, B n, B in]: a kernel [in, n, rows, columns].
  const split = g.reshape(input.as('blocked'), [
    batch / block,
    block,
    cin / block,
    rows * columns,
    block,
  ]);
  const x = g.reshape(g.transpose(split, [2, 0, 3, 1, 4]), [cin, batch, rows, columns]);
  const result = g.op('NchwcConv', [dy, x], {
    kernel_shape: [rows, columns],
    pads: [top, 0, bottom, 0],
  });
  // [out, in/B, taps reversed, B in] -> [taps, in, out]
  const taps = g.reshape(result, [cout, cin / block, height * width, block]);
  const inOrder = g.transpose(taps, [2, 1, 3, 0]);
  return g.op('Gather', [inOrder, reversed(g, height * width)], { axis: 0 });
}
