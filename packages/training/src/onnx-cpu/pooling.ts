/**
 * Max pooling. Where windows do not overlap, with indices: onnxruntime's MaxPool keeps the first maximum of a window in row-major
 * order, which is TensorFlow's choice too; MaxUnpool sends the gradient back there. Where they do, a pixel may be the
 * maximum of several windows, and MaxUnpool would keep one of their gradients: there it is a tournament of the window's places.
 */
import type { MaxPooling2dSpec } from '../network/network.ts';
import { isTiling } from '../network/windows.ts';
import type { Feature } from '../graph/feature.ts';
import type { Lowered, LoweringContext } from '../graph/lowering.ts';
import { Taps, tapsOf } from '../graph/taps.ts';
import { distribute, tournament } from './tournament.ts';

export function lowerMaxPooling(
  context: LoweringContext,
  layer: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  return (isTiling(layer) ? lowerTiles : lowerOverlapping)(context, layer, input);
}

function lowerTiles(
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

/** Less than every finite pixel, and finite: a difference of two of them is 0. */
const LOWEST = -3.4028234663852886e38;

function lowerOverlapping(
  context: LoweringContext,
  layer: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { g } = context;
  const taps = new Taps(context, layer);
  const places = tapsOf(layer);
  const padded = taps.padded(input.as('nhwc'), LOWEST);
  const best = tournament(
    g,
    places.map((tap) => taps.at(padded, tap)),
  );
  return {
    output: input.derive('nhwc', best.value, layer.output),
    backward(gradient) {
      const perTap = distribute(g, best, gradient.raw('nhwc'));
      const images = places.map((tap, i) => {
        const values = perTap[i];
        if (!values) throw new Error('every tap has a gradient');
        return taps.back(values, tap);
      });
      return gradient.derive('nhwc', g.op('Sum', images), layer.input, gradient.factor);
    },
  };
}
