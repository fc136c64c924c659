/** Sliding windows over the spatial axes: the attributes that convolution and pooling share, and output sizes. */
import { GraphError } from '../errors.ts';
import { formatShape, knownSize } from '../shapes.ts';
import type { Dim } from '../types.ts';
import type { InferContext } from './spec.ts';

/**
 * Attributes of every operator with windows. `auto_pad` is left out on purpose: pads are said outright, as the
 * specification advises.
 */
export const windowAttributes = {
  dilations: 'ints',
  kernel_shape: 'ints',
  pads: 'ints',
  strides: 'ints',
} as const;

/** One entry for each spatial axis; pads are all begins, then all ends. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** @throws GraphError where an attribute's length does not fit the kernel, or a number is out of range. */
export function readWindows(context: InferContext, kernel: readonly number[]): Windows {
  const read = (name: string, length: number, least: number): readonly number[] => {
    const list = context.ints(name) ?? new Array<number>(length).fill(least);
    if (list.length !== length || list.some((x) => x < least)) {
      throw new GraphError(
        `its ${name} ${formatShape(list)} must have length ${length} and no entry below ${least}`,
      );
    }
    return list;
  };
  const rank = kernel.length;
  return {
    kernel,
    strides: read('strides', rank, 1),
    dilations: read('dilations', rank, 1),
    pads: read('pads', 2 * rank, 0),
  };
}

/** Pixels that the kernel spans along one axis, and the pads of that axis. */
export function spanOf(
  windows: Windows,
  axis: number,
): { extent: number; begin: number; end: number } {
  const { kernel, dilations, pads } = windows;
  return {
    extent: ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1,
    begin: pads[axis] ?? 0,
    end: pads[axis + kernel.length] ?? 0,
  };
}

/**
 * How many windows fit. With `ceil`, one that only begins inside counts too, unless it begins in the end's padding.
 * @throws GraphError where none does.
 */
export function windowSizes(spatial: readonly Dim[], windows: Windows, ceil: boolean): number[] {
  return spatial.map((dim, axis) => {
    const { extent, begin, end } = spanOf(windows, axis);
    const padded = knownSize(dim) + begin + end;
    const stride = windows.strides[axis] ?? 1;
    if (extent > padded) {
      throw new GraphError(`a window of ${extent} does not fit into ${padded} padded pixels`);
    }
    const steps = (padded - extent) / stride;
    if (!ceil) return Math.floor(steps) + 1;
    return Math.ceil(steps) * stride < knownSize(dim) + begin
      ? Math.ceil(steps) + 1
      : Math.ceil(steps);
  });
}
