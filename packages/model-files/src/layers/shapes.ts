/** Shapes of one image and of weights: TensorFlow's rules, channels last. */
import { ModelFileError } from '../errors.ts';

/** Without the batch: [rows, columns, channels] or [units]. */
export type Shape = readonly number[];

export interface WeightShape {
  /** Keras' name within the layer: kernel, bias, gamma, beta, moving_mean, moving_variance. */
  readonly name: string;
  readonly shape: Shape;
}

export type Pair = readonly [number, number];

/** @throws ModelFileError 'corrupt' where the input is no image. */
export function checkImages(input: Shape, at: string): void {
  if (input.length === 3) return;
  throw new ModelFileError(
    'corrupt',
    `${at} needs rows, columns and channels, but gets [${input.join(', ')}].`,
  );
}

/**
 * @param axis counted with the batch, or from the end
 * @throws ModelFileError 'unsupported' where the axis is not the last one.
 */
export function checkLastAxis(axis: number, input: Shape, at: string, does: string): void {
  if (axis === -1 || axis === input.length) return;
  throw new ModelFileError(
    'unsupported',
    `${at} ${does} over axis ${axis}; only the last one, the channels, is known here.`,
  );
}

export interface Windows {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: 'same' | 'valid';
}

/** Windows that fit along rows and columns. */
export function windowsIn([rows = 0, columns = 0]: Shape, windows: Windows): Pair {
  const along = (length: number, axis: 0 | 1): number => {
    const { kernel, strides, dilations, padding } = windows;
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const span = padding === 'same' ? length : length - extent + 1;
    return Math.ceil(span / strides[axis]);
  };
  return [along(rows, 0), along(columns, 1)];
}

/** Zeros around an image, in ONNX' order: [top, left, bottom, right]. */
export function padsOf([rows = 0, columns = 0]: Shape, windows: Windows): readonly number[] {
  const { kernel, strides, dilations, padding } = windows;
  if (padding === 'valid') return [0, 0, 0, 0];
  const [top, bottom] = samePadding(rows, kernel[0], strides[0], dilations[0]);
  const [left, right] = samePadding(columns, kernel[1], strides[1], dilations[1]);
  return [top, left, bottom, right];
}

/**
 * Zeros that `same` adds before and after an axis. TensorFlow puts the odd one at the end.
 * (https://www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding")
 */
function samePadding(input: number, kernel: number, stride: number, dilation: number): Pair {
  const extent = (kernel - 1) * dilation + 1;
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + extent - input, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** Number of elements of a shape. */
export function elements(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
