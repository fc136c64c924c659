/**
 * onnxruntime's blocked operators (domain com.microsoft.nchwc): the layout that its own optimiser uses, channels in
 * blocks of 8 or 16, by processor. Shapes stay those of [n, channels, rows, columns]; only the memory differs.
 *
 * The block is not known when a graph is built, and onnxruntime rounds channels up to it. The shapes inferred here
 * hold for channels that are a multiple of 16. float32 on the CPU only.
 */
import { GraphError } from '../errors.ts';
import { formatShape, knownSize, sameShape } from '../shapes.ts';
import type { Dim } from '../types.ts';
import { conv, poolAttributes, pooledShape } from './nn.ts';
import { checkDType, operator, type InferContext } from './spec.ts';
import { windowAttributes } from './windows.ts';

const blocked = { domain: 'com.microsoft.nchwc' } as const;

/** The four sizes of an image batch in float32. */
function images(context: InferContext): readonly [Dim, Dim, Dim, Dim] {
  checkDType(context, 0, ['float32']);
  const { shape } = context.input(0);
  const [n, a, b, c] = shape;
  if (
    n === undefined ||
    a === undefined ||
    b === undefined ||
    c === undefined ||
    shape.length > 4
  ) {
    throw new GraphError(`it takes rank 4, not ${formatShape(shape)}`);
  }
  return [n, a, b, c];
}

export const nchwcOperators = {
  /** NCHW, or NHWC with `channels_last`, to blocked. */
  NchwcReorderInput: {
    ...operator([1, 1], { channels_last: 'int' }, (context) => {
      const [n, a, b, c] = images(context);
      const shape = context.int('channels_last', 0) === 1 ? [n, c, a, b] : [n, a, b, c];
      if (knownSize(shape[1]) % 4 !== 0) {
        throw new GraphError(`its channels must be a multiple of 4, not ${knownSize(shape[1])}`);
      }
      return [{ dtype: 'float32', shape }];
    }),
    ...blocked,
    opType: 'ReorderInput',
  },
  /** Blocked to NCHW, or NHWC with `channels_last`; keeps the first `channels`. */
  NchwcReorderOutput: {
    ...operator([1, 1], { channels: 'int', channels_last: 'int' }, (context) => {
      const [n, held, rows, columns] = images(context);
      const channels = context.int('channels');
      if (channels < 1 || channels > knownSize(held)) {
        throw new GraphError(`channels = ${channels} is outside 1..${held}`);
      }
      const last = context.int('channels_last', 0) === 1;
      return [
        {
          dtype: 'float32',
          shape: last ? [n, rows, columns, channels] : [n, channels, rows, columns],
        },
      ];
    }),
    ...blocked,
    opType: 'ReorderOutput',
  },
  /** Kernel [out, in, height, width] laid out as [out / B, in / B, height, width, B in, B out]; input 3 is added. */
  NchwcConv: {
    ...operator([2, 4], { ...windowAttributes, group: 'int', activation: 'string' }, (context) => {
      images(context);
      const inferred = conv(context);
      const sum = context.inputs[3]?.shape;
      const shape = inferred[0]?.shape ?? [];
      if (sum && !sameShape(sum, shape)) {
        throw new GraphError(`its addend ${formatShape(sum)} must be ${formatShape(shape)}`);
      }
      return inferred;
    }),
    ...blocked,
    opType: 'Conv',
  },
  NchwcMaxPool: {
    ...operator([1, 1], poolAttributes, (context) => {
      images(context);
      return [{ dtype: 'float32', shape: pooledShape(context) }];
    }),
    ...blocked,
    opType: 'MaxPool',
  },
  /** The mean of each channel's pixels, [n, channels, 1, 1]. */
  NchwcGlobalAveragePool: {
    ...operator([1, 1], {}, (context) => {
      const [n, channels] = images(context);
      return [{ dtype: 'float32', shape: [n, channels, 1, 1] }];
    }),
    ...blocked,
    opType: 'GlobalAveragePool',
  },
  /** Every element repeated `scales` times along each axis; only rows and columns may grow. */
  NchwcUpsample: {
    ...operator([1, 1], { scales: 'ints' }, (context) => {
      const shape = images(context);
      const scales = context.ints('scales') ?? [];
      const whole = scales.every((scale) => Number.isInteger(scale) && scale >= 1);
      if (scales.length !== 4 || !whole || scales[0] !== 1 || scales[1] !== 1) {
        throw new GraphError(
          `scales must be 1, 1 and two whole numbers from 1, not ${formatShape(scales)}`,
        );
      }
      return [
        {
          dtype: 'float32',
          shape: shape.map((size, i) => (i < 2 ? size : knownSize(size) * (scales[i] ?? 1))),
        },
      ];
    }),
    ...blocked,
    opType: 'Upsample',
  },
} as const;
