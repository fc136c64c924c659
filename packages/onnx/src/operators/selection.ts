/** Operators that pick, join or surround elements: Slice, Split, Gather, Concat, Pad and their kin. */
import { indices, numeric } from '../dtypes.ts';
import { GraphError } from '../errors.ts';
import {
  checkShape,
  elementCount,
  formatShape,
  knownSize,
  normalizeAxes,
  normalizeAxis,
  sameShape,
} from '../shapes.ts';
import type { Dim } from '../types.ts';
import { checkDType, operator, sameDType, type InferContext, type Inferred } from './spec.ts';

/** Positions count from the end where negative, and are clamped; a negative step runs backwards. */
function sliceSize(size: number, start: number, end: number, step: number): number {
  const clamp = (position: number, low: number, high: number): number =>
    Math.min(Math.max(position < 0 ? position + size : position, low), high);
  const [from, to] =
    step > 0
      ? [clamp(start, 0, size), clamp(end, 0, size)]
      : [clamp(start, 0, size - 1), clamp(end, -1, size - 1)];
  return Math.max(0, Math.ceil((to - from) / step));
}

function slice(context: InferContext): Inferred[] {
  const { dtype, shape } = context.input(0);
  const starts = context.constantInts(1, 'starts');
  const ends = context.constantInts(2, 'ends');
  const axes = context.inputs[3] ? context.constantInts(3, 'axes') : [...starts.keys()];
  const steps = context.inputs[4] ? context.constantInts(4, 'steps') : starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    throw new GraphError('its starts, ends, axes and steps differ in length');
  }
  const result: Dim[] = [...shape];
  normalizeAxes(axes, shape.length).forEach((axis, i) => {
    const step = steps[i] ?? 1;
    if (step === 0) throw new GraphError('a step must not be 0');
    result[axis] = sliceSize(knownSize(shape[axis]), starts[i] ?? 0, ends[i] ?? 0, step);
  });
  return [{ dtype, shape: result }];
}

/** Either sizes (input 1), or as many nearly equal parts as `num_outputs` says: the last one may be smaller. */
function split(context: InferContext): Inferred[] {
  const { dtype, shape } = context.input(0);
  const axis = normalizeAxis(context.int('axis', 0), shape.length);
  const count = context.int('num_outputs', 0);
  if ((context.inputs[1] !== undefined) === (count !== 0)) {
    throw new GraphError('it needs either sizes (input 1) or the attribute num_outputs');
  }
  const size = knownSize(shape[axis]);
  const equal = Math.ceil(size / count);
  const sizes = context.inputs[1]
    ? context.constantInts(1, 'sizes')
    : Array.from({ length: count }, (_, i) => Math.min(equal, size - i * equal));
  if (sizes.some((part) => part < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
    throw new GraphError(
      `axis ${axis} of ${formatShape(shape)} does not split into ${formatShape(sizes)}`,
    );
  }
  return sizes.map((part) => ({ dtype, shape: shape.with(axis, part) }));
}

function pad(context: InferContext): Inferred[] {
  const { dtype, shape } = context.input(0);
  const mode = context.string('mode', 'constant');
  if (!['constant', 'edge', 'reflect', 'wrap'].includes(mode)) {
    throw new GraphError(`its mode must be constant, edge, reflect or wrap, not ${mode}`);
  }
  checkDType(context, 2, [dtype]);
  const pads = context.constantInts(1, 'pads');
  const axes = context.inputs[3]
    ? normalizeAxes(context.constantInts(3, 'axes'), shape.length)
    : [...shape.keys()];
  if (pads.length !== 2 * axes.length) {
    throw new GraphError(
      `${formatShape(pads)} is not a begin and an end for each of ${axes.length} axes`,
    );
  }
  const result: Dim[] = [...shape];
  axes.forEach((axis, i) => {
    const extra = (pads[i] ?? 0) + (pads[i + axes.length] ?? 0);
    if (extra !== 0) result[axis] = knownSize(shape[axis]) + extra;
  });
  checkShape(result);
  return [{ dtype, shape: result }];
}

function gatherElements(context: InferContext): Inferred[] {
  checkDType(context, 1, indices);
  const { dtype, shape } = context.input(0);
  const chosen = context.input(1).shape;
  const axis = normalizeAxis(context.int('axis', 0), shape.length);
  const outside = (dim: Dim, i: number): boolean =>
    i !== axis && dim !== shape[i] && knownSize(dim) > knownSize(shape[i]);
  if (chosen.length !== shape.length || chosen.some(outside)) {
    throw new GraphError(`indices ${formatShape(chosen)} do not lie in ${formatShape(shape)}`);
  }
  return [{ dtype, shape: chosen }];
}

export const selectionOperators = {
  Concat: operator([1, Infinity], { axis: 'int' }, (context) => {
    const dtype = sameDType(context);
    const first = context.input(0).shape;
    const axis = normalizeAxis(context.int('axis'), first.length);
    let total = 0;
    context.inputs.forEach((_, i) => {
      const { shape } = context.input(i);
      if (!sameShape(shape.toSpliced(axis, 1), first.toSpliced(axis, 1))) {
        throw new GraphError(
          `${formatShape(shape)} cannot be joined to ${formatShape(first)} on axis ${axis}`,
        );
      }
      total += knownSize(shape[axis]);
    });
    return [{ dtype, shape: first.with(axis, total) }];
  }),
  Gather: operator([2, 2], { axis: 'int' }, (context) => {
    checkDType(context, 1, indices);
    const { dtype, shape } = context.input(0);
    const axis = normalizeAxis(context.int('axis', 0), shape.length);
    return [{ dtype, shape: shape.toSpliced(axis, 1, ...context.input(1).shape) }];
  }),
  GatherElements: operator([2, 2], { axis: 'int' }, gatherElements),
  /** Values are [off, on]. The new axis is the last one. */
  OneHot: operator([3, 3], { axis: 'int' }, (context) => {
    checkDType(context, 0, numeric);
    const depths = context.constantInts(1, 'depth');
    const [depth] = depths;
    if (depth === undefined || depths.length > 1 || depth < 1) {
      throw new GraphError(
        `its depth (input 1) must be one number from 1, not ${formatShape(depths)}`,
      );
    }
    if (context.int('axis', -1) !== -1) throw new GraphError('only axis -1 is supported');
    const { dtype, shape } = context.input(2);
    if (shape.length !== 1 || elementCount(shape) !== 2) {
      throw new GraphError(`its values (input 2) must be [2], not ${formatShape(shape)}`);
    }
    return [{ dtype, shape: [...context.input(0).shape, depth] }];
  }),
  Pad: operator([2, 4], { mode: 'string' }, pad),
  Slice: operator([3, 5], {}, slice),
  Split: operator([1, 2], { axis: 'int', num_outputs: 'int' }, split),
} as const;
