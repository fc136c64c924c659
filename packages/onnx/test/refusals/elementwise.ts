/** Element-wise operators and products. */
import { type Refusal } from '../support/ports.ts';

export const elementwise: readonly Refusal[] = [
  [
    'node Add_0 (float32[2], int32[2]): its inputs must have one dtype, not float32 and int32',
    ({ g, f32, i32 }) => g.op('Add', [f32(2), i32(2)]),
  ],
  [
    'node Sqrt_0 (int32[2]): input 0 must be float32 or float64, not int32',
    ({ g, i32 }) => g.op('Sqrt', [i32(2)]),
  ],
  [
    'node And_0 (int32[2], int32[2]): input 0 must be bool, not int32',
    ({ g, i32 }) => g.op('And', [i32(2), i32(2)]),
  ],
  [
    'node Add_0 (float32[2,3], float32[2]): shapes [2,3] and [2] do not broadcast',
    ({ g, f32 }) => g.op('Add', [f32(2, 3), f32(2)]),
  ],
  [
    'node Mul_0 (float32[n], float32[m]): shapes [n] and [m] do not broadcast',
    ({ g, f32 }) => g.op('Mul', [f32('n'), f32('m')]),
  ],
  [
    'node Clip_0 (float32[2], float32[1]): its bound "x1" must be a scalar',
    ({ g, f32 }) => g.op('Clip', [f32(2), f32(1)]),
  ],
  [
    'node Mod_0 (float32[2], float32[2]): floating-point inputs need the attribute fmod: 1',
    ({ g, f32 }) => g.op('Mod', [f32(2), f32(2)]),
  ],
  [
    'node BitShift_0 (uint8[1], uint8[1]): its direction must be LEFT or RIGHT, not UP',
    ({ g }) => {
      const x = g.input('x', 'uint8', [1]);
      return g.op('BitShift', [x, x], { direction: 'UP' });
    },
  ],
  [
    'node Where_0 (float32[2], float32[2], float32[2]): input 0 must be bool, not float32',
    ({ g, f32 }) => g.op('Where', [f32(2), f32(2), f32(2)]),
  ],
  [
    'node Where_0 (bool[2], float32[2], int32[2]): its branches differ: float32 and int32',
    ({ g, f32, i32 }) => g.op('Where', [g.input('c', 'bool', [2]), f32(2), i32(2)]),
  ],
];

export const products: readonly Refusal[] = [
  [
    'node MatMul_0 (float32[2,3], float32[2,3]): inner sizes of [2,3] and [2,3] differ',
    ({ g, f32 }) => g.op('MatMul', [f32(2, 3), f32(2, 3)]),
  ],
  [
    'node MatMul_0 (float32[3], float32[3,2]): a matrix product needs rank 2 or more, not [3] and [3,2]',
    ({ g, f32 }) => g.op('MatMul', [f32(3), f32(3, 2)]),
  ],
  [
    'node MatMul_0 (float32[2,1,3], float32[3,3,1]): shapes [2] and [3] do not broadcast',
    ({ g, f32 }) => g.op('MatMul', [f32(2, 1, 3), f32(3, 3, 1)]),
  ],
  [
    'node Gemm_0 (float32[1,2,3], float32[3,2]): it multiplies matrices, not [1,2,3]',
    ({ g, f32 }) => g.op('Gemm', [f32(1, 2, 3), f32(3, 2)]),
  ],
  [
    'node Gemm_0 (float32[1,3], float32[3,2], float32[4,2]): [4,2] cannot be added to [1,2]',
    ({ g, f32 }) => g.op('Gemm', [f32(1, 3), f32(3, 2), f32(4, 2)]),
  ],
  [
    'node MatMulInteger_0 (int32[1,1], int32[1,1]): input 0 must be uint8 or int8, not int32',
    ({ g, i32 }) => g.op('MatMulInteger', [i32(1, 1), i32(1, 1)]),
  ],
  [
    'node MatMulInteger_0 (uint8[2,2], uint8[2,2], float32[]): input 2 must be uint8, not float32',
    ({ g, f32 }) => {
      const x = g.input('x', 'uint8', [2, 2]);
      return g.op('MatMulInteger', [x, x, f32()]);
    },
  ],
  [
    'node MatMulInteger_0 (uint8[2,2], uint8[2,2], uint8[2,2]): its zero point [2,2] must be []',
    ({ g }) => {
      const x = g.input('x', 'uint8', [2, 2]);
      return g.op('MatMulInteger', [x, x, x]);
    },
  ],
];
