/** Where the windows of convolution and pooling lie. */
import type { LayerSpec, Pair } from './network.ts';

export type WindowedSpec = LayerSpec<
  'conv2d' | 'depthwiseConv2d' | 'maxPooling2d' | 'averagePooling2d'
>;

export function windowSize(layer: WindowedSpec): Pair {
  return 'kernelSize' in layer ? layer.kernelSize : layer.poolSize;
}

/** From one pixel of a window to the next. */
export function dilations(layer: WindowedSpec): Pair {
  return 'kernelSize' in layer ? layer.dilationRate : [1, 1];
}

/** Pixels from the first to the last of a window. */
export function extent(layer: WindowedSpec, axis: 0 | 1): number {
  return (windowSize(layer)[axis] - 1) * dilations(layer)[axis] + 1;
}

/**
 * Pixels that `same` adds before and after an axis. The odd one is at the end, as in TensorFlow
 * (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2): with stride 1 a kernel of 4 has 1 before and 2 after.
 */
export function padding(layer: WindowedSpec, axis: 0 | 1): Pair {
  if (layer.padding === 'valid') return [0, 0];
  const pixels = axis === 0 ? layer.input.rows : layer.input.columns;
  const windows = axis === 0 ? layer.output.rows : layer.output.columns;
  const covered = (windows - 1) * layer.strides[axis] + extent(layer, axis);
  const total = Math.max(0, covered - pixels);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** ONNX' pads: [top, left, bottom, right]. */
export function pads(layer: WindowedSpec): [number, number, number, number] {
  const [top, bottom] = padding(layer, 0);
  const [left, right] = padding(layer, 1);
  return [top, left, bottom, right];
}

/** Whether windows follow each other pixel by pixel and have no holes. */
export function isDense(layer: WindowedSpec): boolean {
  return [...layer.strides, ...dilations(layer)].every((step) => step === 1);
}

/** Whether the windows lie side by side, and none reaches beyond the image. */
export function isTiling(layer: WindowedSpec): boolean {
  const size = windowSize(layer);
  return layer.padding === 'valid' && size.every((n, axis) => n === layer.strides[axis]);
}
