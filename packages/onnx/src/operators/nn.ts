/** Convolution and pooling, channels first as ONNX has them: [n, channels, ...spatial]. */
import { floating } from '../dtypes.ts';
import { GraphError } from '../errors.ts';
import { formatShape, knownSize, sameShape } from '../shapes.ts';
import type { Dim } from '../types.ts';
import { checkDType, operator, sameDType, type InferContext, type Inferred } from './spec.ts';
import { readWindows, spanOf, windowAttributes, windowSizes, type Windows } from './windows.ts';

const convAttributes = { ...windowAttributes, group: 'int' } as const;
export const poolAttributes = { ...windowAttributes, ceil_mode: 'int' } as const;

/** Input, kernel [a, b, ...spatial] and group of a convolution, its windows read and their sizes checked. */
function convolution(context: InferContext): {
  x: readonly Dim[];
  w: number[];
  group: number;
  windows: Windows;
} {
  const x = context.input(0).shape;
  const kernel = context.input(1).shape;
  if (x.length !== kernel.length || x.length < 3) {
    throw new GraphError(
      `ranks of input ${formatShape(x)} and kernel ${formatShape(kernel)} do not fit`,
    );
  }
  const w = kernel.map(knownSize);
  const sizes = w.slice(2);
  const named = context.ints('kernel_shape') ?? sizes;
  if (!sameShape(named, sizes)) {
    throw new GraphError(
      `kernel_shape ${formatShape(named)} is not that of ${formatShape(kernel)}`,
    );
  }
  return { x, w, group: context.int('group', 1), windows: readWindows(context, sizes) };
}

/** @throws GraphError unless the input has the kernel's channels, and both sides are whole groups. */
function checkChannels(x: readonly Dim[], wanted: number, split: number, group: number): void {
  if (x[1] !== wanted) {
    throw new GraphError(`input ${formatShape(x)} has not the ${wanted} channels of its kernel`);
  }
  if (group < 1 || split % group !== 0) {
    throw new GraphError(`${split} channels are not a whole number of ${group} groups`);
  }
}

function checkBias(context: InferContext, channels: number): void {
  const shape = context.inputs[2]?.shape;
  if (shape && !sameShape(shape, [channels])) {
    throw new GraphError(`its bias ${formatShape(shape)} must be [${channels}]`);
  }
}

/** Kernel [out, in / group, ...spatial]. */
export function conv(context: InferContext): Inferred[] {
  const dtype = sameDType(context, floating);
  const { x, w, group, windows } = convolution(context);
  const [out = 0, inner = 0] = w;
  checkChannels(x, inner * group, out, group);
  checkBias(context, out);
  return [{ dtype, shape: [x[0] ?? 1, out, ...windowSizes(x.slice(2), windows, false)] }];
}

/** Kernel [in, out / group, ...spatial]. */
function convTranspose(context: InferContext): Inferred[] {
  const dtype = sameDType(context, floating);
  const { x, w, group, windows } = convolution(context);
  const [inner = 0, outer = 0] = w;
  checkChannels(x, inner, inner, group);
  checkBias(context, outer * group);
  const extra = context.ints('output_padding') ?? windows.kernel.map(() => 0);
  const most = windows.strides.map((stride, i) => Math.max(stride, windows.dilations[i] ?? 1) - 1);
  if (extra.length !== most.length || extra.some((e, i) => e < 0 || e > (most[i] ?? 0))) {
    throw new GraphError(
      `its output_padding ${formatShape(extra)} must be at most ${formatShape(most)}`,
    );
  }
  const spatial = x.slice(2).map((dim, i) => {
    const { extent, begin, end } = spanOf(windows, i);
    const size = (knownSize(dim) - 1) * (windows.strides[i] ?? 1) + extent - begin - end;
    if (size < 1) throw new GraphError(`its pads leave nothing of axis ${i + 2}`);
    return size + (extra[i] ?? 0);
  });
  return [{ dtype, shape: [x[0] ?? 1, outer * group, ...spatial] }];
}

/** The windows of a pooling operator over [n, channels, ...spatial]. */
function poolWindows(context: InferContext): Windows {
  const { shape } = context.input(0);
  const kernel = context.ints('kernel_shape');
  if (!kernel) throw new GraphError('it needs the attribute kernel_shape');
  if (kernel.length !== shape.length - 2 || kernel.length < 1 || kernel.some((size) => size < 1)) {
    throw new GraphError(`kernel_shape ${formatShape(kernel)} does not fit ${formatShape(shape)}`);
  }
  const windows = readWindows(context, kernel);
  if (windows.pads.some((size, i) => size >= (kernel[i % kernel.length] ?? 0))) {
    throw new GraphError(
      `its pads ${formatShape(windows.pads)} must be smaller than its kernel ${formatShape(kernel)}`,
    );
  }
  return windows;
}

export function pooledShape(context: InferContext): Dim[] {
  const { shape } = context.input(0);
  const ceil = context.int('ceil_mode', 0) === 1;
  return [...shape.slice(0, 2), ...windowSizes(shape.slice(2), poolWindows(context), ceil)];
}

/** The inverse of MaxPool's sizes, where no output shape (input 2) is given. */
function unpooledShape(context: InferContext): Dim[] {
  const { shape } = context.input(0);
  const windows = poolWindows(context);
  if (context.inputs[2]) {
    const given = context.constantInts(2, 'output shape');
    if (given.length !== shape.length) {
      throw new GraphError(
        `output shape ${formatShape(given)} has not the rank of ${formatShape(shape)}`,
      );
    }
    return [...given];
  }
  const spatial = shape.slice(2).map((dim, i) => {
    const { extent, begin, end } = spanOf(windows, i);
    return (knownSize(dim) - 1) * (windows.strides[i] ?? 1) + extent - begin - end;
  });
  return [...shape.slice(0, 2), ...spatial];
}

export const nnOperators = {
  AveragePool: operator([1, 1], { ...poolAttributes, count_include_pad: 'int' }, (context) => [
    { dtype: sameDType(context, floating), shape: pooledShape(context) },
  ]),
  Conv: operator([2, 3], convAttributes, conv),
  ConvTranspose: operator([2, 3], { ...convAttributes, output_padding: 'ints' }, convTranspose),
  /** One output, or two: the second is where each maximum was, counted over the whole input. */
  MaxPool: operator([1, 1], { ...poolAttributes, storage_order: 'int' }, (context) => {
    const dtype = sameDType(context, [...floating, 'uint8', 'int8']);
    const shape = pooledShape(context);
    const indices: Inferred = { dtype: 'int64', shape };
    return context.outputs === 1 ? [{ dtype, shape }] : [{ dtype, shape }, indices];
  }),
  /** Puts values (input 0) back to where MaxPool's indices (input 1) say, zeros elsewhere. */
  MaxUnpool: operator(
    [2, 3],
    { kernel_shape: 'ints', pads: 'ints', strides: 'ints' },
    (context) => {
      checkDType(context, 0, floating);
      checkDType(context, 1, ['int64']);
      const { dtype, shape } = context.input(0);
      if (!sameShape(context.input(1).shape, shape)) {
        throw new GraphError(
          `indices ${formatShape(context.input(1).shape)} are not ${formatShape(shape)}`,
        );
      }
      return [{ dtype, shape: unpooledShape(context) }];
    },
  ),
} as const;
