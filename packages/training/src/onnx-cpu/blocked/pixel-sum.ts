/** Sums in the blocked layout. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';

/**
 * The sum over images and pixels, [channels], of a blocked value: by the mean over the pixels, which is vectorised in
 * that layout, as a sum is not.
 */
export function blockedPixelSum(g: GraphBuilder, value: Value): Value {
  const [batch = 0, channels = 0, rows = 0, columns = 0] = value.shape.map(Number);
  const means = g.op('NchwcGlobalAveragePool', [value]);
  const sum = g.reduceSum(g.reshape(means, [batch, channels]), [0]);
  return g.op('Mul', [sum, g.scalar(rows * columns)]);
}
