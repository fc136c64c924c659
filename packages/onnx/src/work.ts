/** How much arithmetic a node is, roughly, so that a file cannot keep a machine busy for an hour. */
import type { Dim, Value } from './types.ts';

/**
 * Multiplications or comparisons of a node for one image (names of sizes count as 1): the elements of its output,
 * times the elements of the window or of the row that each of them is made from.
 * @param inputs its first is the image, its second the weights of Conv or MatMul, where it has some
 */
export function workOf(
  inputs: readonly (Value | undefined)[],
  attributes: Readonly<Record<string, number | readonly number[]>>,
  output: readonly Dim[],
): number {
  const kernel = attributes['kernel_shape'];
  const window = typeof kernel === 'object' ? kernel.reduce((n, size) => n * size, 1) : 1;
  const weights = inputs[1]?.shape ?? [];
  const rank = weights.length;
  // Conv's kernel is [out, in, ...window], MatMul's matrix [in, out]; an addend counts a little too much.
  const depth = rank < 2 ? 1 : count([weights[rank === 2 ? 0 : 1] ?? 1]);
  return count(output) * window * depth;
}

function count(shape: readonly Dim[]): number {
  return shape.reduce<number>((n, dim) => n * (typeof dim === 'number' ? dim : 1), 1);
}
