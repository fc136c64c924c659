/** Changes of layout that leave the last axis whole. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';

/**
 * Transposes all axes but the last: a Gather of whole rows, which onnxruntime copies side by side on all threads. (Its Transpose
 * of more than two axes is single-threaded.)
 *
 * @param shape sizes of the axes before the last, which takes the rest: rows of at least 16 elements, or the copies are slow
 * @param perm new order of those axes, as for Transpose
 * @param reversed position in `perm` of an axis to turn around as well
 * @returns [product of shape, row length]
 */
export function permuteRows(
  g: GraphBuilder,
  value: Value,
  shape: readonly number[],
  perm: readonly number[],
  reversed?: number,
): Value {
  const count = shape.reduce((a, b) => a * b, 1);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const order = new Int32Array(count);
  let filled = 1; // so many entries hold the offsets of the axes done so far, the last of perm first
  for (const [position, axis] of [...perm.entries()].reverse()) {
    const [size = 0, stride = 0] = [shape[axis], strides[axis]];
    // From the back, so that the offsets of coordinate 0 are read before they are overwritten.
    for (let i = size - 1; i >= 0; i--) {
      const offset = (position === reversed ? size - 1 - i : i) * stride;
      for (let k = 0; k < filled; k++) order[i * filled + k] = order[k]! + offset;
    }
    filled *= size;
  }
  return takeRows(g, g.reshape(value, [count, -1]), order);
}

/**
 * @param rows [count, length]
 * @param order which of them, in which order
 */
export function takeRows(g: GraphBuilder, rows: Value, order: Int32Array): Value {
  return g.op('Gather', [rows, g.constant('int32', [order.length], order)], { axis: 0 });
}
