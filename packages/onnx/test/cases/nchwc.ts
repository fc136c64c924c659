/**
 * onnxruntime's blocked operators. The kernels of ones stand for themselves in any block size, so that these hold on
 * every processor.
 */
import { of, type Case, type Trial } from '../support/trial.ts';
import type { Value } from '../../src/index.ts';

const CHANNELS = 32;
const SIZE = CHANNELS * 2 * 3;
const ramp = Array.from({ length: SIZE }, (_, i) => i + 1);
/** The ramp [1, 32, 2, 3] with its channels last. */
const rampNhwc = Array.from({ length: SIZE }, (_, i) => {
  const [pixel, channel] = [Math.floor(i / CHANNELS), i % CHANNELS];
  return channel * 6 + pixel + 1;
});

const nchw = (t: Trial): Value => t.f32([1, CHANNELS, 2, 3], ramp);
const nhwc = (t: Trial): Value => t.f32([1, 2, 3, CHANNELS], rampNhwc);
const blocked = (t: Trial): Value => t.g.op('NchwcReorderInput', [nchw(t)]);

/** [1, 16, 2, 2] of 1 to 64; its sum over channels is 480 + 16 p at pixel p = 1 to 4. */
function convolve(t: Trial, more: readonly (Value | undefined)[], activation?: string): Value {
  const x = t.g.op('NchwcReorderInput', [t.f32([1, 16, 2, 2])]);
  const kernel = t.f32([16, 16, 1, 1], new Array<number>(256).fill(1));
  const attributes = activation === undefined ? {} : { activation };
  const y = t.g.op('NchwcConv', [x, kernel, ...more], attributes);
  return t.g.op('NchwcReorderOutput', [y], { channels: 16 });
}

const perPixel = (pixels: readonly number[]): number[] =>
  Array.from({ length: 16 }, () => pixels).flat();

export const nchwcCases: readonly Case[] = [
  of(
    'NchwcReorderInput and NchwcReorderOutput, there and back',
    (t) => t.g.op('NchwcReorderOutput', [blocked(t)], { channels: CHANNELS }),
    ramp,
  ),
  of(
    'NchwcReorderInput from channels last',
    (t) => {
      const x = t.g.op('NchwcReorderInput', [nhwc(t)], { channels_last: 1 });
      return t.g.op('NchwcReorderOutput', [x], { channels: CHANNELS });
    },
    ramp,
  ),
  of(
    'NchwcReorderOutput to channels last',
    (t) => t.g.op('NchwcReorderOutput', [blocked(t)], { channels: CHANNELS, channels_last: 1 }),
    rampNhwc,
  ),
  of('NchwcReorderInput itself', (t) => blocked(t)),
  of(
    'NchwcMaxPool',
    (t) => {
      const y = t.g.op('NchwcMaxPool', [blocked(t)], { kernel_shape: [2, 2], strides: [2, 2] });
      return t.g.op('NchwcReorderOutput', [y], { channels: CHANNELS });
    },
    Array.from({ length: CHANNELS }, (_, channel) => channel * 6 + 5),
  ),
  of(
    'NchwcUpsample',
    (t) => {
      const pooled = t.g.op('NchwcMaxPool', [blocked(t)], { kernel_shape: [2, 3] });
      const y = t.g.op('NchwcUpsample', [pooled], { scales: [1, 1, 2, 3] });
      return t.g.op('NchwcReorderOutput', [y], { channels: CHANNELS });
    },
    Array.from({ length: SIZE }, (_, i) => Math.floor(i / 6) * 6 + 6),
  ),
  of(
    'NchwcGlobalAveragePool',
    (t) => {
      const y = t.g.op('NchwcGlobalAveragePool', [blocked(t)]);
      return t.g.op('NchwcReorderOutput', [y], { channels: CHANNELS });
    },
    Array.from({ length: CHANNELS }, (_, channel) => channel * 6 + 3.5),
  ),
  of('NchwcConv', (t) => convolve(t, []), perPixel([496, 512, 528, 544])),
  of(
    'NchwcConv with a bias and Relu',
    (t) => convolve(t, [t.f32([16], new Array<number>(16).fill(-512))], 'Relu'),
    perPixel([0, 0, 16, 32]),
  ),
  of(
    'NchwcConv with an addend',
    (t) => {
      const addend = t.f32([1, 16, 2, 2], new Array<number>(64).fill(4));
      return convolve(t, [undefined, t.g.op('NchwcReorderInput', [addend])]);
    },
    perPixel([500, 516, 532, 548]),
  ),
  of(
    'NchwcConv of each channel alone, with columns of zeros around it',
    (t) => {
      const two = t.f32([CHANNELS, 1, 1, 1], new Array<number>(CHANNELS).fill(2));
      const y = t.g.op('NchwcConv', [blocked(t), two], { group: CHANNELS, pads: [0, 1, 0, 2] });
      return t.g.op('NchwcReorderOutput', [y], { channels: CHANNELS });
    },
    Array.from({ length: CHANNELS * 2 }, (_, row) => {
      const [a = 0, b = 0, c = 0] = ramp.slice(row * 3);
      return [0, 2 * a, 2 * b, 2 * c, 0, 0];
    }).flat(),
  ),
  of('NchwcConv with pads, strides and dilations', (t) => {
    const kernel = t.f32([16, CHANNELS, 2, 2], new Array<number>(16 * CHANNELS * 4).fill(1));
    return t.g.op('NchwcConv', [blocked(t), kernel], {
      pads: [1, 2, 0, 1],
      strides: [1, 2],
      dilations: [2, 1],
    });
  }),
];
