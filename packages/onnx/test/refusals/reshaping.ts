/** Reshape, Transpose and their kin. */
import { type Refusal } from '../support/ports.ts';

export const reshaping: readonly Refusal[] = [
  [
    'node Reshape_1 (float32[2,3], int64[1]): [2,3] cannot become [5]',
    ({ g, f32 }) => g.reshape(f32(2, 3), [5]),
  ],
  [
    'node Reshape_1 (float32[2,3], int64[2]): [2,3] cannot become [4,-1]',
    ({ g, f32 }) => g.reshape(f32(2, 3), [4, -1]),
  ],
  [
    'node Reshape_1 (float32[2,3], int64[2]): [2,3] cannot become [-1,-1]',
    ({ g, f32 }) => g.reshape(f32(2, 3), [-1, -1]),
  ],
  [
    'node Reshape_1 (float32[2,3], int64[2]): [2,3] cannot become [-2,3]',
    ({ g, f32 }) => g.reshape(f32(2, 3), [-2, 3]),
  ],
  [
    'node Reshape_1 (float32[4], int64[2]): [4] cannot become [4,0]',
    ({ g, f32 }) => g.reshape(f32(4), [4, 0]),
  ],
  [
    'node Reshape_1 (float32[n,m,2], int64[2]): [n,m,2] cannot become [-1,2]',
    ({ g, f32 }) => g.reshape(f32('n', 'm', 2), [-1, 2]),
  ],
  [
    'node Reshape_1 (float32[n,4], int64[2]): [n,4] cannot become [-1,2]',
    ({ g, f32 }) => g.reshape(f32('n', 4), [-1, 2]),
  ],
  [
    'node Reshape_1 (float32[n,4], int64[2]): [n,4] cannot become [0,2]',
    ({ g, f32 }) => g.reshape(f32('n', 4), [0, 2]),
  ],
  [
    'node Reshape_0 (float32[4], float32[1]): its shape (input 1) must be an int64 constant of the graph',
    ({ g, f32 }) => g.op('Reshape', [f32(4), f32(1)]),
  ],
  [
    'node Transpose_0 (float32[2,3]): perm [0,0] does not fit [2,3]',
    ({ g, f32 }) => g.transpose(f32(2, 3), [0, 0]),
  ],
  [
    'node Transpose_0 (float32[2,3]): perm [-1,0] does not fit [2,3]',
    ({ g, f32 }) => g.transpose(f32(2, 3), [-1, 0]),
  ],
  [
    'node Transpose_0 (float32[2,3]): perm [0,1,2] does not fit [2,3]',
    ({ g, f32 }) => g.transpose(f32(2, 3), [0, 1, 2]),
  ],
  [
    'node Squeeze_1 (float32[2,1], int64[1]): the axes [0] of [2,1] are not all 1',
    ({ g, f32 }) => g.op('Squeeze', [f32(2, 1), g.ints([0])]),
  ],
  [
    'node Unsqueeze_1 (float32[2], int64[2]): an axis is named twice in [0,-3]',
    ({ g, f32 }) => g.op('Unsqueeze', [f32(2), g.ints([0, -3])]),
  ],
  [
    'node Unsqueeze_1 (float32[2], int64[1]): axis 2 does not exist in a value of rank 2',
    ({ g, f32 }) => g.op('Unsqueeze', [f32(2), g.ints([2])]),
  ],
  [
    'node Expand_1 (float32[2], int64[1]): shapes [2] and [3] do not broadcast',
    ({ g, f32 }) => g.op('Expand', [f32(2), g.ints([3])]),
  ],
  [
    'node Expand_1 (float32[2], int64[1]): the sizes of [-1] must be whole numbers from 0, or names',
    ({ g, f32 }) => g.op('Expand', [f32(2), g.ints([-1])]),
  ],
  [
    'node Tile_1 (float32[2,2], int64[1]): [2] is not one repeat for each axis',
    ({ g, f32 }) => g.op('Tile', [f32(2, 2), g.ints([2])]),
  ],
  [
    'node Tile_1 (float32[n], int64[1]): the size "n" must be a number here; give the graph a fixed shape',
    ({ g, f32 }) => g.op('Tile', [f32('n'), g.ints([2])]),
  ],
  [
    'node Flatten_0 (float32[2]): axis 2 does not exist in a value of rank 1',
    ({ g, f32 }) => g.op('Flatten', [f32(2)], { axis: 2 }),
  ],
];
