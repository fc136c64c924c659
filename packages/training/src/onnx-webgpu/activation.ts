/**
 * ReLU for a device. On the processor its gradient is a HardSigmoid with a huge slope, which passes infinity on the way;
 * WGSL lets an implementation assume that there is none ("Floating Point Evaluation").
 */
import type { ActivationSpec } from '../network/network.ts';
import { lowerActivation as lowerOther } from '../graph/activations.ts';
import type { Feature } from '../graph/feature.ts';
import type { Lowered, LoweringContext } from '../graph/lowering.ts';

export function lowerActivation(
  context: LoweringContext,
  layer: ActivationSpec,
  input: Feature,
): Lowered {
  if (layer.activation !== 'relu') return lowerOther(context, layer, input);
  const { g } = context;
  const { layout } = input;
  const y = g.op('Relu', [input.as(layout)]);
  return {
    output: input.derive(layout, y),
    backward(gradient) {
      const positive = g.op('Greater', [y, g.scalar(0)]);
      return gradient.derive(layout, g.op('Where', [positive, gradient.as(layout), g.scalar(0)]));
    },
  };
}
