/**
 * One phase of a pooled first convolution (phase-pooling.ts), and the product that its kernel gradient is made of.
 *
 *   patches  [n, taps + 1, pixels]   the pixels under all phases of one pooling window, and a 1 for the bias
 *   product  = sum over n of patches dz   [taps + 1, out]
 *
 * Two ways: a strided convolution in the blocked layout, where the channels fill whole blocks; a matrix product of the
 * patches with the kernel anywhere else.
 */
import type { Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../network.ts';
import { forwardPads } from './conv2d.ts';
import type { Feature, Layout } from './feature.ts';
import type { LoweringContext } from './lowering.ts';

export interface Phases {
  /** The layout that phases are in, and gradients must come in. */
  readonly layout: Layout;
  /** The convolution at position (i, j) of every pooling window, bias included. */
  phase(i: number, j: number): Value;
  /** Sum over images and pixels of patch times gradient: [taps + 1, out], the last row for the bias. */
  product(dz: Value): Value;
}

type Options = readonly [LoweringContext, Conv2dSpec, MaxPooling2dSpec, Feature];

/** Height and width of the pixels under all phases of one window. */
export function patchSize(conv: Conv2dSpec, pool: MaxPooling2dSpec): [number, number] {
  return [conv.kernelSize[0] + pool.poolSize[0] - 1, conv.kernelSize[1] + pool.poolSize[1] - 1];
}

/** Phases as matrix products, pixels by channels: what works on every processor and with any number of channels. */
export function productPhases(...options: Options): Phases {
  const [context, conv, pool] = options;
  const { g, batch } = context;
  const { rows, columns, channels } = pool.output;
  const patches = patchesOf(...options);
  return {
    layout: 'nhwc',
    phase(i, j) {
      const z = g.op('FusedMatMul', [patches, patchKernel(...options, i, j)], { transA: 1 });
      return g.reshape(z, [batch, rows, columns, channels]);
    },
    product(dz) {
      const pixels = g.reshape(dz, [batch, rows * columns, conv.output.channels]);
      return g.reduceSum(g.op('MatMul', [patches, pixels]), [0]);
    },
  };
}

/** Phases as convolutions whose stride is the pooling window, in the blocked layout. */
export function blockedPhases(...options: Options): Phases {
  const [context, conv, pool, input] = options;
  const { g, batch, block } = context;
  const { rows, columns, channels } = pool.output;
  const patches = patchesOf(...options);
  const taps = (patches.shape[1] ?? 0) as number;
  const [top = 0, left = 0, bottom = 0, right = 0] = forwardPads(conv);
  const [p, q] = pool.poolSize;
  return {
    layout: 'blocked',
    phase(i, j) {
      const pads = [top - i, left - j, bottom - (p - 1 - i), right - (q - 1 - j)];
      const fits = pads.every((pad) => pad >= 0);
      const [height, width] = fits ? conv.kernelSize : patchSize(conv, pool);
      const kernel = fits ? kernelOf(context, conv, input.factor) : shiftedKernel(...options, i, j);
      // [height, width, in, out] -> [out / B, in, height, width, B]
      const split = g.reshape(kernel, [
        height * width,
        conv.input.channels,
        channels / block,
        block,
      ]);
      const weights = g.reshape(g.transpose(split, [2, 1, 0, 3]), [
        channels,
        conv.input.channels,
        height,
        width,
      ]);
      return g.op(
        'NchwcConv',
        [input.raw('nchw'), weights, conv.bias && context.weight(conv.bias)],
        {
          kernel_shape: [height, width],
          strides: pool.strides,
          pads: fits ? pads : forwardPads(conv),
        },
      );
    },
    product(dz) {
      const split = g.reshape(dz, [batch, channels / block, rows * columns, block]);
      const each = g.op('MatMul', [g.reshape(patches, [batch, 1, taps, rows * columns]), split]);
      const sum = g.reduceSum(each, [0]); // [out / B, taps + 1, B]
      return g.reshape(g.transpose(sum, [1, 0, 2]), [taps, channels]);
    },
  };
}

/**
 * All patches by one convolution with the identity: tap t is the output channel whose kernel is 1 at t alone. Its last
 * channel has no kernel and bias 1. (A Gather of the same elements takes six times as long.)
 */
function patchesOf(...[{ g, batch }, conv, pool, input]: Options): Value {
  const [height, width] = patchSize(conv, pool);
  const { channels } = conv.input;
  const taps = height * width * channels;
  const identity = new Float32Array((taps + 1) * taps);
  for (let tap = 0; tap < taps; tap++) {
    // Taps run over rows, columns, channels; ONNX kernels over channels, rows, columns.
    const channel = tap % channels;
    const pixel = (tap - channel) / channels;
    identity[tap * taps + channel * height * width + pixel] = 1;
  }
  const bias = new Float32Array(taps + 1);
  bias[taps] = 1;
  const patches = g.op(
    'Conv',
    [
      input.raw('nchw'),
      g.constant('float32', [taps + 1, channels, height, width], identity),
      g.constant('float32', [taps + 1], bias),
    ],
    { kernel_shape: [height, width], strides: pool.poolSize, pads: forwardPads(conv) },
  );
  return g.reshape(patches, [batch, taps + 1, pool.output.rows * pool.output.columns]);
}

/** The convolution's kernel, times the factor that the pixels still lack: [height, width, in, out]. */
function kernelOf(context: LoweringContext, conv: Conv2dSpec, factor: number): Value {
  const { g } = context;
  const kernel = context.weight(conv.kernel);
  return factor === 1 ? kernel : g.op('Mul', [kernel, g.scalar(factor)]);
}

/** The kernel at offset (i, j) of the patch, zeros around it: [patch height, patch width, in, out]. */
function shiftedKernel(...[context, conv, pool, input, i, j]: [...Options, number, number]): Value {
  const { g } = context;
  const [height, width] = patchSize(conv, pool);
  const after = [height - conv.kernelSize[0] - i, width - conv.kernelSize[1] - j];
  const kernel = kernelOf(context, conv, input.factor);
  return g.op('Pad', [kernel, g.ints([i, j, 0, 0, ...after, 0, 0])]);
}

/** The shifted kernel as a matrix [taps + 1, out], the bias in its last row. */
function patchKernel(...[context, conv, pool, input, i, j]: [...Options, number, number]): Value {
  const { g } = context;
  const { channels } = conv.output;
  const shifted = shiftedKernel(context, conv, pool, input, i, j);
  const bias = conv.bias
    ? context.weight(conv.bias)
    : g.constant('float32', [channels], new Float32Array(channels));
  return g.op('Concat', [g.reshape(shifted, [-1, channels]), g.reshape(bias, [1, channels])], {
    axis: 0,
  });
}
