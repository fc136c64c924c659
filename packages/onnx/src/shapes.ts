/**
 * Shape arithmetic of the ONNX specification, for the checks that run while a graph is built.
 * Sizes are numbers or names; a name passes through where nothing is computed from it.
 */
import { shown } from './checks.ts';
import { GraphError } from './errors.ts';
import type { Dim } from './types.ts';

/** `[n,28,28]` for messages. @throws GraphError for what is no list. */
export function formatShape(shape: readonly Dim[]): string {
  checkList(shape);
  return `[${shape.join(',')}]`;
}

/** Whether two shapes are the same, names included. */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** Number of elements of a fully known shape. @throws GraphError where a size is a name. */
export function elementCount(shape: readonly Dim[]): number {
  checkList(shape);
  return shape.reduce<number>((product, dim) => product * knownSize(dim), 1);
}

/** The size as a number. @throws GraphError where it is a name. */
export function knownSize(dim: Dim | undefined): number {
  if (Number.isSafeInteger(dim) && Number(dim) >= 0) return Number(dim);
  throw new GraphError(
    `the size ${dim === undefined ? 'of a missing axis' : typeof dim === 'string' ? `"${dim}"` : shown(dim)} must be a number here; give the graph a fixed shape`,
  );
}

/** @throws GraphError unless it is a list. */
function checkList(shape: unknown): void {
  if (!Array.isArray(shape))
    throw new GraphError(`the shape must be a list of sizes, not ${shown(shape)}`);
}

/** @throws GraphError unless each size is a whole number from 0 or a name. */
export function checkShape(shape: readonly Dim[]): void {
  checkList(shape);
  for (const dim of shape) {
    if (typeof dim === 'string' ? dim === '' : !Number.isSafeInteger(dim) || dim < 0) {
      throw new GraphError(
        `the sizes of ${formatShape(shape)} must be whole numbers from 0, or names`,
      );
    }
  }
}

/** Axis counted from the front. @throws GraphError outside [-rank, rank). */
export function normalizeAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw new GraphError(`axis ${axis} does not exist in a value of rank ${rank}`);
  }
  return positive;
}

/** Axes counted from the front. @throws GraphError where one is out of range or named twice. */
export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const positive = axes.map((axis) => normalizeAxis(axis, rank));
  if (new Set(positive).size !== axes.length) {
    throw new GraphError(`an axis is named twice in ${formatShape(axes)}`);
  }
  return positive;
}

/** Numpy-style broadcasting of two or more shapes. @throws GraphError where sizes clash. */
export function broadcastShapes(...shapes: (readonly Dim[])[]): Dim[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dim[] = new Array<Dim>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    shape.forEach((dim, i) => {
      const seen = result[offset + i] ?? 1;
      if (seen === 1) result[offset + i] = dim;
      else if (dim !== 1 && dim !== seen) {
        throw new GraphError(`shapes ${shapes.map(formatShape).join(' and ')} do not broadcast`);
      }
    });
  }
  return result;
}

/** Shape of a (batched) matrix product. @throws GraphError where inner sizes differ. */
export function matMulShape(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const [rows, inner] = a.slice(-2);
  const [innerB, columns] = b.slice(-2);
  if (rows === undefined || inner === undefined || innerB === undefined || columns === undefined) {
    throw new GraphError(
      `a matrix product needs rank 2 or more, not ${formatShape(a)} and ${formatShape(b)}`,
    );
  }
  if (inner !== innerB) {
    throw new GraphError(`inner sizes of ${formatShape(a)} and ${formatShape(b)} differ`);
  }
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), rows, columns];
}
