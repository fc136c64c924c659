/**
 * Fast path for a first convolution that is followed by max pooling: the pooled positions are computed apart.
 *
 * With a pooling window of p x q, position (i, j) of every window is one *phase*: the convolution's output at
 * (p y + i, q x + j) for all y, x. Pooling is an element-wise maximum over the phases. Neither the full-size activation
 * nor an unpooling is ever needed. `blocked.ts` and `product.ts` are the two ways to
 * compute a phase and its kernel gradient.
 *
 * Only for images, which need no gradient themselves.
 */
import type { Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../../network/network.ts';
import { isDense, isTiling } from '../../network/windows.ts';
import type { Feature } from '../../graph/feature.ts';
import type { Lowered, LoweringContext } from '../../graph/lowering.ts';
import { blockedPhases } from './blocked.ts';
import { offsets, patchSize } from './phases.ts';
import { productPhases } from './product.ts';
import { distribute, tournament } from '../tournament.ts';

/** Whether the pooling windows tile the convolution's output, and the patches stay small. */
export function canPhasePool(conv: Conv2dSpec, pool: MaxPooling2dSpec): boolean {
  const [p, q] = pool.poolSize;
  const taps = patchSize(conv, pool).reduce((a, b) => a * b) * conv.input.channels;
  if (!isDense(conv) || !isTiling(pool)) return false;
  return conv.output.rows % p === 0 && conv.output.columns % q === 0 && p * q <= 9 && taps <= 128;
}

export function lowerPhasePooling(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { g, block } = context;
  // onnxruntime takes an image of fewer channels than a block as it is.
  const isBlocked = block > 1 && conv.output.channels % block === 0 && conv.input.channels < block;
  const phases = (isBlocked ? blockedPhases : productPhases)(context, conv, pool, input);
  const pooled = tournament(
    g,
    offsets(pool).map((offset) => phases.phase(offset)),
  );
  return {
    output: input.derive(phases.layout, pooled.value, pool.output),
    backward(gradient) {
      const times = (value: Value, factor: number): Value =>
        factor === 1 ? value : g.op('Mul', [value, g.scalar(factor)]);
      const dy = gradient.raw(phases.layout);
      const kernel = phases.kernelGradient(distribute(g, pooled, dy));
      context.gradient(conv.kernel, times(kernel, input.factor * gradient.factor));
      if (conv.bias) context.gradient(conv.bias, times(phases.biasGradient(dy), gradient.factor));
      return undefined;
    },
  };
}
