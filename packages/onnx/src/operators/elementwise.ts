/** Element-wise operators: arithmetic, comparisons, logic, activations, Cast and Where. */
import {
  dataTypeNumber,
  dtypes,
  floating,
  integer,
  logical,
  numeric,
  signed,
  unsigned,
} from '../dtypes.ts';
import { GraphError } from '../errors.ts';
import { broadcastShapes } from '../shapes.ts';
import type { Dim, DType } from '../types.ts';
import {
  checkDType,
  operator,
  sameDType,
  type AttributeTable,
  type InferContext,
  type OperatorSpec,
} from './spec.ts';

const broadcastInputs = (context: InferContext): Dim[] =>
  broadcastShapes(...context.inputs.map((_, i) => context.input(i).shape));

function activation<const A extends AttributeTable>(
  attributes: A,
  allowed: readonly DType[] = floating,
): OperatorSpec<A> {
  return operator([1, 1], attributes, (context) => [
    { dtype: sameDType(context, allowed), shape: context.input(0).shape },
  ]);
}

const unary = (allowed: readonly DType[]) => activation({}, allowed);

function broadcasting<const A extends AttributeTable>(
  arity: readonly [number, number],
  attributes: A,
  allowed: readonly DType[],
  check?: (context: InferContext) => void,
): OperatorSpec<A> {
  return operator(arity, attributes, (context) => {
    const dtype = sameDType(context, allowed);
    check?.(context);
    return [{ dtype, shape: broadcastInputs(context) }];
  });
}

const binary = (allowed: readonly DType[]) => broadcasting([2, 2], {}, allowed);
const variadic = (allowed: readonly DType[]) => broadcasting([1, Infinity], {}, allowed);

const comparison = (allowed: readonly DType[]) =>
  operator([2, 2], {}, (context) => {
    sameDType(context, allowed);
    return [{ dtype: 'bool', shape: broadcastInputs(context) }];
  });

export const elementwiseOperators = {
  Abs: unary(numeric),
  Add: binary(numeric),
  And: binary(logical),
  BitShift: broadcasting([2, 2], { direction: 'string' }, unsigned, (context) => {
    const direction = context.string('direction');
    if (direction !== 'LEFT' && direction !== 'RIGHT') {
      throw new GraphError(`its direction must be LEFT or RIGHT, not ${direction}`);
    }
  }),
  BitwiseAnd: binary(integer),
  BitwiseOr: binary(integer),
  BitwiseXor: binary(integer),
  Cast: operator([1, 1], { to: 'int' }, (context) => {
    const to = context.int('to');
    const dtype = dtypes.find((name) => dataTypeNumber[name] === to);
    if (!dtype) throw new GraphError(`cannot cast to data type ${to}`);
    return [{ dtype, shape: context.input(0).shape }];
  }),
  Ceil: unary(floating),
  Clip: operator([1, 3], {}, (context) => {
    for (const bound of context.inputs.slice(1)) {
      if (bound && bound.shape.length > 0) {
        throw new GraphError(`its bound "${bound.name}" must be a scalar`);
      }
    }
    return [{ dtype: sameDType(context, numeric), shape: context.input(0).shape }];
  }),
  Div: binary(numeric),
  Elu: activation({ alpha: 'float' }),
  Equal: comparison(dtypes),
  Erf: unary(floating),
  Exp: unary(floating),
  Floor: unary(floating),
  Greater: comparison(numeric),
  GreaterOrEqual: comparison(numeric),
  HardSigmoid: activation({ alpha: 'float', beta: 'float' }),
  Identity: unary(dtypes),
  LeakyRelu: activation({ alpha: 'float' }),
  Less: comparison(numeric),
  LessOrEqual: comparison(numeric),
  Log: unary(floating),
  Max: variadic(numeric),
  Min: variadic(numeric),
  Mod: broadcasting([2, 2], { fmod: 'int' }, numeric, (context) => {
    if (floating.includes(context.input(0).dtype) && context.int('fmod', 0) !== 1) {
      throw new GraphError('floating-point inputs need the attribute fmod: 1');
    }
  }),
  Mul: binary(numeric),
  Neg: unary(signed),
  Not: unary(logical),
  Or: binary(logical),
  /** The exponent may have a dtype of its own; the result has the base's. */
  Pow: operator([2, 2], {}, (context) => {
    checkDType(context, 0, ['float32', 'float64', 'int32', 'int64']);
    checkDType(context, 1, numeric);
    return [{ dtype: context.input(0).dtype, shape: broadcastInputs(context) }];
  }),
  Reciprocal: unary(floating),
  Relu: unary(signed),
  Selu: activation({ alpha: 'float', gamma: 'float' }),
  Sigmoid: unary(floating),
  Sign: unary(numeric),
  Softplus: unary(floating),
  Softsign: unary(floating),
  Sqrt: unary(floating),
  Sub: binary(numeric),
  Sum: variadic(floating),
  Tanh: unary(floating),
  ThresholdedRelu: activation({ alpha: 'float' }),
  Where: operator([3, 3], {}, (context) => {
    checkDType(context, 0, logical);
    const [x, y] = [context.input(1), context.input(2)];
    if (x.dtype !== y.dtype) {
      throw new GraphError(`its branches differ: ${x.dtype} and ${y.dtype}`);
    }
    return [{ dtype: x.dtype, shape: broadcastInputs(context) }];
  }),
} as const;
