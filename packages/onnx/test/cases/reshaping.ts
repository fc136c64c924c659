/** Operators that give the same elements another shape or order. */
import { of, type Case } from '../support/trial.ts';

export const reshapingCases: readonly Case[] = [
  of('Reshape', (t) => t.g.reshape(t.f32([2, 3]), [3, 2]), [1, 2, 3, 4, 5, 6]),
  of('Reshape with -1', (t) => t.g.reshape(t.f32([2, 6]), [3, -1])),
  of('Reshape with 0, which copies', (t) => t.g.reshape(t.f32([2, 6]), [0, 3, -1])),
  of('Reshape to a scalar', (t) => t.g.reshape(t.f32([1, 1]), []), [1]),
  of('Reshape of nothing', (t) => t.g.reshape(t.f32([0, 3]), [0, 5])),
  of('Reshape of nothing, 0 taken at its word', (t) =>
    t.g.op('Reshape', [t.f32([0, 3]), t.g.ints([3, 0])], { allowzero: 1 }),
  ),
  of('Reshape, a name through the -1', (t) =>
    t.g.reshape(t.f32([2, 7, 3], undefined, ['n', 7, 3]), [-1, 21]),
  ),
  of('Reshape, a name copied', (t) =>
    t.g.reshape(t.f32([2, 7, 3], undefined, ['n', 7, 3]), [0, -1]),
  ),
  of('Reshape, one name copied and one through the -1', (t) =>
    t.g.reshape(t.f32([2, 5, 4], undefined, ['n', 'm', 4]), [0, 4, -1]),
  ),
  of('Reshape, the same name copied and through the -1', (t) =>
    t.g.reshape(t.f32([2, 2, 3], undefined, ['n', 'n', 3]), [0, 3, -1]),
  ),
  of('Reshape, a name to a number that the run confirms', (t) =>
    t.g.reshape(t.f32([2, 3], undefined, ['n', 3]), [6]),
  ),
  of('Flatten', (t) => t.g.op('Flatten', [t.f32([2, 3, 4])])),
  of('Flatten from behind', (t) => t.g.op('Flatten', [t.f32([2, 3, 4])], { axis: -1 })),
  of('Flatten behind the last axis', (t) => t.g.op('Flatten', [t.f32([2, 3])], { axis: 2 })),
  of('Flatten of images with a name', (t) =>
    t.g.op('Flatten', [t.f32([2, 3, 4], undefined, ['n', 3, 4])]),
  ),
  of('Transpose', (t) => t.g.transpose(t.f32([2, 3]), [1, 0]), [1, 4, 2, 5, 3, 6]),
  of('Transpose back to front', (t) => t.g.op('Transpose', [t.f32([2, 3, 4])])),
  of('Transpose with a name', (t) =>
    t.g.transpose(t.f32([2, 3, 4], undefined, ['n', 3, 4]), [2, 0, 1]),
  ),
  of('Squeeze', (t) => t.g.op('Squeeze', [t.f32([1, 2, 1]), t.g.ints([0, -1])]), [1, 2]),
  of('Unsqueeze', (t) => t.g.op('Unsqueeze', [t.f32([2, 3]), t.g.ints([0, -1])])),
  of('Unsqueeze in any order', (t) => t.g.op('Unsqueeze', [t.f32([2, 3]), t.g.ints([3, 1])])),
  of('Expand', (t) => t.g.op('Expand', [t.f32([2, 1]), t.g.ints([3, 1, 2])])),
  of('Expand cannot shrink', (t) => t.g.op('Expand', [t.f32([2]), t.g.ints([1])]), [1, 2]),
  of('Expand of rows with a name', (t) =>
    t.g.op('Expand', [t.f32([2, 1], undefined, ['n', 1]), t.g.ints([1, 3])]),
  ),
  of('Tile', (t) => t.g.op('Tile', [t.f32([1, 2]), t.g.ints([2, 2])]), [1, 2, 1, 2, 1, 2, 1, 2]),
  of('Tile of rows with a name', (t) =>
    t.g.op('Tile', [t.f32([2, 1], undefined, ['n', 1]), t.g.ints([1, 3])]),
  ),
];
