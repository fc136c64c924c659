/** Layers that move, repeat or leave out numbers without computing any. */
import { z } from 'zod';
import { ModelFileError } from '../../errors.ts';
import { layerKind } from '../layer-kind.ts';
import { channelsLast, pair, settings, size } from '../settings.ts';
import { checkImages, elements } from '../shapes.ts';

const passes = (): string => 'passes';

/** Out of the network once it is trained. */
export const dropout = layerKind(
  settings({
    rate: z.number().min(0).lt(1),
    seed: z.number().int().optional(),
    /** With the batch; null is as the input. Only training needs it, and TensorFlow.js refuses to train with it. */
    noise_shape: z.array(size.nullable()).max(8).optional(),
  }),
  { activation: passes, lower: (l) => l.feature },
);

export const flatten = layerKind(settings({ data_format: z.literal('channels_last').optional() }), {
  output: (_, input, at) => {
    if (input.length > 1) return [elements(input)];
    throw new ModelFileError(
      'unsupported',
      `${at} flattens what is flat already, which TensorFlow.js cannot; leave the layer out.`,
    );
  },
  activation: passes,
  lower: (l) => ({ value: l.g.reshape(l.last(), [-1, elements(l.input)]), layout: 'last' }),
});

export const reshape = layerKind(
  settings({
    /** One size may be open: -1, or null once TensorFlow.js has built the layer. */
    target_shape: z
      .array(z.union([size, z.literal(-1), z.null().transform((): -1 => -1)]))
      .min(1)
      .max(3),
  }),
  {
    output: ({ target_shape: target }, input, at) => {
      const known = elements(target.filter((length) => length !== -1));
      const rest = elements(input) / known;
      const open = target.filter((length) => length === -1).length;
      if (open > 1 || !Number.isInteger(rest) || (open === 0 && rest !== 1)) {
        throw new ModelFileError(
          'corrupt',
          `${at} cannot make [${target.join(', ')}] of an input of [${input.join(', ')}].`,
        );
      }
      return target.map((length) => (length === -1 ? rest : length));
    },
    activation: passes,
    lower: (l) => ({ value: l.g.reshape(l.last(), [-1, ...l.output]), layout: 'last' }),
  },
);

const width = z
  .number()
  .int()
  .nonnegative()
  .max(1 << 16);
const widths = z.union([
  z.tuple([z.tuple([width, width]), z.tuple([width, width])]),
  z.tuple([width, width]).transform(([down, right]) => {
    const sides: [[number, number], [number, number]] = [
      [down, down],
      [right, right],
    ];
    return sides;
  }),
]);

export const zeroPadding2d = layerKind(settings({ padding: widths, data_format: channelsLast }), {
  output: ({ padding }, input, at) => {
    checkImages(input, at);
    const [rows = 0, columns = 0, channels = 0] = input;
    const [[top, bottom], [left, right]] = padding;
    return [rows + top + bottom, columns + left + right, channels];
  },
  lower: (l, { padding: [[top, bottom], [left, right]] }) => {
    const pads = l.g.ints([0, top, left, 0, 0, bottom, right, 0]);
    return { value: l.g.op('Pad', [l.last(), pads]), layout: 'last' };
  },
});

/** Each pixel several times: [n, rows, columns, channels] -> [n, rows, 1, columns, 1, channels] -> the ones as large as `size`. */
export const upSampling2d = layerKind(
  settings({
    ...{ size: pair, data_format: channelsLast },
    interpolation: z.literal('nearest').default('nearest'),
  }),
  {
    output: ({ size: [down, right] }, input, at) => {
      checkImages(input, at);
      const [rows = 0, columns = 0, channels = 0] = input;
      return [rows * down, columns * right, channels];
    },
    lower: (l, { size: [down, right] }) => {
      const [rows = 0, columns = 0, channels = 0] = l.input;
      const apart = l.g.reshape(l.last(), [-1, rows, 1, columns, 1, channels]);
      const times = l.g.ints([1, rows, down, columns, right, channels]);
      const repeated = l.g.op('Expand', [apart, times]);
      return { value: l.g.reshape(repeated, [-1, ...l.output]), layout: 'last' };
    },
  },
);
