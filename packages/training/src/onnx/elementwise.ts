/** Activations and dropout: one value in, one out, in whatever layout it arrives. */
import type { ActivationSpec, DropoutSpec } from '../network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

const operatorOf = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' } as const;

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
      const dy = gradient.as(layout);
      const slope = (() => {
        switch (layer.activation) {
          // Two passes, and yet three times as fast as onnxruntime's Sign, which is not vectorised.
          case 'relu':
            return g.cast(g.op('Greater', [y, g.scalar(0)]), 'float32');
          case 'sigmoid':
            return g.op('Mul', [y, g.op('Sub', [g.scalar(1), y])]);
          case 'tanh':
            return g.op('Sub', [g.scalar(1), g.op('Mul', [y, y])]);
        }
      })();
      return gradient.derive(layout, g.op('Mul', [dy, slope]));
    },
  };
}

/** Inverted dropout. The mask is drawn outside (dropout-masks.ts) and fed in TensorFlow's order. */
export function lowerDropout(
  context: LoweringContext,
  layer: DropoutSpec,
  input: Feature,
): Lowered {
  const { g } = context;
  const mask = context.dropoutMask(layer);
  if (!mask) return { output: input, backward: (gradient) => gradient };
  return {
    output: input.derive('nhwc', g.op('Mul', [input.as('nhwc'), mask])),
    backward: (gradient) => gradient.derive('nhwc', g.op('Mul', [gradient.as('nhwc'), mask])),
  };
}
