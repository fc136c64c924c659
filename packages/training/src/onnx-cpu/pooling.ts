/**
 * Max pooling with indices. onnxruntime's MaxPool keeps the first maximum of a window in row-major order, which is
 * TensorFlow's choice too; MaxUnpool sends the gradient back there.
 */
import type { MaxPooling2dSpec } from '../network/network.ts';
import type { Feature } from '../graph/feature.ts';
import type { Lowered, LoweringContext } from '../graph/lowering.ts';

export function lowerMaxPooling(
  { g, batch }: LoweringContext,
  layer: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { rows, columns, channels } = layer.input;
  const window = { kernel_shape: layer.poolSize, strides: layer.strides };
  const [y, indices] = g.ops('MaxPool', [input.as('nchw')], window, 2);
  if (!y || !indices) throw new Error('MaxPool gave no indices');
  return {
    output: input.derive('nchw', y, layer.output),
    backward(gradient) {
      const shape = g.ints([batch, channels, rows, columns]);
      const dx = g.op('MaxUnpool', [gradient.raw('nchw'), indices, shape], window);
      return gradient.derive('nchw', dx, layer.input, gradient.factor);
    },
  };
}
