/**
 * A layer with windows, seen tap by tap: the pixel at one place of every window is a strided slice of the padded image, and the
 * adjoint of that puts values back to where they came from.
 */
import type { Value } from '@fashion-bench/onnx';
import { dilations, pads, windowSize, type WindowedSpec } from '../network/windows.ts';
import type { LoweringContext } from './lowering.ts';

/** Row and column within a window. */
export type Tap = readonly [row: number, column: number];

/** All taps in order, row by row. */
export function tapsOf(layer: WindowedSpec): readonly Tap[] {
  const [height, width] = windowSize(layer);
  return Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width]);
}

export class Taps {
  readonly #context: LoweringContext;
  readonly #layer: WindowedSpec;

  constructor(context: LoweringContext, layer: WindowedSpec) {
    this.#context = context;
    this.#layer = layer;
  }

  /** x [n, rows, columns, channels] with what `same` adds around it. @param around default 0 */
  padded(x: Value, around?: number): Value {
    const { g } = this.#context;
    const [top, left, bottom, right] = pads(this.#layer);
    if (top + left + bottom + right === 0) return x;
    const widths = g.ints([0, top, left, 0, 0, bottom, right, 0]);
    return g.op('Pad', [x, widths, ...(around === undefined ? [] : [g.scalar(around)])]);
  }

  /** Every `stride`-th of a padded image's pixels on an axis, one for each window, from the tap's place on. */
  along(padded: Value, axis: 0 | 1, tap: number): Value {
    const { g } = this.#context;
    const { output, strides } = this.#layer;
    const windows = axis === 0 ? output.rows : output.columns;
    const start = tap * dilations(this.#layer)[axis];
    const stride = strides[axis];
    return g.slice(padded, axis + 1, start, start + (windows - 1) * stride + 1, stride);
  }

  /** What lies under a tap: [n, output rows, output columns, channels]. */
  at(padded: Value, [row, column]: Tap): Value {
    return this.along(this.along(padded, 0, row), 1, column);
  }

  /** The adjoint of `at(padded(x), tap)`: values [n, output rows, output columns, channels] in an image of zeros, as large as x. */
  back(values: Value, [row, column]: Tap): Value {
    const { g, batch } = this.#context;
    const { input, output, strides } = this.#layer;
    const { channels } = input;
    const [top, left] = pads(this.#layer);
    const [down, right] = strides;
    const place = dilations(this.#layer);
    let spread = values;
    if (down > 1 || right > 1) {
      const single = g.reshape(values, [batch, output.rows, 1, output.columns, 1, channels]);
      const gaps = g.ints([0, 0, 0, 0, 0, 0, 0, 0, down - 1, 0, right - 1, 0]);
      const size = [batch, output.rows * down, output.columns * right, channels];
      spread = g.reshape(g.op('Pad', [single, gaps]), size);
    }
    const above = row * place[0] - top;
    const before = column * place[1] - left;
    const below = input.rows - above - output.rows * down;
    const behind = input.columns - before - output.columns * right;
    // Negative widths cut off.
    return g.op('Pad', [spread, g.ints([0, above, before, 0, 0, below, behind, 0])]);
  }
}
