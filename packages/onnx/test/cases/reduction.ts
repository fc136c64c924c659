/** Reductions, and the operators that rank or run along an axis. */
import { of, type Case } from '../support/trial.ts';

export const reductionCases: readonly Case[] = [
  of('ReduceSum', (t) => t.g.reduceSum(t.f32([2, 3]), [1]), [6, 15]),
  of('ReduceSum keeping the axis', (t) => t.g.reduceSum(t.f32([2, 3]), [-1], true), [6, 15]),
  of('ReduceSum over two axes', (t) => t.g.reduceSum(t.f32([2, 2, 2]), [0, -1]), [14, 22]),
  of('ReduceSum over an empty list is over all', (t) => t.g.reduceSum(t.f32([2, 3]), []), [21]),
  of('ReduceSum without a list is over all', (t) => t.g.op('ReduceSum', [t.f32([2, 3])]), [21]),
  of(
    'ReduceSum over an empty list, told to do nothing',
    (t) =>
      t.g.op('ReduceSum', [t.f32([2]), t.g.ints([])], { noop_with_empty_axes: 1, keepdims: 0 }),
    [1, 2],
  ),
  of(
    'ReduceSum of rows with a name',
    (t) => t.g.reduceSum(t.f32([2, 3], undefined, ['n', 3]), [1]),
    [6, 15],
  ),
  of('ReduceL2', (t) => t.g.op('ReduceL2', [t.f32([2], [3, 4])], { keepdims: 0 }), [5]),
  of('ReduceLogSumExp', (t) => t.g.op('ReduceLogSumExp', [t.f32([2], [0, 0])]), [Math.LN2]),
  of('ReduceMax', (t) => t.g.op('ReduceMax', [t.f32([2, 2]), t.g.ints([0])]), [3, 4]),
  of('ReduceMean', (t) => t.g.op('ReduceMean', [t.f32([2, 2]), t.g.ints([1])]), [1.5, 3.5]),
  of('ReduceMin', (t) => t.g.op('ReduceMin', [t.f32([2, 2]), t.g.ints([1])]), [1, 3]),
  of('ReduceSumSquare', (t) => t.g.op('ReduceSumSquare', [t.f32([2])]), [5]),
  of('ArgMax', (t) => t.g.op('ArgMax', [t.f32([2, 2], [1, 2, 4, 3])], { axis: 1 }), [1, 0]),
  of(
    'ArgMax takes the first of equals',
    (t) => t.g.op('ArgMax', [t.f32([3], [5, 5, 1])], { keepdims: 0 }),
    [0],
  ),
  of(
    'ArgMax told to take the last of equals',
    (t) => t.g.op('ArgMax', [t.f32([3], [5, 5, 1])], { keepdims: 0, select_last_index: 1 }),
    [1],
  ),
  of('ArgMin', (t) => t.g.op('ArgMin', [t.f32([2, 2])], { axis: -1, keepdims: 0 }), [0, 0]),
  of('CumSum', (t) => t.g.op('CumSum', [t.f32([2, 3]), t.int(1)]), [1, 3, 6, 4, 9, 15]),
  of(
    'CumSum from behind, without the element itself',
    (t) => t.g.op('CumSum', [t.f32([3]), t.g.ints([0])], { reverse: 1, exclusive: 1 }),
    [5, 3, 0],
  ),
  of('Softmax', (t) => t.g.op('Softmax', [t.f32([2, 2], [0, 0, 9, 9])]), [0.5, 0.5, 0.5, 0.5]),
  of('Softmax down', (t) => t.g.op('Softmax', [t.f32([2, 1], [0, 0])], { axis: 0 }), [0.5, 0.5]),
  of('LogSoftmax', (t) => t.g.op('LogSoftmax', [t.f32([2], [7, 7])]), [-Math.LN2, -Math.LN2]),
  of(
    'TopK',
    (t) => t.g.ops('TopK', [t.f32([2, 3], [5, 9, 7, 1, 3, 2]), t.g.ints([2])], {}, 2),
    [9, 7, 3, 2],
    [1, 2, 1, 2],
  ),
  of(
    'TopK, the smallest, down',
    (t) => {
      const x = t.f32([3, 2], [5, 1, 4, 2, 6, 3]);
      return t.g.ops('TopK', [x, t.g.ints([1])], { axis: 0, largest: 0, sorted: 1 }, 2);
    },
    [4, 1],
    [1, 0],
  ),
  of(
    'TopK over a size with a name, equals by index',
    (t) => t.g.ops('TopK', [t.f32([3], [4, 4, 4], ['n']), t.g.ints([2])], {}, 2),
    [4, 4],
    [0, 1],
  ),
];
