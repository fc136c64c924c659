/** Layers that change the size of an image without looking at its pixels. */
import type { UpSampling2dSpec, ZeroPadding2dSpec } from '../network/network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

export function lowerZeroPadding(
  { g }: LoweringContext,
  layer: ZeroPadding2dSpec,
  input: Feature,
): Lowered {
  const [[top, bottom], [left, right]] = layer.pads;
  const widths = [0, top, left, 0, 0, bottom, right, 0];
  const y = g.op('Pad', [input.as('nhwc'), g.ints(widths)]);
  return {
    output: input.derive('nhwc', y, layer.output),
    backward(gradient) {
      // Negative widths cut off.
      const dx = g.op('Pad', [gradient.raw('nhwc'), g.ints(widths.map((width) => 0 - width))]);
      return gradient.derive('nhwc', dx, layer.input, gradient.factor);
    },
  };
}

/** [n, rows, columns, channels] -> [n, rows, 1, columns, 1, channels] -> the two ones as large as `size`. */
export function lowerUpSampling(
  { g, batch }: LoweringContext,
  layer: UpSampling2dSpec,
  input: Feature,
): Lowered {
  const { rows, columns, channels } = layer.input;
  const [down, right] = layer.size;
  const apart = [batch, rows, down, columns, right, channels];
  const single = g.reshape(input.as('nhwc'), [batch, rows, 1, columns, 1, channels]);
  const repeated = g.op('Expand', [single, g.ints(apart)]);
  const size = [batch, layer.output.rows, layer.output.columns, channels];
  return {
    output: input.derive('nhwc', g.reshape(repeated, size), layer.output),
    backward(gradient) {
      const dx = g.reduceSum(g.reshape(gradient.raw('nhwc'), apart), [2, 4]);
      return gradient.derive('nhwc', dx, layer.input, gradient.factor);
    },
  };
}
