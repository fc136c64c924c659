/** Element-wise operators: arithmetic, comparisons, logic, activations, Cast and Where. */
import { of, type Case } from '../support/trial.ts';

/** The exponential branch of Elu and Selu at -1. */
const left = Math.exp(-1) - 1;

export const elementwiseCases: readonly Case[] = [
  of('Abs', (t) => t.g.op('Abs', [t.f32([2], [-1, 2])]), [1, 2]),
  of('Ceil', (t) => t.g.op('Ceil', [t.f32([2], [-1.5, 1.5])]), [-1, 2]),
  of('Erf', (t) => t.g.op('Erf', [t.f32([2], [0, 1])]), [0, 0.842701]),
  of('Exp', (t) => t.g.op('Exp', [t.f32([2], [0, 1])]), [1, Math.E]),
  of('Floor', (t) => t.g.op('Floor', [t.f32([2], [-1.5, 1.5])]), [-2, 1]),
  of('Identity', (t) => t.g.op('Identity', [t.f32([1], [3])]), [3]),
  of('Log', (t) => t.g.op('Log', [t.f32([2], [1, Math.E])]), [0, 1]),
  of('Neg', (t) => t.g.op('Neg', [t.f32([2], [1, -2])]), [-1, 2]),
  of('Reciprocal', (t) => t.g.op('Reciprocal', [t.f32([2], [2, -4])]), [0.5, -0.25]),
  of('Relu', (t) => t.g.op('Relu', [t.f32([2], [-1, 2])]), [0, 2]),
  of('Sigmoid', (t) => t.g.op('Sigmoid', [t.f32([1], [0])]), [0.5]),
  of('Sign', (t) => t.g.op('Sign', [t.f32([3], [-3, 0, 9])]), [-1, 0, 1]),
  of('Softplus', (t) => t.g.op('Softplus', [t.f32([1], [0])]), [Math.LN2]),
  of('Softsign', (t) => t.g.op('Softsign', [t.f32([2], [1, -3])]), [0.5, -0.75]),
  of('Sqrt', (t) => t.g.op('Sqrt', [t.f32([2], [4, 9])]), [2, 3]),
  of('Tanh', (t) => t.g.op('Tanh', [t.f32([2], [0, 1])]), [0, Math.tanh(1)]),
  of('Elu', (t) => t.g.op('Elu', [t.f32([2], [-1, 1])], { alpha: 2 }), [2 * left, 1]),
  of('HardSigmoid', (t) => t.g.op('HardSigmoid', [t.f32([3], [-9, 0, 9])]), [0, 0.5, 1]),
  of(
    'HardSigmoid with its slope given',
    (t) => t.g.op('HardSigmoid', [t.f32([2], [0.5, 2])], { alpha: 1, beta: 0 }),
    [0.5, 1],
  ),
  of('LeakyRelu', (t) => t.g.op('LeakyRelu', [t.f32([2], [-1, 1])], { alpha: 0.5 }), [-0.5, 1]),
  of('Selu', (t) => t.g.op('Selu', [t.f32([2], [-1, 1])], { alpha: 1, gamma: 2 }), [2 * left, 2]),
  of(
    'ThresholdedRelu',
    (t) => t.g.op('ThresholdedRelu', [t.f32([2], [1, 2])], { alpha: 1 }),
    [0, 2],
  ),
  of(
    'Clip on both sides',
    (t) => t.g.op('Clip', [t.f32([3]), t.g.scalar(2), t.g.scalar(2.5)]),
    [2, 2, 2.5],
  ),
  of('Clip from above', (t) => t.g.op('Clip', [t.f32([3]), undefined, t.g.scalar(2)]), [1, 2, 2]),
  of('Not', (t) => t.g.op('Not', [t.feed('bool', [2], [1, 0])]), [0, 1]),

  of('Add', (t) => t.g.op('Add', [t.f32([2, 2]), t.f32([2], [10, 20])]), [11, 22, 13, 24]),
  of(
    'Add with sizes that have names',
    (t) => t.g.op('Add', [t.f32([2, 1], [1, 2], ['n', 1]), t.f32([2], [10, 20], ['m'])]),
    [11, 21, 12, 22],
  ),
  of('Sub', (t) => t.g.op('Sub', [t.f32([2]), t.f32([], [1])]), [0, 1]),
  of('Mul', (t) => t.g.op('Mul', [t.f32([2, 1]), t.f32([1, 2])]), [1, 2, 2, 4]),
  of('Div', (t) => t.g.op('Div', [t.f32([2]), t.f32([2], [2, 4])]), [0.5, 0.5]),
  of(
    'Div of integers, towards zero',
    (t) => t.g.op('Div', [t.feed('int32', [2], [7, -7]), t.g.scalar(2, 'int32')]),
    [3, -3],
  ),
  of(
    'Mod of integers, with the sign of the divisor',
    (t) => t.g.op('Mod', [t.feed('int32', [2], [7, -7]), t.g.scalar(3, 'int32')]),
    [1, 2],
  ),
  of(
    'Mod with fmod, with the sign of the dividend',
    (t) => t.g.op('Mod', [t.f32([2], [7, -7]), t.g.scalar(3)], { fmod: 1 }),
    [1, -1],
  ),
  of('Pow', (t) => t.g.op('Pow', [t.f32([2], [2, 3]), t.f32([2], [3, 2])]), [8, 9]),
  of(
    'Pow with an exponent of another dtype',
    (t) => t.g.op('Pow', [t.feed('int32', [2], [2, 3]), t.f32([], [2])]),
    [4, 9],
  ),
  of('Max', (t) => t.g.op('Max', [t.f32([2]), t.f32([1], [1.5]), t.f32([2, 1])]), [1.5, 2, 2, 2]),
  of('Min', (t) => t.g.op('Min', [t.f32([2]), t.f32([], [1.5])]), [1, 1.5]),
  of('Sum', (t) => t.g.op('Sum', [t.f32([2]), t.f32([2, 2]), t.f32([1])]), [3, 5, 5, 7]),
  of(
    'BitShift to the left',
    (t) =>
      t.g.op('BitShift', [t.feed('uint8', [2], [1, 2]), t.feed('uint8', [2], [1, 3])], {
        direction: 'LEFT',
      }),
    [2, 16],
  ),
  of(
    'BitShift to the right',
    (t) =>
      t.g.op('BitShift', [t.feed('uint32', [1], [8]), t.feed('uint32', [1], [2])], {
        direction: 'RIGHT',
      }),
    [2],
  ),

  of(
    'BitwiseAnd',
    (t) => t.g.op('BitwiseAnd', [t.feed('int32', [2], [6, 2]), t.feed('int32', [], [3])]),
    [2, 2],
  ),
  of(
    'BitwiseOr',
    (t) => t.g.op('BitwiseOr', [t.feed('int32', [2], [6, 2]), t.feed('int32', [], [3])]),
    [7, 3],
  ),
  of(
    'BitwiseXor',
    (t) => t.g.op('BitwiseXor', [t.feed('int32', [2], [6, 2]), t.feed('int32', [], [3])]),
    [5, 1],
  ),
  of(
    'And',
    (t) => t.g.op('And', [t.feed('bool', [3], [1, 1, 0]), t.feed('bool', [3], [1, 0, 0])]),
    [1, 0, 0],
  ),
  of(
    'Or',
    (t) => t.g.op('Or', [t.feed('bool', [3], [1, 1, 0]), t.feed('bool', [3], [1, 0, 0])]),
    [1, 1, 0],
  ),
  of('Equal', (t) => t.g.op('Equal', [t.f32([3]), t.f32([], [2])]), [0, 1, 0]),
  of('Greater', (t) => t.g.op('Greater', [t.f32([3]), t.f32([], [2])]), [0, 0, 1]),
  of('GreaterOrEqual', (t) => t.g.op('GreaterOrEqual', [t.f32([3]), t.f32([], [2])]), [0, 1, 1]),
  of('Less', (t) => t.g.op('Less', [t.f32([3]), t.f32([], [2])]), [1, 0, 0]),
  of('LessOrEqual', (t) => t.g.op('LessOrEqual', [t.f32([3]), t.f32([], [2])]), [1, 1, 0]),
  of('Cast to int32, towards zero', (t) => t.g.cast(t.f32([2], [1.7, -1.7]), 'int32'), [1, -1]),
  of('Cast to bool', (t) => t.g.cast(t.f32([2], [0, 2]), 'bool'), [0, 1]),
  of('Cast to int64', (t) => t.g.cast(t.feed('uint8', [1], [255]), 'int64'), [255]),
  of(
    'Where',
    (t) => t.g.op('Where', [t.feed('bool', [2, 1], [1, 0]), t.f32([2]), t.f32([], [9])]),
    [1, 2, 9, 9],
  ),
];
