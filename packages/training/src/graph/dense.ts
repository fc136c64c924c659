/** Dense layers, Flatten and Reshape. */
import type { DenseSpec, FeatureShape, FlattenSpec, ReshapeSpec } from '../network/network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/** y = x W + b; dW = x' dy, db = sum of dy, dx = dy W'. */
export function lowerDense(
  context: LoweringContext,
  layer: DenseSpec,
  input: Feature,
  needsGradient: boolean,
): Lowered {
  const { g, batch } = context;
  const x = input.matrix(); // [n, in]
  const kernel = context.weight(layer.kernel); // [in, out]
  const bias = layer.bias && context.weight(layer.bias);
  const y = bias ? g.op('Gemm', [x, kernel, bias]) : g.op('MatMul', [x, kernel]);
  const units = layer.output.channels;
  return {
    output: input.derive('nhwc', g.reshape(y, [batch, 1, 1, units]), layer.output),
    backward(gradient) {
      const dy = gradient.matrix(); // [n, out]
      context.gradient(layer.kernel, g.op('Gemm', [x, dy], { transA: 1 }));
      if (layer.bias) context.gradient(layer.bias, g.reduceSum(dy, [0]));
      if (!needsGradient) return undefined;
      const dx = g.op('Gemm', [dy, kernel], { transB: 1 });
      return gradient.derive(
        'nhwc',
        g.reshape(dx, [batch, 1, 1, layer.input.channels]),
        layer.input,
      );
    },
  };
}

/** Row-major over rows, columns, channels, as in TensorFlow: only the shape changes. */
export function lowerReshape(
  { g, batch }: LoweringContext,
  layer: FlattenSpec | ReshapeSpec,
  input: Feature,
): Lowered {
  const sizes = (shape: FeatureShape): number[] => {
    const { rows, columns, channels } = shape;
    return [batch, rows, columns, channels];
  };
  const reshaped = g.reshape(input.as('nhwc'), sizes(layer.output));
  return {
    output: input.derive('nhwc', reshaped, layer.output),
    backward: (gradient) => {
      const dx = g.reshape(gradient.raw('nhwc'), sizes(layer.input));
      return gradient.derive('nhwc', dx, layer.input, gradient.factor);
    },
  };
}
