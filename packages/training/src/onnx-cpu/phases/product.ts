/**
 * Phases as matrix products, pixels by channels: what works on every processor and with any number of channels.
 *
 *   patches  [n, taps + 1, pixels]   the pixels under all phases of one pooling window, and a 1 for the bias
 */
import type { Value } from '@fashion-bench/onnx';
import {
  patchSize,
  shiftedKernel,
  withOffsets,
  type Offset,
  type PhaseOptions,
  type Phases,
} from './phases.ts';
import { pads } from '../../network/windows.ts';

export function productPhases(...options: PhaseOptions): Phases {
  const [{ g, batch }, conv, pool] = options;
  const { rows, columns, channels } = pool.output;
  const [height, width] = patchSize(conv, pool);
  const { channels: cin } = conv.input;
  const taps = height * width * cin;
  const patches = patchesOf(...options);
  /** Sum over images and pixels of patch times gradient, cut to the kernel's place: [height, width, in, out]. */
  const product = (dz: Value, [i, j]: Offset): Value => {
    const pixels = g.reshape(dz, [batch, rows * columns, channels]);
    const all = g.reduceSum(g.op('MatMul', [patches, pixels]), [0]);
    const grid = g.reshape(g.slice(all, 0, 0, taps), [height, width, cin, channels]);
    return g.slice(g.slice(grid, 0, i, i + conv.kernelSize[0]), 1, j, j + conv.kernelSize[1]);
  };
  return {
    layout: 'nhwc',
    phase(offset) {
      const z = g.op('FusedMatMul', [patches, patchKernel(...options, offset)], { transA: 1 });
      return g.reshape(z, [batch, rows, columns, channels]);
    },
    kernelGradient(gradients) {
      const each = withOffsets(pool, gradients);
      return g.op(
        'Sum',
        each.map(([offset, dz]) => product(dz, offset)),
      );
    },
    biasGradient(gradient) {
      return g.reduceSum(g.reshape(gradient, [batch * rows * columns, channels]), [0]);
    },
  };
}

/**
 * All patches by one convolution with the identity: tap t is the output channel whose kernel is 1 at t alone. Its last
 * channel has no kernel and bias 1. (A Gather of the same elements takes six times as long.)
 */
function patchesOf(...[{ g, batch }, conv, pool, input]: PhaseOptions): Value {
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
    { kernel_shape: [height, width], strides: pool.poolSize, pads: pads(conv) },
  );
  return g.reshape(patches, [batch, taps + 1, pool.output.rows * pool.output.columns]);
}

/** The shifted kernel as a matrix [taps + 1, out], the bias in its last row. */
function patchKernel(...[context, conv, pool, input, offset]: [...PhaseOptions, Offset]): Value {
  const { g } = context;
  const { channels } = conv.output;
  const shifted = shiftedKernel(context, conv, pool, input, offset);
  const bias = conv.bias
    ? context.weight(conv.bias)
    : g.constant('float32', [channels], new Float32Array(channels));
  return g.op('Concat', [g.reshape(shifted, [-1, channels]), g.reshape(bias, [1, channels])], {
    axis: 0,
  });
}
