/**
 * Phases as convolutions whose stride is the pooling window, in the blocked layout. onnxruntime takes an image of fewer
 * channels than a block as it is.
 *
 * The kernel gradient of a phase is a convolution, too: of each image with its own gradient as the kernel, whose taps lie as far
 * apart as the pooling windows.
 *
 *   gradient[tap] = sum over images and windows of x[window * stride + tap + offset - padding] dz[window]
 *
 * So the images are the groups of one convolution with n groups. A blocked dz [n, out/B, rows, columns, B] lies in memory as
 * such a kernel does, and needs no change.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../../network/network.ts';
import { blockedPixelSum } from '../blocked/pixel-sum.ts';
import { pads as forwardPads } from '../../network/windows.ts';
import {
  kernelOf,
  patchSize,
  shiftedKernel,
  withOffsets,
  type Offset,
  type PhaseOptions,
  type Phases,
} from './phases.ts';
import { permuteRows } from '../blocked/rows.ts';

export function blockedPhases(...options: PhaseOptions): Phases {
  const [context, conv, pool, input] = options;
  const { g, batch, block } = context;
  const { rows, columns, channels } = pool.output;
  const { channels: cin } = conv.input;
  const blocks = channels / block;
  // onnxruntime refuses a number of channels above the block that is no multiple of it: empty images make up for it.
  const groups = batch < block ? batch : Math.ceil(batch / block) * block;
  const padded = paddedImages(...options, groups);
  /** A sum over the images: [n, out] blocked -> [in, out / B, height, width, B]. */
  const overImages = (value: Value, [height, width]: Size): Value => {
    const split = g.reshape(value, [cin, groups, blocks * height * width * block]);
    return g.reshape(g.reduceSum(split, [1]), [cin, blocks, height, width, block]);
  };
  return {
    layout: 'blocked',
    phase(offset) {
      const { fits, taps, pads } = placeOf(conv, pool, offset);
      const kernel = fits
        ? kernelOf(context, conv, input.factor)
        : shiftedKernel(...options, offset);
      // [height, width, in, out] -> [out / B, in, height, width, B]
      const split = g.reshape(kernel, [taps[0] * taps[1], cin, blocks, block]);
      const weights = g.reshape(g.transpose(split, [2, 1, 0, 3]), [channels, cin, ...taps]);
      const bias = conv.bias && context.weight(conv.bias);
      return g.op('NchwcConv', [input.raw('nchw'), weights, bias], {
        kernel_shape: taps,
        strides: pool.strides,
        pads,
      });
    },
    kernelGradient(gradients) {
      const parts: Value[] = [];
      let sum: Value | undefined; // of the phases that fit: each convolution adds the one before
      for (const [[i, j], dz] of withOffsets(pool, gradients)) {
        const { fits, taps, pads } = placeOf(conv, pool, [i, j]);
        const [top = 0, left = 0, bottom = 0, right = 0] = pads;
        const all = withEmptyImages(g, g.reshape(dz, [batch, channels * rows * columns]), groups);
        const kernel = g.reshape(all, [groups * channels, 1, rows, columns]);
        const gradient = g.op(
          'NchwcConv',
          [padded(left, right), kernel, undefined, fits ? sum : undefined],
          {
            kernel_shape: [rows, columns],
            dilations: pool.strides,
            pads: [top, 0, bottom, 0],
            group: groups,
          },
        );
        if (fits) sum = gradient;
        else {
          const patch = overImages(gradient, taps);
          const cut = g.slice(patch, 2, i, i + conv.kernelSize[0]);
          parts.push(g.slice(cut, 3, j, j + conv.kernelSize[1]));
        }
      }
      if (sum) parts.push(overImages(sum, conv.kernelSize));
      const [only] = parts;
      const all = parts.length === 1 && only ? only : g.op('Sum', parts);
      const taps = conv.kernelSize[0] * conv.kernelSize[1];
      return permuteRows(g, all, [cin, blocks, taps], [2, 0, 1]);
    },
    biasGradient: (gradient) => blockedPixelSum(g, gradient),
  };
}

type Size = readonly [height: number, width: number];

/** A phase as a strided convolution. Where its padding would be negative, it takes the whole patch and a shifted kernel. */
function placeOf(
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  [i, j]: Offset,
): { readonly fits: boolean; readonly taps: Size; readonly pads: number[] } {
  const [top, left, bottom, right] = forwardPads(conv);
  const [p, q] = pool.poolSize;
  const pads = [top - i, left - j, bottom - (p - 1 - i), right - (q - 1 - j)];
  return pads.every((pad) => pad >= 0)
    ? { fits: true, taps: conv.kernelSize, pads }
    : { fits: false, taps: patchSize(conv, pool), pads: forwardPads(conv) };
}

/**
 * x as [in, groups, rows, columns] with zeros to the left and right: outputs at the padding of columns would be computed one by one.
 */
function paddedImages(
  ...[{ g, batch }, conv, , input, groups]: [...PhaseOptions, number]
): (left: number, right: number) => Value {
  const { rows, columns, channels } = conv.input;
  const known = new Map<string, Value>();
  const pad = (left: number, right: number): Value => {
    const images = withEmptyImages(
      g,
      g.reshape(input.raw('nchw'), [batch, channels * rows * columns]),
      groups,
    );
    const byImage = g.reshape(images, [groups, channels, rows * columns]);
    const byChannel = channels === 1 ? byImage : g.transpose(byImage, [1, 0, 2]);
    const lines = g.reshape(byChannel, [channels * groups * rows, columns]);
    const wide = left + right === 0 ? lines : g.op('Pad', [lines, g.ints([0, left, 0, right])]);
    return g.reshape(wide, [channels, groups, rows, left + columns + right]);
  };
  return (left, right) => {
    const key = `${left} ${right}`;
    const value = known.get(key) ?? pad(left, right);
    known.set(key, value);
    return value;
  };
}

/** [n, size] with rows of zeros after it, up to `groups`. */
function withEmptyImages(g: GraphBuilder, value: Value, groups: number): Value {
  const missing = groups - Number(value.shape[0]);
  return missing === 0 ? value : g.op('Pad', [value, g.ints([0, 0, missing, 0])]);
}
