/**
 * Fast path for a first convolution that is followed by max pooling: the pooled positions are computed apart.
 *
 * With a pooling window of p x q, position (i, j) of every window is one *phase*: the convolution's output at
 * (p y + i, q x + j) for all y, x. Pooling is an element-wise maximum over the phases. Neither the full-size activation
 * nor an unpooling is ever needed. `phases.ts` has the two ways to compute a phase and to take its kernel gradient.
 *
 * Backward, the gradient goes to the first phase that attains the maximum, as in TensorFlow: flat regions (a black
 * background) tie all the time. Only for images, which need no gradient themselves.
 */
import type { Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';
import { blockedPhases, patchSize, productPhases } from './phases.ts';

/** Whether the pooling windows tile the convolution's output, and the patches stay small. */
export function canPhasePool(conv: Conv2dSpec, pool: MaxPooling2dSpec): boolean {
  const [p, q] = pool.poolSize;
  const taps = patchSize(conv, pool).reduce((a, b) => a * b) * conv.input.channels;
  return conv.output.rows % p === 0 && conv.output.columns % q === 0 && p * q <= 9 && taps <= 128;
}

export function lowerPhasePooling(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { g, block } = context;
  const [p, q] = pool.poolSize;
  const offsets = Array.from(
    { length: p * q },
    (_, phase) => [Math.floor(phase / q), phase % q] as const,
  );
  // onnxruntime takes an image of fewer channels than a block as it is.
  const isBlocked = block > 1 && conv.output.channels % block === 0 && conv.input.channels < block;
  const phases = (isBlocked ? blockedPhases : productPhases)(context, conv, pool, input);
  const z = offsets.map(([i, j]) => phases.phase(i, j));

  // Running maximum; later[k] says where phase k + 1 beats all before it (strictly: the first maximum wins).
  const later: Value[] = [];
  const pooled = z.reduce((maximum, next) => {
    later.push(g.op('Greater', [next, maximum]));
    return g.op('Max', [maximum, next]);
  });
  return {
    output: input.derive(phases.layout, pooled, pool.output),
    backward(gradient) {
      let rest = gradient.raw(phases.layout);
      let restProduct = phases.product(rest); // [taps + 1, out]
      const products: Value[] = [];
      for (let k = later.length - 1; k >= 0; k--) {
        const mask = later[k];
        if (!mask) break;
        const dz = g.op('Mul', [rest, g.cast(mask, 'float32')]);
        const product = phases.product(dz);
        products.unshift(product);
        if (k > 0) rest = g.op('Sub', [rest, dz]);
        // patches' (rest - dz), without another pass over the activations.
        restProduct = g.op('Sub', [restProduct, product]);
      }
      products.unshift(restProduct);
      collectGradients(context, conv, pool, products, offsets, [input.factor, gradient.factor]);
      return undefined;
    },
  };
}

/** Cuts each phase's product back to the kernel's place, and adds them up. */
function collectGradients(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  products: readonly Value[],
  offsets: readonly (readonly [number, number])[],
  [ofPixels, ofGradient]: readonly [number, number],
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
  const times = (value: Value, factor: number): Value =>
    factor === 1 ? value : g.op('Mul', [value, g.scalar(factor)]);
  context.gradient(conv.kernel, times(g.op('Sum', cut), ofPixels * ofGradient));
  if (conv.bias) {
    const biases = products.map((product) => g.slice(product, 0, taps, taps + 1));
    context.gradient(conv.bias, times(g.op('Sum', biases), ofGradient));
  }
}
