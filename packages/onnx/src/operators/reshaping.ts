/** Operators that give the same elements another shape or order: Reshape, Transpose, Expand, Tile and their kin. */
import { GraphError } from '../errors.ts';
import {
  broadcastShapes,
  checkShape,
  elementCount,
  formatShape,
  knownSize,
  normalizeAxes,
  normalizeAxis,
} from '../shapes.ts';
import type { Dim } from '../types.ts';
import { operator, type InferContext, type Inferred } from './spec.ts';

const isNumber = (dim: Dim): dim is number => typeof dim === 'number';

/**
 * Wanted sizes may be 0 (copied from the input, unless `allowzero`) and once -1 (what is left). A symbolic size may be
 * copied, or pass through the hole: [n,7,7,32] -> [-1,1568] keeps n.
 */
function reshape(context: InferContext): Inferred[] {
  const { dtype, shape } = context.input(0);
  const given = context.constantInts(1, 'shape');
  const refuse = (): never => {
    throw new GraphError(`${formatShape(shape)} cannot become ${formatShape(given)}`);
  };
  const copies = context.int('allowzero', 0) !== 1;
  const wanted = given.map((size, i) => (size === 0 && copies ? (shape[i] ?? refuse()) : size));
  const hole = wanted.indexOf(-1);
  const rest = hole < 0 ? wanted : wanted.toSpliced(hole, 1);
  if (rest.some((size) => isNumber(size) && size < 0)) refuse();

  // Names that are not copied, and the numbers on both sides, must come out even.
  const names = shape.filter((dim, i) => !isNumber(dim) && typeof wanted[i] !== 'string');
  const [from, to] = [elementCount(shape.filter(isNumber)), elementCount(rest.filter(isNumber))];
  if (hole < 0) {
    // With a name left over, only the run can tell.
    if (names.length === 0 && from !== to) refuse();
    return [{ dtype, shape: wanted }];
  }
  const [name, another] = names;
  if (another !== undefined || (name !== undefined && from !== to)) refuse();
  const size = name ?? from / to;
  if (isNumber(size) && !Number.isInteger(size)) refuse();
  return [{ dtype, shape: wanted.with(hole, size) }];
}

export const reshapingOperators = {
  Expand: operator([2, 2], {}, (context) => {
    const { dtype, shape } = context.input(0);
    const wanted = context.constantInts(1, 'shape');
    checkShape(wanted);
    return [{ dtype, shape: broadcastShapes(shape, wanted) }];
  }),
  /** To a matrix: the axes before `axis`, and the others. */
  Flatten: operator([1, 1], { axis: 'int' }, (context) => {
    const { dtype, shape } = context.input(0);
    const axis = context.int('axis', 1);
    if (axis !== shape.length) normalizeAxis(axis, shape.length);
    const join = (dims: readonly Dim[]): Dim =>
      dims.length === 1 ? (dims[0] ?? 1) : elementCount(dims);
    return [{ dtype, shape: [join(shape.slice(0, axis)), join(shape.slice(axis))] }];
  }),
  Reshape: operator([2, 2], { allowzero: 'int' }, reshape),
  Squeeze: operator([2, 2], {}, (context) => {
    const { dtype, shape } = context.input(0);
    const axes = normalizeAxes(context.constantInts(1, 'axes'), shape.length);
    if (axes.some((axis) => shape[axis] !== 1)) {
      throw new GraphError(`the axes ${formatShape(axes)} of ${formatShape(shape)} are not all 1`);
    }
    return [{ dtype, shape: shape.filter((_, i) => !axes.includes(i)) }];
  }),
  Tile: operator([2, 2], {}, (context) => {
    const { dtype, shape } = context.input(0);
    const repeats = context.constantInts(1, 'repeats');
    checkShape(repeats);
    if (repeats.length !== shape.length) {
      throw new GraphError(`${formatShape(repeats)} is not one repeat for each axis`);
    }
    const tiled = shape.map((dim, i) =>
      repeats[i] === 1 ? dim : knownSize(dim) * (repeats[i] ?? 1),
    );
    return [{ dtype, shape: tiled }];
  }),
  Transpose: operator([1, 1], { perm: 'ints' }, (context) => {
    const { dtype, shape } = context.input(0);
    const perm = context.ints('perm') ?? [...shape.keys()].toReversed();
    if ([...shape.keys()].some((axis) => !perm.includes(axis)) || perm.length !== shape.length) {
      throw new GraphError(`perm ${formatShape(perm)} does not fit ${formatShape(shape)}`);
    }
    return [{ dtype, shape: perm.map((axis) => shape[axis] ?? 1) }];
  }),
  /** Axes are those of the result. */
  Unsqueeze: operator([2, 2], {}, (context) => {
    const { dtype, shape } = context.input(0);
    const axes = context.constantInts(1, 'axes');
    const result: Dim[] = [...shape];
    const sorted = normalizeAxes(axes, shape.length + axes.length).toSorted((a, b) => a - b);
    for (const axis of sorted) result.splice(axis, 0, 1);
    return [{ dtype, shape: result }];
  }),
} as const;
