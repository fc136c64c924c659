/** Which lowering each layer gets on a device. Layers without a kernel of their own there have one in this folder. */
import { lowerBatchNormalization } from '../graph/batch-normalization.ts';
import { lowerDense, lowerReshape } from '../graph/dense.ts';
import { lowerDropout, lowerRescaling } from '../graph/elementwise.ts';
import { lowerLayerNormalization } from '../graph/layer-normalization.ts';
import type { Lowerings } from '../graph/lowering.ts';
import { lowerMerge } from '../graph/merge.ts';
import { lowerUpSampling, lowerZeroPadding } from '../graph/resizing.ts';
import { refusedBy } from '../network/refused.ts';
import { isDense, isTiling } from '../network/windows.ts';
import { lowerActivation } from './activation.ts';
import { lowerConv2d } from './conv2d.ts';
import { lowerMaxPooling } from './pooling.ts';

const ENGINE = 'onnx-webgpu';

export const webgpuLowerings: Lowerings = {
  conv2d: (context, layer, input, needsGradient) =>
    (isDense(layer) ? lowerConv2d : refusedBy(ENGINE, 'with strides or dilations'))(
      context,
      layer,
      input,
      needsGradient,
    ),
  depthwiseConv2d: refusedBy(ENGINE),
  maxPooling2d: (context, layer, input) =>
    (isTiling(layer) ? lowerMaxPooling : refusedBy(ENGINE, 'with overlapping or padded windows'))(
      context,
      layer,
      input,
    ),
  averagePooling2d: refusedBy(ENGINE),
  zeroPadding2d: lowerZeroPadding,
  upSampling2d: lowerUpSampling,
  rescaling: lowerRescaling,
  dropout: lowerDropout,
  flatten: lowerReshape,
  reshape: lowerReshape,
  dense: lowerDense,
  activation: lowerActivation,
  batchNormalization: lowerBatchNormalization,
  layerNormalization: lowerLayerNormalization,
  merge: lowerMerge,
};
