/** Dropout and Rescaling: one value in, one out, in whatever layout it arrives. */
import type { DropoutSpec, RescalingSpec } from '../network/network.ts';
import { isPositive } from './activations.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/** Inverted dropout. The mask is drawn outside (dropout-masks.ts) and fed in the layout that is wanted. */
export function lowerDropout(
  context: LoweringContext,
  layer: DropoutSpec,
  input: Feature,
): Lowered {
  const { g } = context;
  const layout = input.layout === 'blocked' ? 'blocked' : 'nhwc';
  const mask = context.dropoutMask(layer, layout);
  if (!mask) return { output: input, backward: (gradient) => gradient };
  return {
    output: input.derive(layout, g.op('Mul', [input.as(layout), mask])),
    backward: (gradient) => gradient.map(layout, g.op('Mul', [gradient.raw(layout), mask])),
  };
}

/**
 * ReLU with the dropout behind it. y = max(x, 0) mask is positive exactly where both let the gradient through, so that
 * y alone says what the backward pass needs, up to the factor 1 / (1 - rate).
 */
export function lowerReluDropout(
  context: LoweringContext,
  layer: DropoutSpec,
  input: Feature,
): Lowered {
  const { g } = context;
  const layout = input.layout === 'blocked' ? 'blocked' : 'nhwc';
  const positive = g.op('Relu', [input.as(layout)]);
  const mask = context.dropoutMask(layer, layout);
  const y = mask ? g.op('Mul', [positive, mask]) : positive;
  const keep = mask ? 1 / (1 - layer.rate) : 1;
  return {
    output: input.derive(layout, y),
    backward(gradient) {
      const dx = g.op('Mul', [gradient.raw(layout), isPositive(g, y)]);
      return gradient.map(layout, dx).times(keep);
    },
  };
}

export function lowerRescaling(
  { g }: LoweringContext,
  { scale, offset }: RescalingSpec,
  input: Feature,
): Lowered {
  const { layout } = input;
  const scaled = input.times(scale);
  const output =
    offset === 0
      ? scaled
      : input.derive(layout, g.op('Add', [scaled.as(layout), g.scalar(offset)]));
  return { output, backward: (gradient) => gradient.times(scale) };
}
