/** Slice, Concat and their kin; operators that reduce or rank. */
import { type Refusal } from '../support/ports.ts';

export const selection: readonly Refusal[] = [
  [
    'node Concat_0 (float32[2,2], float32[3,2]): [3,2] cannot be joined to [2,2] on axis 1',
    ({ g, f32 }) => g.op('Concat', [f32(2, 2), f32(3, 2)], { axis: 1 }),
  ],
  [
    'node Concat_0 (float32[2], float32[2,2]): [2,2] cannot be joined to [2] on axis 0',
    ({ g, f32 }) => g.op('Concat', [f32(2), f32(2, 2)], { axis: 0 }),
  ],
  [
    'node Split_1 (float32[3], int64[2]): axis 0 of [3] does not split into [1,1]',
    ({ g, f32 }) => g.ops('Split', [f32(3), g.ints([1, 1])], {}, 2),
  ],
  [
    'node Split_1 (float32[3], int64[2]): axis 0 of [3] does not split into [-1,4]',
    ({ g, f32 }) => g.ops('Split', [f32(3), g.ints([-1, 4])], {}, 2),
  ],
  [
    'node Split_0 (float32[7]): axis 0 of [7] does not split into [2,2,2,1,-1]',
    ({ g, f32 }) => g.ops('Split', [f32(7)], { num_outputs: 5 }, 5),
  ],
  [
    'node Split_0 (float32[4]): it needs either sizes (input 1) or the attribute num_outputs',
    ({ g, f32 }) => g.ops('Split', [f32(4)], {}, 2),
  ],
  [
    'node Split_1 (float32[4], int64[1]): it needs either sizes (input 1) or the attribute num_outputs',
    ({ g, f32 }) => g.ops('Split', [f32(4), g.ints([4])], { num_outputs: 1 }, 1),
  ],
  [
    'node Slice_4 (float32[4], int64[1], int64[1], int64[1], int64[1]): a step must not be 0',
    ({ g, f32 }) => g.slice(f32(4), 0, 0, 4, 0),
  ],
  [
    'node Slice_4 (float32[4], int64[1], int64[1], int64[1], int64[1]): axis 1 does not exist in a value of rank 1',
    ({ g, f32 }) => g.slice(f32(4), 1, 0, 4),
  ],
  [
    'node Slice_2 (float32[4,4], int64[1], int64[2]): its starts, ends, axes and steps differ in length',
    ({ g, f32 }) => g.op('Slice', [f32(4, 4), g.ints([0]), g.ints([1, 1])]),
  ],
  [
    'node Gather_0 (float32[4], float32[1]): input 1 must be int32 or int64, not float32',
    ({ g, f32 }) => g.op('Gather', [f32(4), f32(1)]),
  ],
  [
    'node GatherElements_0 (float32[2,2], int32[1,3]): indices [1,3] do not lie in [2,2]',
    ({ g, f32, i32 }) => g.op('GatherElements', [f32(2, 2), i32(1, 3)]),
  ],
  [
    'node GatherElements_0 (float32[2,2], int32[2]): indices [2] do not lie in [2,2]',
    ({ g, f32, i32 }) => g.op('GatherElements', [f32(2, 2), i32(2)]),
  ],
  [
    'node OneHot_1 (int32[2], int64[1], float32[3]): its values (input 2) must be [2], not [3]',
    ({ g, f32, i32 }) => g.op('OneHot', [i32(2), g.ints([3]), f32(3)]),
  ],
  [
    'node OneHot_1 (int32[2], int64[1], float32[2]): only axis -1 is supported',
    ({ g, f32, i32 }) => g.op('OneHot', [i32(2), g.ints([3]), f32(2)], { axis: 0 }),
  ],
  [
    'node OneHot_1 (int32[2], int64[1], float32[2]): its depth (input 1) must be one number from 1, not [0]',
    ({ g, f32, i32 }) => g.op('OneHot', [i32(2), g.ints([0]), f32(2)]),
  ],
  [
    'node Pad_1 (float32[2], int64[2]): its mode must be constant, edge, reflect or wrap, not mirror',
    ({ g, f32 }) => g.op('Pad', [f32(2), g.ints([0, 0])], { mode: 'mirror' }),
  ],
  [
    'node Pad_1 (float32[2,2], int64[2]): [1,1] is not a begin and an end for each of 2 axes',
    ({ g, f32 }) => g.op('Pad', [f32(2, 2), g.ints([1, 1])]),
  ],
  [
    'node Pad_1 (float32[2], int64[2]): the sizes of [-1] must be whole numbers from 0, or names',
    ({ g, f32 }) => g.op('Pad', [f32(2), g.ints([-3, 0])]),
  ],
  [
    'node Pad_1 (float32[2], int64[2], int32[]): input 2 must be float32, not int32',
    ({ g, f32, i32 }) => g.op('Pad', [f32(2), g.ints([0, 0]), i32()]),
  ],
];

export const ranking: readonly Refusal[] = [
  [
    'node TopK_1 (float32[3], int64[1]): k = 4 is outside 1..3',
    ({ g, f32 }) => g.ops('TopK', [f32(3), g.ints([4])], {}, 2),
  ],
  [
    'node TopK_1 (float32[3], int64[1]): k = 0 is outside 1..3',
    ({ g, f32 }) => g.ops('TopK', [f32(3), g.ints([0])], {}, 2),
  ],
  [
    'node TopK_1 (float32[n], int64[1]): k = 0 is outside 1..n',
    ({ g, f32 }) => g.ops('TopK', [f32('n'), g.ints([0])], {}, 2),
  ],
  [
    'node TopK_1 (float32[3], int64[2]): its k (input 1) must be one number',
    ({ g, f32 }) => g.ops('TopK', [f32(3), g.ints([1, 1])], {}, 2),
  ],
  [
    'node TopK_0 (float32[3], int32[1]): its k (input 1) must be an int64 constant of the graph',
    ({ g, f32, i32 }) => g.ops('TopK', [f32(3), i32(1)], {}, 2),
  ],
  [
    'node ReduceSum_1 (float32[3], int64[1]): axis 1 does not exist in a value of rank 1',
    ({ g, f32 }) => g.reduceSum(f32(3), [1]),
  ],
  [
    'node ArgMax_0 (float32[3]): axis -2 does not exist in a value of rank 1',
    ({ g, f32 }) => g.op('ArgMax', [f32(3)], { axis: -2 }),
  ],
  [
    'node Softmax_0 (float32[3]): axis 5 does not exist in a value of rank 1',
    ({ g, f32 }) => g.op('Softmax', [f32(3)], { axis: 5 }),
  ],
  [
    'node CumSum_0 (float32[3], int32[2]): its axis (input 1) must be one number, not [2]',
    ({ g, f32, i32 }) => g.op('CumSum', [f32(3), i32(2)]),
  ],
];
