/**
 * Convolution in onnxruntime's blocked layout (MLAS' NCHWc kernels), forward, input gradient and kernel gradient.
 * onnxruntime's optimiser uses these operators itself, but only where the weights are constant; in a training
 * graph they are not, so the graph says them outright.
 *
 * Block B is 8 with AVX2, 16 with AVX-512 (block-size.ts finds out). A kernel [out, in, height, width] is laid out as
 * [out/B, in/B, height, width, B in, B out].
 *
 * The kernel gradient is a convolution too, with the batch in the place of the channels.
 *
 * Changes of layout use what onnxruntime has fast code for: rows of the last axes in another order (`rows.ts`), the transpose of
 * a matrix, and its own reordering into blocks, which takes the batch for channels here. Every other Transpose moves single
 * floats, ten times slower.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec } from '../network.ts';
import { backwardPads, forwardPads, kernelGradient } from './conv2d.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';
import { permuteRows } from './rows.ts';

/** Whether both channel counts are whole numbers of blocks. */
export function canBlock(layer: Conv2dSpec, block: number): boolean {
  return block > 1 && layer.input.channels % block === 0 && layer.output.channels % block === 0;
}

/** [height, width, in, out] -> blocked [out, in, height, width]. */
function forwardKernel(g: GraphBuilder, layer: Conv2dSpec, kernel: Value, block: number): Value {
  const [height, width] = layer.kernelSize;
  const [cin, cout] = [layer.input.channels, layer.output.channels];
  // [taps, in, out/B] -> [out/B, in/B, taps, B in], rows of B out
  const from = [height * width, cin / block, block, cout / block];
  return g.reshape(permuteRows(g, kernel, from, [3, 1, 0, 2]), [cout, cin, height, width]);
}

/** [height, width, in, out] -> blocked [in, out, height, width], turned by 180 degrees. */
function backwardKernel(
  g: GraphBuilder,
  layer: Conv2dSpec,
  kernel: Value,
  block: number,
  factor: number,
): Value {
  const [height, width] = layer.kernelSize;
  const [cin, cout] = [layer.input.channels, layer.output.channels];
  const matrix = g.reshape(kernel, [height * width * cin, cout]);
  const scaled = factor === 1 ? matrix : g.op('Mul', [matrix, g.scalar(factor)]);
  // [out/B, B out, taps, in/B] -> [in/B, out/B, taps reversed, B out], rows of B in
  const from = [cout / block, block, height * width, cin / block];
  const rows = permuteRows(g, g.transpose(scaled, [1, 0]), from, [3, 0, 2, 1], 2);
  return g.reshape(rows, [cin, cout, height, width]);
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
  const weights = forwardKernel(g, layer, kernel, block);
  const y = g.op('NchwcConv', [input.as('blocked'), weights, ...(bias ? [bias] : [])], {
    kernel_shape: layer.kernelSize,
    pads: forwardPads(layer),
  });
  return {
    output: input.derive('blocked', y, layer.output),
    backward(gradient) {
      const times = (value: Value): Value =>
        gradient.factor === 1 ? value : g.op('Mul', [value, g.scalar(gradient.factor)]);
      if (batch % block === 0) {
        context.gradient(
          layer.kernel,
          times(blockedKernelGradient(context, layer, input, gradient)),
        );
      } else {
        context.gradient(layer.kernel, kernelGradient(context, layer, input, gradient));
      }
      if (layer.bias) context.gradient(layer.bias, times(biasGradient(context, layer, gradient)));
      if (!needsGradient) return undefined;
      // The gradient's factor goes into the kernel, which is the smaller of the two.
      const turned = backwardKernel(g, layer, kernel, block, gradient.factor);
      const dx = g.op('NchwcConv', [gradient.raw('blocked'), turned], {
        kernel_shape: layer.kernelSize,
        pads: backwardPads(layer),
      });
      return gradient.derive('blocked', dx, layer.input);
    },
  };
}

function biasGradient({ g, batch }: LoweringContext, layer: Conv2dSpec, gradient: Feature): Value {
  const { rows, columns, channels } = layer.output;
  return g.reduceSum(g.reshape(gradient.raw('nchw'), [batch, channels, rows * columns]), [0, 2]);
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
  const { channels: cout, rows: outRows, columns: outColumns } = layer.output;
  const [top = 0, left = 0, bottom = 0, right = 0] = backwardPads(layer);
  // [n, out, pixels] -> [n/B, out, pixels, B n] -> [out, n/B, pixels, B n]: an image of n channels.
  const byBatch = g.op('NchwcReorderInput', [
    g.reshape(gradient.raw('nchw'), [1, batch, cout * outRows, outColumns]),
  ]);
  const swapped = g.transpose(
    g.reshape(byBatch, [batch / block, cout, outRows * outColumns * block]),
    [1, 0, 2],
  );
  // MLAS computes each output column whose window touches padding alone, and with a kernel as wide as the image that is
  // nearly every one: real zeros to the left and right take 12.6 + 1.7 ms where implied ones take 19.7 (batch 128, AVX2).
  const wide = g.op('Pad', [
    g.reshape(swapped, [((cout * batch) / block) * outRows, outColumns, block]),
    g.ints([0, left, 0, 0, right, 0]),
  ]);
  const dy = g.reshape(wide, [cout, batch, outRows, outColumns + left + right]);
  // blocked [n/B, B n, in/B, pixels] -> [in/B, n/B, pixels, B n], rows of B in: a kernel [in, n, rows, columns].
  const from = [batch / block, block, cin / block, rows * columns];
  const x = permuteRows(g, input.as('blocked'), from, [2, 0, 3, 1]);
  const result = g.op('NchwcConv', [dy, g.reshape(x, [cin, batch, rows, columns])], {
    kernel_shape: [rows, columns],
    pads: [top, 0, bottom, 0],
  });
  // [out, in/B, taps reversed, B in] -> [in/B, taps reversed, B in, out] -> [taps, in/B, B in], rows of out
  const byRow = g.transpose(g.reshape(result, [cout, height * width * cin]), [1, 0]);
  return permuteRows(g, byRow, [cin / block, height * width, block], [1, 0, 2], 0);
}
