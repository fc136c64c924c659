/**
 * Average pooling: the mean of the pixels of each window that lie inside the image, as in TensorFlow. Every pixel of a window gets
 * the same share of its gradient.
 */
import type { Value } from '@fashion-bench/onnx';
import type { AveragePooling2dSpec } from '../network/network.ts';
import { pads, windowSize } from '../network/windows.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

export function lowerAveragePooling(
  context: LoweringContext,
  layer: AveragePooling2dSpec,
  input: Feature,
): Lowered {
  const { g } = context;
  const y = g.op('AveragePool', [input.as('nchw')], {
    ...{ kernel_shape: layer.poolSize, strides: layer.strides, pads: pads(layer) },
    count_include_pad: 0,
  });
  return {
    output: input.derive('nchw', y, layer.output),
    backward(gradient) {
      const shares = g.op('Mul', [gradient.raw('nchw'), sharesOf(context, layer)]);
      return gradient.derive('nchw', spread(context, layer, shares), layer.input, gradient.factor);
    },
  };
}

/** 1 / (pixels of the window inside the image), [1, 1, output rows, output columns]. */
function sharesOf({ g }: LoweringContext, layer: AveragePooling2dSpec): Value {
  const { input, output } = layer;
  const [top, left] = pads(layer);
  const inside = (window: number, axis: 0 | 1, before: number, pixels: number): number => {
    const start = window * layer.strides[axis] - before;
    return Math.min(pixels, start + layer.poolSize[axis]) - Math.max(0, start);
  };
  const shares = Float32Array.from({ length: output.rows * output.columns }, (_, i) => {
    const rows = inside(Math.floor(i / output.columns), 0, top, input.rows);
    const columns = inside(i % output.columns, 1, left, input.columns);
    return 1 / (rows * columns);
  });
  return g.constant('float32', [1, 1, output.rows, output.columns], shares);
}

/** [n, channels, output rows, output columns] -> [n, channels, rows, columns]: the sum over the windows that a pixel is in. */
function spread({ g }: LoweringContext, layer: AveragePooling2dSpec, values: Value): Value {
  const { input, output, strides } = layer;
  const [height, width] = windowSize(layer);
  const { channels, rows, columns } = input;
  if (output.rows === 1 && output.columns === 1 && height >= rows && width >= columns) {
    const ones = new Float32Array(rows * columns).fill(1);
    return g.op('Mul', [values, g.constant('float32', [1, 1, rows, columns], ones)]);
  }
  const [top, left, bottom, right] = pads(layer);
  const ones = new Float32Array(channels * height * width).fill(1);
  const kernel = g.constant('float32', [channels, 1, height, width], ones);
  return g.op('ConvTranspose', [values, kernel], {
    ...{
      group: channels,
      kernel_shape: [height, width],
      strides,
      pads: [top, left, bottom, right],
    },
    // Pixels behind the last window.
    output_padding: [
      rows - ((output.rows - 1) * strides[0] + height - top - bottom),
      columns - ((output.columns - 1) * strides[1] + width - left - right),
    ],
  });
}
