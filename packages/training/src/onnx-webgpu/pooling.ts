/**
 * Max pooling without indices, which the WebGPU provider does not give. A window is two axes of its own, so that its maximum is
 * one reduction; backward, the gradient goes to the first maximum of each window in row-major order, TensorFlow's choice:
 *
 *   x       [n, R, p, C, q, channels]      y = max over p and q, [n, R, 1, C, 1, channels]
 *   rank    [p, 1, q, 1]                   p q at the window's first position, down to 1 at its last
 *   weight  = rank where x = y, else 0     first = (weight = its maximum over p and q)
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { MaxPooling2dSpec } from '../network/network.ts';
import type { Feature } from '../graph/feature.ts';
import type { Lowered, LoweringContext } from '../graph/lowering.ts';

export function lowerMaxPooling(
  { g, batch }: LoweringContext,
  layer: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const [p, q] = layer.poolSize;
  const { rows, columns, channels } = layer.output;
  const windows = windowsOf(g, batch, layer, input.as('nhwc'));
  const axes = g.ints([2, 4]);
  const maxima = g.op('ReduceMax', [windows, axes], { keepdims: 1 }); // [n, R, 1, C, 1, channels]
  return {
    output: input.derive('nhwc', g.reshape(maxima, [batch, rows, columns, channels]), layer.output),
    backward(gradient) {
      const rank = g.constant(
        'float32',
        [p, 1, q, 1],
        Float32Array.from({ length: p * q }, (_, i) => p * q - i),
      );
      const weight = g.op('Where', [g.op('Equal', [windows, maxima]), rank, g.scalar(0)]);
      const first = g.op('Equal', [weight, g.op('ReduceMax', [weight, axes], { keepdims: 1 })]);
      const dy = g.reshape(gradient.as('nhwc'), [batch, rows, 1, columns, 1, channels]);
      const dx = g.op('Where', [first, dy, g.scalar(0)]);
      return gradient.derive('nhwc', imageOf(g, batch, layer, dx), layer.input);
    },
  };
}

/** [n, rows, columns, channels] -> [n, R, p, C, q, channels]: what lies under no window is cut off. */
function windowsOf(g: GraphBuilder, batch: number, layer: MaxPooling2dSpec, x: Value): Value {
  const { rows, columns, channels } = layer.output;
  const [p, q] = layer.poolSize;
  const [down, right] = layer.strides;
  const [height, width] = coveredSize(layer);
  let image = x;
  if (height < layer.input.rows) image = g.slice(image, 1, 0, height);
  if (width < layer.input.columns) image = g.slice(image, 2, 0, width);
  const more: [number, number] = [rows * down - height, columns * right - width];
  if (more[0] > 0 || more[1] > 0) image = g.op('Pad', [image, g.ints([0, 0, 0, 0, 0, ...more, 0])]);
  let windows = g.reshape(image, [batch, rows, down, columns, right, channels]);
  if (p < down) windows = g.slice(windows, 2, 0, p);
  if (q < right) windows = g.slice(windows, 4, 0, q);
  return windows;
}

/** The way back: zeros where no window lies. */
function imageOf(g: GraphBuilder, batch: number, layer: MaxPooling2dSpec, windows: Value): Value {
  const { rows, columns, channels } = layer.output;
  const [p, q] = layer.poolSize;
  const [down, right] = layer.strides;
  let whole = windows;
  if (p < down || q < right) {
    whole = g.op('Pad', [whole, g.ints([0, 0, 0, 0, 0, 0, 0, 0, down - p, 0, right - q, 0])]);
  }
  let image = g.reshape(whole, [batch, rows * down, columns * right, channels]);
  const { rows: height, columns: width } = layer.input;
  if (rows * down > height) image = g.slice(image, 1, 0, height);
  if (columns * right > width) image = g.slice(image, 2, 0, width);
  const rest = [Math.max(0, height - rows * down), Math.max(0, width - columns * right)] as const;
  if (rest[0] + rest[1] === 0) return image;
  return g.op('Pad', [image, g.ints([0, 0, 0, 0, 0, ...rest, 0])]);
}

/** Rows and columns under the windows and the gaps between them, as far as the image reaches. */
function coveredSize({ input, output, strides }: MaxPooling2dSpec): [number, number] {
  return [
    Math.min(input.rows, output.rows * strides[0]),
    Math.min(input.columns, output.columns * strides[1]),
  ];
}
