/**
 * Max pooling in the blocked layout, which has no indices: the gradient finds its way by comparing.
 *
 *   top    = pool(x), blown up to x' size again
 *   code   = the rank of a position in its window where x = top (highest at the window's first position), 0 elsewhere
 *   first  = code = blown-up pool(code): the first maximum, TensorFlow's choice. Equal values are the rule, not the
 *            exception: a black background makes whole windows equal.
 *
 * Eleven passes, and still half the time of MaxPool with indices and MaxUnpool, which are not vectorised.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { featureCount, type MaxPooling2dSpec } from '../network.ts';
import { isZero } from './elementwise.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/** Whether the input is blocked and the windows tile it. */
export function canPoolBlocked(layer: MaxPooling2dSpec, input: Feature): boolean {
  const [p, q] = layer.poolSize;
  const { rows, columns } = layer.input;
  return input.layout === 'blocked' && rows % p === 0 && columns % q === 0;
}

export function lowerBlockedPooling(
  { g, block }: LoweringContext,
  layer: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const window = { kernel_shape: layer.poolSize, strides: layer.strides };
  const blownUp = (value: Value): Value =>
    g.op('NchwcUpsample', [value], { scales: [1, 1, ...layer.poolSize] });
  const x = input.as('blocked');
  const y = g.op('NchwcMaxPool', [x], window);
  return {
    output: input.derive('blocked', y, layer.output),
    backward(gradient) {
      const isTop = isZero(g, g.op('Sub', [x, blownUp(y)]));
      const code = g.op('Mul', [isTop, ranks(g, layer, block)]);
      const highest = blownUp(g.op('NchwcMaxPool', [code], window));
      // The highest code of a window is at least 1, so that positions with code 0 are never taken for it.
      const first = isZero(g, g.op('Sub', [code, highest]));
      const dx = g.op('Mul', [first, blownUp(gradient.raw('blocked'))]);
      return gradient.derive('blocked', dx, layer.input, gradient.factor);
    },
  };
}

/** [1, channels, rows, columns], blocked: p q at the first position of each window, 1 at its last. */
function ranks(
  g: GraphBuilder,
  { input, poolSize: [p, q] }: MaxPooling2dSpec,
  block: number,
): Value {
  const { rows, columns, channels } = input;
  const values = new Float32Array(featureCount(input));
  for (let i = 0; i < values.length; i++) {
    const pixel = Math.floor(i / block) % (rows * columns);
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    values[i] = p * q - ((row % p) * q + (column % q));
  }
  return g.constant('float32', [1, channels, rows, columns], values);
}
