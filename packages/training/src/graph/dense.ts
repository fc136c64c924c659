/** Dense layers and Flatten. */
import type { DenseSpec, FlattenSpec } from '../network/network.ts';
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
export function lowerFlatten(
  { g, batch }: LoweringContext,
  layer: FlattenSpec,
  input: Feature,
): Lowered {
  const { rows, columns, channels } = layer.input;
  const units = layer.output.channels;
  return {
    output: input.derive('nhwc', g.reshape(input.as('nhwc'), [batch, 1, 1, units]), layer.output),
    backward: (gradient) =>
      gradient.derive(
        'nhwc',
        g.reshape(gradient.raw('nhwc'), [batch, rows, columns, channels]),
        layer.input,
        gradient.factor,
      ),
  };
}
