/** Operators that pick, join or surround elements. */
import { of, type Case } from '../support/trial.ts';

const LAST = Number.MAX_SAFE_INTEGER;

export const selectionCases: readonly Case[] = [
  of('Slice', (t) => t.g.slice(t.f32([5]), 0, 1, 3), [2, 3]),
  of('Slice from the end, beyond the end', (t) => t.g.slice(t.f32([5]), 0, -3, LAST), [3, 4, 5]),
  of('Slice with a step', (t) => t.g.slice(t.f32([2, 5]), -1, 0, 5, 2), [1, 3, 5, 6, 8, 10]),
  of('Slice backwards', (t) => t.g.slice(t.f32([4]), 0, -1, -LAST, -1), [4, 3, 2, 1]),
  of('Slice of nothing', (t) => t.g.slice(t.f32([5]), 0, 4, 2), []),
  of(
    'Slice of the first axes',
    (t) => t.g.op('Slice', [t.f32([3, 2]), t.g.ints([1, 1]), t.g.ints([3, 2])]),
    [4, 6],
  ),
  of(
    'Slice of rows with a name',
    (t) => t.g.slice(t.f32([2, 3], undefined, ['n', 3]), 1, 0, 1),
    [1, 4],
  ),
  of(
    'Split in sizes',
    (t) => t.g.ops('Split', [t.f32([2, 3]), t.g.ints([1, 2])], { axis: 1 }, 2),
    [1, 4],
    [2, 3, 5, 6],
  ),
  of(
    'Split in equal parts',
    (t) => t.g.ops('Split', [t.f32([4])], { num_outputs: 2 }, 2),
    [1, 2],
    [3, 4],
  ),
  of(
    'Split with a smaller last part',
    (t) => t.g.ops('Split', [t.f32([7])], { num_outputs: 3 }, 3),
    [1, 2, 3],
    [4, 5, 6],
    [7],
  ),
  of(
    'Split with an empty part',
    (t) => t.g.ops('Split', [t.f32([1]), t.g.ints([0, 1])], {}, 2),
    [],
    [1],
  ),
  of(
    'Concat',
    (t) => t.g.op('Concat', [t.f32([2, 1]), t.f32([2, 2]), t.f32([2, 0])], { axis: 1 }),
    [1, 1, 2, 2, 3, 4],
  ),
  of('Concat of images with a name', (t) =>
    t.g.op('Concat', [t.f32([2, 3], undefined, ['n', 3]), t.f32([2, 1], undefined, ['n', 1])], {
      axis: -1,
    }),
  ),
  of('Concat of many', (t) => t.g.op('Concat', Array(100).fill(t.f32([2])), { axis: 0 })),
  of('Gather', (t) => t.g.op('Gather', [t.f32([3, 2]), t.g.ints([2, 0])]), [5, 6, 1, 2]),
  of('Gather with a scalar drops the axis', (t) =>
    t.g.op('Gather', [t.f32([3, 2]), t.int(1)], { axis: 1 }),
  ),
  of(
    'Gather with int32 indices that have a name',
    (t) =>
      t.g.op('Gather', [t.f32([3, 2]), t.feed('int32', [1, 2], [1, -1], [1, 'n'])], { axis: -1 }),
    [2, 2, 4, 4, 6, 6],
  ),
  of(
    'GatherElements',
    (t) => t.g.op('GatherElements', [t.f32([2, 2]), t.feed('int64', [1, 2], [1, 0])]),
    [3, 2],
  ),
  of(
    'OneHot',
    (t) => t.g.op('OneHot', [t.feed('int64', [2], [2, 0]), t.g.ints([3]), t.f32([2], [0, 1])]),
    [0, 0, 1, 1, 0, 0],
  ),
  of('Pad', (t) => t.g.op('Pad', [t.f32([1, 2]), t.g.ints([1, 0, 0, 1])]), [0, 0, 0, 1, 2, 0]),
  of(
    'Pad with a number, one axis',
    (t) => t.g.op('Pad', [t.f32([2, 1]), t.g.ints([1, 0]), t.g.scalar(9), t.g.ints([1])]),
    [9, 1, 9, 2],
  ),
  of(
    'Pad reflecting',
    (t) => t.g.op('Pad', [t.f32([3]), t.g.ints([2, 1])], { mode: 'reflect' }),
    [3, 2, 1, 2, 3, 2],
  ),
  of(
    'Pad with the edge',
    (t) => t.g.op('Pad', [t.f32([2]), t.g.ints([1, 1])], { mode: 'edge' }),
    [1, 1, 2, 2],
  ),
  of(
    'Pad wrapping',
    (t) => t.g.op('Pad', [t.f32([2]), t.g.ints([1, 0])], { mode: 'wrap' }),
    [2, 1, 2],
  ),
  of('Pad below zero cuts off', (t) => t.g.op('Pad', [t.f32([4]), t.g.ints([-1, -2])]), [2]),
  of('Pad of images with a name', (t) =>
    t.g.op('Pad', [t.f32([2, 3], undefined, ['n', 3]), t.g.ints([0, 1, 0, 1])]),
  ),
];
