/**
 * Fast path for a first convolution that is followed by max pooling: the pooled positions are computed apart.
 *
 * With a pooling window of p x q, position (i, j) of every window is one *phase*: the convolution's output at
 * (p y + i, q x + j) for all y, x. Each phase is one matrix product of image patches with the kernel, and pooling is an
 * element-wise maximum over the phases. Neither the full-size activation nor an unpooling is ever needed.
 *
 *   patches  [n * rows * columns, taps + 1]   the pixels under all phases of one window, and a 1 for the bias
 *   kernel_i [taps + 1, out]                  the kernel, shifted to its phase, and the bias in the last row
 *   z_i      = patches kernel_i               [n * rows * columns, out]
 *
 * Backward, the gradient goes to the first phase that attains the maximum, as in TensorFlow: flat regions (a black
 * background) tie all the time. Only for images, which need no gradient themselves.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../network.ts';
import { forwardPads } from './conv2d.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/** Whether the pooling windows tile the convolution's output, and the patches stay small. */
export function canPhasePool(conv: Conv2dSpec, pool: MaxPooling2dSpec): boolean {
  const [p, q] = pool.poolSize;
  const taps = patchSize(conv, pool).reduce((a, b) => a * b) * conv.input.channels;
  return conv.output.rows % p === 0 && conv.output.columns % q === 0 && p * q <= 9 && taps <= 128;
}

/** Height and width of the pixels under all phases of one window. */
function patchSize(conv: Conv2dSpec, pool: MaxPooling2dSpec): [number, number] {
  return [conv.kernelSize[0] + pool.poolSize[0] - 1, conv.kernelSize[1] + pool.poolSize[1] - 1];
}

export function lowerPhasePooling(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { g, batch } = context;
  const { rows, columns, channels } = pool.output;
  const patches = patchesOf(context, conv, pool, input);
  const [p, q] = pool.poolSize;
  const offsets = Array.from(
    { length: p * q },
    (_, phase) => [Math.floor(phase / q), phase % q] as const,
  );
  const phases = offsets.map(([i, j]) =>
    g.op('MatMul', [patches.byPixel, phaseKernel(context, conv, pool, i, j)]),
  );

  // Running maximum; later[k] says where phase k + 1 beats all before it (strictly: the first maximum wins).
  const later: Value[] = [];
  const pooled = phases.reduce((maximum, z) => {
    later.push(g.op('Greater', [z, maximum]));
    return g.op('Max', [maximum, z]);
  });
  const shape = [batch, rows, columns, channels];
  return {
    output: input.derive('nhwc', g.reshape(pooled, shape), pool.output),
    backward(gradient) {
      const dy = gradient.pixels(); // [n * rows * columns, out]
      let rest = dy;
      let restProduct = g.op('MatMul', [patches.byTap, dy]); // [taps + 1, out]
      const products: Value[] = [];
      for (let k = later.length - 1; k >= 0; k--) {
        const mask = later[k];
        if (!mask) break;
        const dz = g.op('Mul', [rest, g.cast(mask, 'float32')]);
        const product = g.op('MatMul', [patches.byTap, dz]);
        products.unshift(product);
        if (k > 0) rest = g.op('Sub', [rest, dz]);
        // patches' (rest - dz), without another pass over the activations.
        restProduct = g.op('Sub', [restProduct, product]);
      }
      products.unshift(restProduct);
      collectGradients(context, conv, pool, products, offsets);
      return undefined;
    },
  };
}

interface Patches {
  /** [n * rows * columns, taps + 1] */
  readonly byPixel: Value;
  /** [taps + 1, n * rows * columns] */
  readonly byTap: Value;
}

/**
 * All patches by one convolution with the identity: tap t is the output channel whose kernel is 1 at t alone. Its last
 * channel has no kernel and bias 1. (A Gather of the same elements takes six times as long.)
 */
function patchesOf(
  { g, batch }: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  input: Feature,
): Patches {
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
      input.as('nchw'),
      g.constant('float32', [taps + 1, channels, height, width], identity),
      g.constant('float32', [taps + 1], bias),
    ],
    { kernel_shape: [height, width], strides: pool.poolSize, pads: forwardPads(conv) },
  ); // [n, taps + 1, rows, columns]
  const pixels = pool.output.rows * pool.output.columns;
  const flat = g.reshape(patches, [batch, taps + 1, pixels]);
  return {
    byPixel: g.reshape(g.transpose(flat, [0, 2, 1]), [batch * pixels, taps + 1]),
    byTap: g.reshape(g.transpose(flat, [1, 0, 2]), [taps + 1, batch * pixels]),
  };
}

/** The kernel at offset (i, j) of the patch, zeros around it, and the bias as its last row. */
function phaseKernel(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  i: number,
  j: number,
): Value {
  const { g } = context;
  const [height, width] = patchSize(conv, pool);
  const { channels: cin } = conv.input;
  const { channels: cout } = conv.output;
  const after = [height - conv.kernelSize[0] - i, width - conv.kernelSize[1] - j];
  const shifted = g.op('Pad', [context.weight(conv.kernel), g.ints([i, j, 0, 0, ...after, 0, 0])]);
  const bias = conv.bias ? context.weight(conv.bias) : zeros(g, cout);
  return g.op(
    'Concat',
    [g.reshape(shifted, [height * width * cin, cout]), g.reshape(bias, [1, cout])],
    { axis: 0 },
  );
}

function zeros(g: GraphBuilder, size: number): Value {
  return g.constant('float32', [size], new Float32Array(size));
}

/** Cuts each phase's product back to the kernel's place, and adds them up. */
function collectGradients(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  products: readonly Value[],
  offsets: readonly (readonly [number, number])[],
): void {
  const { g } = context;
  const [height, width] = patchSize(conv, pool);
  const { channels: cin } = conv.input;
  const { channels: cout } = conv.output;
  const taps = height * width * cin;
  const cut = products.map((product, phase) => {
    const [i, j] = offsets[phase] ?? [0, 0];
    const grid = g.reshape(g.slice(product, 0, 0, taps), [height, width, cin, cout]);
    return g.slice(g.slice(grid, 0, i, i + conv.kernelSize[0]), 1, j, j + conv.kernelSize[1]);
  });
  context.gradient(conv.kernel, g.op('Sum', cut));
  if (conv.bias) {
    const biases = products.map((product) => g.slice(product, 0, taps, taps + 1));
    context.gradient(conv.bias, g.op('Sum', biases));
  }
}
