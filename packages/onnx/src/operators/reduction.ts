/** Reductions, and the operators that rank or run along an axis: ArgMax, CumSum, Softmax, TopK. */
import { dtypes, floating, indices, numeric, wide } from '../dtypes.ts';
import { GraphError } from '../errors.ts';
import { elementCount, formatShape, normalizeAxis } from '../shapes.ts';
import type { Dim, DType } from '../types.ts';
import {
  checkDType,
  operator,
  sameDType,
  type InferContext,
  type Inferred,
  type OperatorSpec,
} from './spec.ts';

function reducedShape(context: InferContext, axes: readonly number[]): Dim[] {
  const { shape } = context.input(0);
  const gone = new Set(axes.map((axis) => normalizeAxis(axis, shape.length)));
  return context.int('keepdims', 1) === 1
    ? shape.map((dim, i) => (gone.has(i) ? 1 : dim))
    : shape.filter((_, i) => !gone.has(i));
}

const reductionAttributes = { keepdims: 'int', noop_with_empty_axes: 'int' } as const;

/** Reductions take their axes as a constant second input since opset 18 (13 for ReduceSum). */
const reduction = (allowed: readonly DType[]): OperatorSpec<typeof reductionAttributes> =>
  operator([1, 2], reductionAttributes, (context) => {
    checkDType(context, 0, allowed);
    const { dtype, shape } = context.input(0);
    const axes = context.inputs[1] ? context.constantInts(1, 'axes') : [];
    if (axes.length > 0) return [{ dtype, shape: reducedShape(context, axes) }];
    // No axes means all of them, unless the attribute says none.
    if (context.int('noop_with_empty_axes', 0) === 1) return [{ dtype, shape }];
    return [{ dtype, shape: reducedShape(context, [...shape.keys()]) }];
  });

const arg = operator(
  [1, 1],
  { axis: 'int', keepdims: 'int', select_last_index: 'int' },
  (context) => {
    checkDType(context, 0, numeric);
    return [{ dtype: 'int64', shape: reducedShape(context, [context.int('axis', 0)]) }];
  },
);

const alongAxis = operator([1, 1], { axis: 'int' }, (context): Inferred[] => {
  const { shape } = context.input(0);
  normalizeAxis(context.int('axis', -1), shape.length);
  return [{ dtype: sameDType(context, floating), shape }];
});

/** Maximum and minimum also know small integers and bool (where they are `or` and `and`). */
const comparable = dtypes.filter((dtype) => dtype !== 'uint16');

export const reductionOperators = {
  ArgMax: arg,
  ArgMin: arg,
  CumSum: operator([2, 2], { exclusive: 'int', reverse: 'int' }, (context) => {
    checkDType(context, 0, wide);
    checkDType(context, 1, indices);
    const axis = context.input(1).shape;
    if (axis.length > 1 || elementCount(axis) !== 1) {
      throw new GraphError(`its axis (input 1) must be one number, not ${formatShape(axis)}`);
    }
    const { dtype, shape } = context.input(0);
    return [{ dtype, shape }];
  }),
  LogSoftmax: alongAxis,
  ReduceL2: reduction(wide),
  ReduceLogSumExp: reduction(wide),
  ReduceMax: reduction(comparable),
  ReduceMean: reduction(wide),
  ReduceMin: reduction(comparable),
  ReduceSum: reduction(wide),
  ReduceSumSquare: reduction(wide),
  Softmax: alongAxis,
  TopK: operator([2, 2], { axis: 'int', largest: 'int', sorted: 'int' }, (context) => {
    checkDType(context, 0, numeric);
    const { dtype, shape } = context.input(0);
    const ks = context.constantInts(1, 'k');
    const [k] = ks;
    if (k === undefined || ks.length > 1)
      throw new GraphError('its k (input 1) must be one number');
    const axis = normalizeAxis(context.int('axis', -1), shape.length);
    const size = shape[axis];
    if (k < 1 || (typeof size === 'number' && k > size)) {
      throw new GraphError(`k = ${k} is outside 1..${size ?? 1}`);
    }
    return [
      { dtype, shape: shape.with(axis, k) },
      { dtype: 'int64', shape: shape.with(axis, k) },
    ];
  }),
} as const;
