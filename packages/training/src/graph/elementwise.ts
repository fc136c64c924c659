/** Activations and dropout: one value in, one out, in whatever layout it arrives. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { ActivationSpec, DropoutSpec } from '../network/network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

const operatorOf = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' } as const;

/**
 * 1 where x > 0 and 0 elsewhere, in one pass: HardSigmoid is max(0, min(1, alpha x + beta)). `Greater` and `Cast` are two passes,
 * `Sign` is one but not vectorised. Between 0 and 3e-39 (below float32's normal numbers) it is a fraction.
 */
export function isPositive(g: GraphBuilder, x: Value): Value {
  return g.op('HardSigmoid', [x], { alpha: 3e38, beta: 0 });
}

export function lowerActivation(
  { g }: LoweringContext,
  layer: ActivationSpec,
  input: Feature,
): Lowered {
  const { layout } = input;
  const y = g.op(operatorOf[layer.activation], [input.as(layout)]);
  const output = input.derive(layout, y);
  return {
    output,
    backward(gradient) {
      const slope = (() => {
        switch (layer.activation) {
          case 'relu':
            return isPositive(g, y);
          case 'sigmoid':
            return g.op('Mul', [y, g.op('Sub', [g.scalar(1), y])]);
          case 'tanh':
            return g.op('Sub', [g.scalar(1), g.op('Mul', [y, y])]);
        }
      })();
      const dx = g.op('Mul', [gradient.raw(layout), slope]);
      return gradient.derive(layout, dx, gradient.shape, gradient.factor);
    },
  };
}

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
    backward: (gradient) =>
      gradient.derive(
        layout,
        g.op('Mul', [gradient.raw(layout), mask]),
        gradient.shape,
        gradient.factor,
      ),
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
      return gradient.derive(layout, dx, gradient.shape, gradient.factor * keep);
    },
  };
}
