/** Matrix products. */
import { floating, wide } from '../dtypes.ts';
import { GraphError } from '../errors.ts';
import { broadcastShapes, formatShape, matMulShape, sameShape } from '../shapes.ts';
import type { Dim } from '../types.ts';
import { checkDType, operator, sameDType, type InferContext } from './spec.ts';

const swapLast = (shape: readonly Dim[], transposed: number): readonly Dim[] =>
  transposed === 1 ? [...shape.slice(0, -2), ...shape.slice(-2).toReversed()] : shape;

/** Shape of the product, either side transposed in its last two axes. */
const transposedProduct = (context: InferContext): Dim[] =>
  matMulShape(
    swapLast(context.input(0).shape, context.int('transA', 0)),
    swapLast(context.input(1).shape, context.int('transB', 0)),
  );

/** A zero point is a scalar, or (of the right side) one number a column. */
function checkZeroPoint(context: InferContext, of: number): void {
  const zero = context.inputs[of + 2];
  if (!zero) return;
  checkDType(context, of + 2, [context.input(of).dtype]);
  const columns = of === 1 ? context.input(1).shape.slice(-1) : [];
  if (zero.shape.length > 0 && !sameShape(zero.shape, columns)) {
    throw new GraphError(
      `its zero point ${formatShape(zero.shape)} must be [] ${of === 1 ? `or ${formatShape(columns)}` : ''}`.trim(),
    );
  }
}

export const productOperators = {
  /** onnxruntime's own product with transposes and a factor, fused. */
  FusedMatMul: {
    ...operator([2, 2], { alpha: 'float', transA: 'int', transB: 'int' }, (context) => [
      { dtype: sameDType(context, floating), shape: transposedProduct(context) },
    ]),
    domain: 'com.microsoft',
  },
  Gemm: operator(
    [2, 3],
    { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
    (context) => {
      const dtype = sameDType(context, wide);
      for (const { shape } of [context.input(0), context.input(1)]) {
        if (shape.length !== 2) {
          throw new GraphError(`it multiplies matrices, not ${formatShape(shape)}`);
        }
      }
      const shape = transposedProduct(context);
      const addend = context.inputs[2]?.shape ?? [];
      if (!sameShape(broadcastShapes(addend, shape), shape)) {
        throw new GraphError(`${formatShape(addend)} cannot be added to ${formatShape(shape)}`);
      }
      return [{ dtype, shape }];
    },
  ),
  MatMul: operator([2, 2], {}, (context) => [
    { dtype: sameDType(context, wide), shape: transposedProduct(context) },
  ]),
  /** uint8 or int8 on either side, summed in int32. See the README on processors where it saturates. */
  MatMulInteger: operator([2, 4], {}, (context) => {
    for (const side of [0, 1]) {
      checkDType(context, side, ['uint8', 'int8']);
      checkZeroPoint(context, side);
    }
    return [{ dtype: 'int32', shape: transposedProduct(context) }];
  }),
} as const;
