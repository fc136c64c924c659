/** Convolution and pooling. */
import { of, type Case } from '../support/trial.ts';

const ones = (size: number): number[] => new Array<number>(size).fill(1);
/** [1, 1, 3, 3] of 1 to 9 and [1, 1, 2, 2] of ones: a convolution sums the pixels under the window. */
const image = [1, 1, 3, 3];
const box = [1, 1, 2, 2];

const convCases: readonly Case[] = [
  of('Conv', (t) => t.g.op('Conv', [t.f32(image), t.f32(box, ones(4))]), [12, 16, 24, 28]),
  of(
    'Conv with pads and strides',
    (t) =>
      t.g.op('Conv', [t.f32(image), t.f32(box, ones(4))], {
        kernel_shape: [2, 2],
        pads: [0, 0, 1, 1],
        strides: [2, 2],
      }),
    [12, 9, 15, 9],
  ),
  of(
    'Conv with other pads on each side',
    (t) =>
      t.g.op('Conv', [t.f32(image), t.f32(box, ones(4))], { pads: [1, 0, 0, 2], strides: [3, 2] }),
    [3, 3],
  ),
  of(
    'Conv with dilations',
    (t) => t.g.op('Conv', [t.f32(image), t.f32(box, ones(4))], { dilations: [2, 2] }),
    [20],
  ),
  of(
    'Conv in groups, with a bias, images with a name',
    (t) =>
      t.g.op(
        'Conv',
        [
          t.f32([1, 2, 1, 3], undefined, ['n', 2, 1, 3]),
          t.f32([2, 1, 1, 2], [1, 1, 1, -1]),
          t.f32([2], [10, 20]),
        ],
        { group: 2 },
      ),
    [13, 15, 19, 19],
  ),
  of('Conv over one axis', (t) => t.g.op('Conv', [t.f32([1, 1, 3]), t.f32([1, 1, 2])]), [5, 8]),
  of('Conv over three axes', (t) =>
    t.g.op('Conv', [t.f32([2, 3, 4, 5, 6]), t.f32([7, 3, 1, 2, 3])], { strides: [3, 2, 1] }),
  ),
  of(
    'ConvTranspose',
    (t) =>
      t.g.op('ConvTranspose', [t.f32([1, 1, 1, 2]), t.f32([1, 1, 1, 2], [1, 10])], {
        strides: [1, 2],
      }),
    [1, 10, 2, 20],
  ),
  of(
    'ConvTranspose with pads, output padding and a bias',
    (t) =>
      t.g.op('ConvTranspose', [t.f32([1, 1, 2]), t.f32([1, 1, 2], [1, 10]), t.f32([1], [100])], {
        strides: [2],
        pads: [1, 0],
        output_padding: [1],
      }),
    [110, 102, 120, 100],
  ),
  of(
    'ConvTranspose in groups',
    (t) => t.g.op('ConvTranspose', [t.f32([1, 2, 2]), t.f32([2, 1, 1], [1, 10])], { group: 2 }),
    [1, 2, 30, 40],
  ),
  of('ConvTranspose with dilations', (t) =>
    t.g.op('ConvTranspose', [t.f32([2, 3, 4, 5]), t.f32([3, 2, 2, 3])], {
      dilations: [2, 3],
      strides: [3, 1],
      pads: [1, 0, 0, 2],
    }),
  ),
];

const two = { kernel_shape: [2, 2], strides: [2, 2] };

const poolCases: readonly Case[] = [
  of('MaxPool', (t) => t.g.op('MaxPool', [t.f32([1, 1, 2, 4])], two), [6, 8]),
  of(
    'MaxPool with indices, which count over the whole input',
    (t) => t.g.ops('MaxPool', [t.f32([1, 2, 2, 4])], two, 2),
    [6, 8, 14, 16],
    [5, 7, 13, 15],
  ),
  of(
    'MaxPool with indices by column',
    (t) => t.g.ops('MaxPool', [t.f32([1, 1, 2, 4])], { ...two, storage_order: 1 }, 2),
    [6, 8],
    [3, 7],
  ),
  of(
    'MaxPool takes the first of equals',
    (t) => t.g.ops('MaxPool', [t.f32([1, 1, 2, 2], ones(4))], two, 2),
    [1],
    [0],
  ),
  of(
    'MaxPool with pads and dilations',
    (t) =>
      t.g.op('MaxPool', [t.f32([1, 1, 5])], { kernel_shape: [2], dilations: [3], pads: [1, 0] }),
    [3, 4, 5],
  ),
  of(
    'MaxPool rounding up',
    (t) => t.g.op('MaxPool', [t.f32([1, 1, 5])], { kernel_shape: [2], strides: [2], ceil_mode: 1 }),
    [2, 4, 5],
  ),
  of(
    'MaxPool rounding up, but not to a window that begins in the padding',
    (t) =>
      t.g.op('MaxPool', [t.f32([1, 1, 5])], {
        kernel_shape: [2],
        strides: [3],
        pads: [1, 1],
        ceil_mode: 1,
      }),
    [1, 4],
  ),
  of(
    'MaxPool of bytes, images with a name',
    (t) => t.g.op('MaxPool', [t.feed('uint8', [1, 1, 2, 2], undefined, ['n', 1, 2, 2])], two),
    [4],
  ),
  of(
    'AveragePool leaves pads out',
    (t) => t.g.op('AveragePool', [t.f32([1, 1, 2], [2, 4])], { kernel_shape: [2], pads: [1, 0] }),
    [2, 3],
  ),
  of(
    'AveragePool with pads counted',
    (t) =>
      t.g.op('AveragePool', [t.f32([1, 1, 2], [2, 4])], {
        kernel_shape: [2],
        pads: [1, 0],
        count_include_pad: 1,
      }),
    [1, 3],
  ),
  of(
    'AveragePool with dilations, rounding up',
    (t) =>
      t.g.op('AveragePool', [t.f32([1, 1, 6])], {
        kernel_shape: [2],
        dilations: [2],
        strides: [2],
        ceil_mode: 1,
      }),
    [2, 4, 5],
  ),
  of(
    'MaxUnpool is the way back from MaxPool',
    (t) => {
      const [y, at] = t.g.ops('MaxPool', [t.f32([1, 1, 2, 4])], two, 2);
      return t.g.op('MaxUnpool', [y, at], two);
    },
    [0, 0, 0, 0, 0, 6, 0, 8],
  ),
  of(
    'MaxUnpool to a given shape',
    (t) =>
      t.g.op(
        'MaxUnpool',
        [t.f32([1, 1, 1], [7]), t.feed('int64', [1, 1, 1], [2]), t.g.ints([1, 1, 4])],
        {
          kernel_shape: [2],
          strides: [2],
        },
      ),
    [0, 0, 7, 0],
  ),
];

export const nnCases: readonly Case[] = [...convCases, ...poolCases];
