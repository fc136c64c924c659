/**
 * Convolution in onnxruntime's blocked layout (MLAS' NCHWc kernels), forward, input gradient and kernel gradient.
 * onnxruntime's optimiser uses these operators itself, but only where the weights are constant; in a training
 * graph they are not, so the graph says them outright.
 *
 * Block B is 8 with AVX2, 16 with AVX-512 (block-size.ts finds out). A kernel [out, in, height, width] is laid out as
 * [out/B, in/B, height, width, B in, B out].
 *
 * MLAS computes six outputs of a row at once, but each output whose window touches the padding of columns alone, at a third or
 * a quarter of the speed. So columns are padded by real zeros first (`widened`), rows by the convolution.
 *
 * Changes of layout use what onnxruntime has fast code for: rows of the last axes in another order (`rows.ts`), the transpose of
 * a matrix, and its own reordering into blocks, which takes the batch for channels here. Every other Transpose moves single
 * floats, ten times slower.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec } from '../../network/network.ts';
import { blockedPixelSum } from './pixel-sum.ts';
import { isDense, pads } from '../../network/windows.ts';
import { backwardPads, kernelGradient } from '../../graph/conv2d.ts';
import type { Feature } from '../../graph/feature.ts';
import type { Lowered, LoweringContext } from '../../graph/lowering.ts';
import { permuteRows } from './rows.ts';

/** Whether both channel counts are whole numbers of blocks. */
export function canBlock(layer: Conv2dSpec, block: number): boolean {
  const fills = [layer.input, layer.output].every(({ channels }) => channels % block === 0);
  return block > 1 && fills && isDense(layer);
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
  const [top, left, bottom, right] = pads(layer);
  const wide = widened(g, input.as('blocked'), left, right);
  const y = g.op('NchwcConv', [wide, weights, ...(bias ? [bias] : [])], {
    kernel_shape: layer.kernelSize,
    pads: [top, 0, bottom, 0],
  });
  return {
    output: input.derive('blocked', y, layer.output),
    backward(gradient) {
      const times = (value: Value): Value =>
        gradient.factor === 1 ? value : g.op('Mul', [value, g.scalar(gradient.factor)]);
      if (batch % block === 0) {
        context.gradient(
          layer.kernel,
          times(blockedKernelGradient(context, layer, wide, gradient)),
        );
      } else {
        context.gradient(layer.kernel, kernelGradient(context, layer, input, gradient));
      }
      if (layer.bias)
        context.gradient(layer.bias, times(blockedPixelSum(g, gradient.raw('blocked'))));
      if (!needsGradient) return undefined;
      // The gradient's factor goes into the kernel, which is the smaller of the two.
      const turned = backwardKernel(g, layer, kernel, block, gradient.factor);
      const [above = 0, before = 0, below = 0, after = 0] = backwardPads(layer);
      const dy = widened(g, gradient.raw('blocked'), before, after);
      const dx = g.op('NchwcConv', [dy, turned], {
        kernel_shape: layer.kernelSize,
        pads: [above, 0, below, 0],
      });
      return gradient.derive('blocked', dx, layer.input);
    },
  };
}

/**
 * Zeros to the left and right of each row: a depthwise convolution with 1, which is done on all threads (`Pad` takes two to five
 * times as long).
 */
function widened(g: GraphBuilder, value: Value, left: number, right: number): Value {
  if (left + right === 0) return value;
  const [, channels = 0] = value.shape.map(Number);
  const one = g.constant('float32', [channels, 1, 1, 1], new Float32Array(channels).fill(1));
  return g.op('NchwcConv', [value, one], {
    kernel_shape: [1, 1],
    pads: [0, left, 0, right],
    group: channels,
  });
}

/**
 * Needs a batch that is a whole number of blocks. The batch takes the place of the channels, x that of the image, dy
 * that of the kernel:
 *
 *   gradient[tap] = sum over images and pixels of x[pixel + tap - padding] dy[pixel]
 *
 * That would make rows of `width` outputs, too short for the kernels of MLAS. So the B channels of a block lie side by side in the
 * columns (column * B + channel), and the kernel takes every B-th column: rows of width * B outputs, a third faster. It is also
 * the order in which the reordering leaves them.
 *
 * @param wide x, blocked, with its columns padded
 */
function blockedKernelGradient(
  { g, batch, block }: LoweringContext,
  layer: Conv2dSpec,
  wide: Value,
  gradient: Feature,
): Value {
  const [height, width] = layer.kernelSize;
  const { rows, channels: cin } = layer.input;
  const { channels: cout, rows: outRows, columns: outColumns } = layer.output;
  const [top, , bottom] = pads(layer);
  const columns = outColumns + width - 1;
  // [n, in/B * pixels, B in] -> [n/B, in/B, pixels, B in, B n] -> [in/B, n/B, ..]: images of n channels.
  const byBatch = g.op('NchwcReorderInput', [
    g.reshape(wide, [1, batch, (cin / block) * rows * columns, block]),
  ]);
  const swapped = g.transpose(
    g.reshape(byBatch, [batch / block, cin / block, rows * columns * block * block]),
    [1, 0, 2],
  );
  const x = g.reshape(swapped, [cin / block, batch, rows, columns * block]);
  // [n/B, B n, out/B, pixels] -> [out/B, n/B, pixels, B n], rows of B out: a kernel [out, n, rows, columns].
  const from = [batch / block, block, cout / block, outRows * outColumns];
  const dy = permuteRows(g, gradient.raw('blocked'), from, [2, 0, 3, 1]);
  const result = g.op('NchwcConv', [x, g.reshape(dy, [cout, batch, outRows, outColumns])], {
    kernel_shape: [outRows, outColumns],
    dilations: [1, block],
    pads: [top, 0, bottom, 0],
  });
  // [in/B, out/B, taps, B in] -> [taps, in/B, B in, out/B], rows of B out
  return permuteRows(g, result, [cin / block, cout / block, height * width, block], [2, 0, 3, 1]);
}
