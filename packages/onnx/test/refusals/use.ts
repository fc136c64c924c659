/** How a node is used: attributes, number of inputs and outputs, values of another graph. */
import { ports, untyped, type Refusal } from '../support/ports.ts';

export const use: readonly Refusal[] = [
  [
    'node Relu_0 (float32[2]): it has no attribute "alpha"',
    ({ g, f32 }) => g.op('Relu', [f32(2)], untyped({ alpha: 1 })),
  ],
  [
    'node Relu_0 (float32[2]): it has no attribute "toString"',
    ({ g, f32 }) => g.op('Relu', [f32(2)], untyped({ toString: 1 })),
  ],
  [
    `node Softmax_0 (float32[2]): its attribute "axis" must be int, not 'last'`,
    ({ g, f32 }) => g.op('Softmax', [f32(2)], untyped({ axis: 'last' })),
  ],
  [
    'node Softmax_0 (float32[2]): its attribute "axis" must be int, not 0.5',
    ({ g, f32 }) => g.op('Softmax', [f32(2)], { axis: 0.5 }),
  ],
  [
    'node Elu_0 (float32[2]): its attribute "alpha" must be float, not [ 1, 2 ]',
    ({ g, f32 }) => g.op('Elu', [f32(2)], untyped({ alpha: [1, 2] })),
  ],
  [
    'node Transpose_0 (float32[2]): its attribute "perm" must be ints, not 0',
    ({ g, f32 }) => g.op('Transpose', [f32(2)], untyped({ perm: 0 })),
  ],
  [
    'node Transpose_0 (float32[2]): its attribute "perm" must be ints, not [ 0.5 ]',
    ({ g, f32 }) => g.op('Transpose', [f32(2)], { perm: [0.5] }),
  ],
  [
    'node Pad_1 (float32[2], int64[2]): its attribute "mode" must be string, not 1',
    ({ g, f32 }) => g.op('Pad', [f32(2), g.ints([0, 0])], untyped({ mode: 1 })),
  ],
  [
    'node Concat_0 (float32[2]): it needs the attribute axis',
    ({ g, f32 }) => g.op('Concat', [f32(2)]),
  ],
  ['node Cast_0 (float32[2]): it needs the attribute to', ({ g, f32 }) => g.op('Cast', [f32(2)])],
  [
    'node Cast_0 (float32[2]): cannot cast to data type 99',
    ({ g, f32 }) => g.op('Cast', [f32(2)], { to: 99 }),
  ],
  [
    'node Relu_0 (float32[2], float32[2]): it takes 1 input, not 2',
    ({ g, f32 }) => g.op('Relu', [f32(2), f32(2)]),
  ],
  ['node Add_0 (float32[2]): it takes 2 inputs, not 1', ({ g, f32 }) => g.op('Add', [f32(2)])],
  [
    'node Gemm_0 (float32[2,2]): it takes 2 to 3 inputs, not 1',
    ({ g, f32 }) => g.op('Gemm', [f32(2, 2)]),
  ],
  ['node Max_0 (): it takes 1 or more inputs, not 0', ({ g }) => g.op('Max', [])],
  [
    'node Add_0 (float32[2], none): input 1 is missing',
    ({ g, f32 }) => g.op('Add', [f32(2), undefined]),
  ],
  [
    'node Max_0 (float32[2], none): input 1 is missing',
    ({ g, f32 }) => g.op('Max', [f32(2), undefined]),
  ],
  [
    'node Relu_0 (float32[3]): "x0" does not belong to this graph',
    ({ g }) => g.op('Relu', [ports().f32(3)]),
  ],
  [
    'node TopK_1 (float32[3], int64[1]): it has 2 outputs, not 1',
    ({ g, f32 }) => g.op('TopK', [f32(3), g.ints([1])]),
  ],
  [
    'node Split_1 (float32[3], int64[2]): it has 2 outputs, not 3',
    ({ g, f32 }) => g.ops('Split', [f32(3), g.ints([1, 2])], {}, 3),
  ],
  [
    'node AveragePool_0 (float32[1,1,4]): it has 1 output, not 2',
    ({ g, f32 }) => g.ops('AveragePool', [f32(1, 1, 4)], { kernel_shape: [2] }, 2),
  ],
  ['there is no operator "Frobnicate"', ({ g }) => g.op(untyped('Frobnicate'), [])],
];
