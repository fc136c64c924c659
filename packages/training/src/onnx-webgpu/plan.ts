/** Which lowering each layer gets on a device. Layers without a kernel of their own there have one in this folder. */
import { lowerBatchNormalization } from '../graph/batch-normalization.ts';
import { lowerDense, lowerFlatten } from '../graph/dense.ts';
import { lowerDropout } from '../graph/elementwise.ts';
import type { Lowerings } from '../graph/lowering.ts';
import { lowerActivation } from './activation.ts';
import { lowerConv2d } from './conv2d.ts';
import { lowerMaxPooling } from './pooling.ts';

export const webgpuLowerings: Lowerings = {
  conv2d: lowerConv2d,
  maxPooling2d: lowerMaxPooling,
  dropout: lowerDropout,
  flatten: lowerFlatten,
  dense: lowerDense,
  activation: lowerActivation,
  batchNormalization: lowerBatchNormalization,
};
