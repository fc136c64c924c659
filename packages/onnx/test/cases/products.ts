/** Matrix products. */
import { of, type Case } from '../support/trial.ts';

// a = [1 2 3; 4 5 6], b = [1 2; 3 4; 5 6], a b = [22 28; 49 64]
const a = [2, 3];
const b = [3, 2];
const product = [22, 28, 49, 64];
const aTransposed = [1, 4, 2, 5, 3, 6];
const bTransposed = [1, 3, 5, 2, 4, 6];

export const productCases: readonly Case[] = [
  of('MatMul', (t) => t.g.op('MatMul', [t.f32(a), t.f32(b)]), product),
  of(
    'MatMul of a batch with a name and one matrix',
    (t) => t.g.op('MatMul', [t.f32([2, 1, 2], undefined, ['n', 1, 2]), t.f32([2, 1])]),
    [5, 11],
  ),
  of('MatMul in int32', (t) => t.g.op('MatMul', [t.feed('int32', a), t.feed('int32', b)]), product),
  of('MatMul over nothing', (t) => t.g.op('MatMul', [t.f32([2, 0]), t.f32([0, 1])]), [0, 0]),
  of('Gemm', (t) => t.g.op('Gemm', [t.f32(a), t.f32(b)]), product),
  of(
    'Gemm, left side transposed',
    (t) => t.g.op('Gemm', [t.f32(b, aTransposed), t.f32(b)], { transA: 1 }),
    product,
  ),
  of(
    'Gemm, right side transposed',
    (t) => t.g.op('Gemm', [t.f32(a), t.f32(a, bTransposed)], { transB: 1 }),
    product,
  ),
  of(
    'Gemm with factors and a row',
    (t) => t.g.op('Gemm', [t.f32(a), t.f32(b), t.f32([2])], { alpha: 2, beta: 10 }),
    [54, 76, 108, 148],
  ),
  of(
    'Gemm with a column',
    (t) => t.g.op('Gemm', [t.f32(a), t.f32(b), t.f32([2, 1])]),
    [23, 29, 51, 66],
  ),
  of(
    'Gemm, both sides transposed, rows with a name',
    (t) =>
      t.g.op('Gemm', [t.f32(b, aTransposed, [3, 'n']), t.f32(a, bTransposed)], {
        transA: 1,
        transB: 1,
      }),
    product,
  ),
  of(
    'FusedMatMul, both sides transposed, with a factor',
    (t) =>
      t.g.op('FusedMatMul', [t.f32(b, aTransposed), t.f32(a, bTransposed)], {
        transA: 1,
        transB: 1,
        alpha: 10,
      }),
    product.map((x) => 10 * x),
  ),
  of(
    'FusedMatMul of a batch and one matrix',
    (t) => t.g.op('FusedMatMul', [t.f32([2, 2, 1]), t.f32([2, 1])], { transA: 1 }),
    [5, 11],
  ),
  ...(['uint8', 'int8'] as const).flatMap((left) =>
    (['uint8', 'int8'] as const).map((right) =>
      of(
        `MatMulInteger ${left} x ${right}`,
        (t) => t.g.op('MatMulInteger', [t.feed(left, a), t.feed(right, b)]),
        product,
      ),
    ),
  ),
  of(
    'MatMulInteger with zero points, the right one by column',
    (t) =>
      t.g.op('MatMulInteger', [
        t.feed('uint8', a),
        t.feed('uint8', b),
        t.g.scalar(1, 'uint8'),
        t.g.constant('uint8', [2], Uint8Array.of(1, 2)),
      ]),
    // [0 1 2; 3 4 5] x [0 0; 2 2; 4 4]
    [10, 10, 28, 28],
  ),
];
