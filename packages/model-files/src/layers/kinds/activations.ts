/** Layers that apply a function number by number. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { z } from 'zod';
import { layerKind, type LayerKind, type Settings } from '../layer-kind.ts';
import { activation as activationName } from '../serialized.ts';
import { settings } from '../settings.ts';
import { checkLastAxis } from '../shapes.ts';

export const activation = layerKind(settings({ activation: activationName }), {
  activation: (config) => config.activation,
  lower: (l, config) => l.activated(config.activation, l.feature),
});

export const softmax = layerKind(settings({ axis: z.number().int().default(-1) }), {
  output: ({ axis }, input, at) => {
    checkLastAxis(axis, input, at, 'sums');
    return input;
  },
  activation: () => 'softmax',
  lower: (l) => l.activated('softmax', l.feature),
});

function elementwise<C extends Settings>(
  name: string,
  schema: z.ZodType<C>,
  apply: (g: GraphBuilder, x: Value, config: C) => Value,
): LayerKind {
  return layerKind(schema, {
    activation: () => name,
    lower: (l, config) => l.each((x) => apply(l.g, x, config)),
  });
}

const zero = z.literal(0).default(0);

export const reLu = elementwise(
  'relu',
  settings({ max_value: z.number().positive().optional(), negative_slope: zero, threshold: zero }),
  (g, x, { max_value: most }) =>
    most === undefined ? g.op('Relu', [x]) : g.op('Clip', [x, g.scalar(0), g.scalar(most)]),
);

/** TensorFlow.js knows no other alpha. */
export const elu = elementwise('elu', settings({ alpha: z.literal(1).default(1) }), (g, x) =>
  g.op('Elu', [x]),
);

export const leakyReLu = elementwise(
  'leakyRelu',
  // Keras 3's name for it, and that of Keras 2 and TensorFlow.js.
  settings({ negative_slope: z.number().optional(), alpha: z.number().optional() }).transform(
    ({ negative_slope: slope, alpha, ...config }) => ({ ...config, alpha: slope ?? alpha ?? 0.3 }),
  ),
  (g, x, { alpha }) => g.op('LeakyRelu', [x], { alpha }),
);

export const thresholdedReLu = elementwise(
  'thresholdedRelu',
  settings({ theta: z.number().nonnegative().default(1) }),
  (g, x, { theta: alpha }) => g.op('ThresholdedRelu', [x], { alpha }),
);

export const rescaling = layerKind(settings({ scale: z.number(), offset: z.number().default(0) }), {
  lower: (l, { scale, offset }) =>
    l.each((x) => l.g.op('Add', [l.g.op('Mul', [x, l.g.scalar(scale)]), l.g.scalar(offset)])),
});
