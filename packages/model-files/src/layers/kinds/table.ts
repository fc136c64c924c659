/** Every class of layer that can be read and written here, under Keras' name. A new one is a row, and a function beside its kin. */
import type { LayerKind } from '../layer-kind.ts';
import {
  activation,
  elu,
  leakyReLu,
  reLu,
  rescaling,
  softmax,
  thresholdedReLu,
} from './activations.ts';
import { conv2d, dense, depthwiseConv2d, separableConv2d } from './convolution.ts';
import { add, average, concatenate, maximum, minimum, multiply } from './merging.ts';
import { batchNormalization, layerNormalization } from './normalization.ts';
import {
  averagePooling2d,
  globalAveragePooling2d,
  globalMaxPooling2d,
  maxPooling2d,
} from './pooling.ts';
import { dropout, flatten, reshape, upSampling2d, zeroPadding2d } from './reshaping.ts';

export const LAYER_KINDS: Readonly<Record<string, LayerKind>> = {
  Conv2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  SeparableConv2D: separableConv2d,
  Dense: dense,
  MaxPooling2D: maxPooling2d,
  AveragePooling2D: averagePooling2d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  GlobalAveragePooling2D: globalAveragePooling2d,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Add: add,
  Multiply: multiply,
  Average: average,
  Maximum: maximum,
  Minimum: minimum,
  Concatenate: concatenate,
  Dropout: dropout,
  Flatten: flatten,
  Reshape: reshape,
  ZeroPadding2D: zeroPadding2d,
  UpSampling2D: upSampling2d,
  Rescaling: rescaling,
  Activation: activation,
  ReLU: reLu,
  LeakyReLU: leakyReLu,
  ThresholdedReLU: thresholdedReLu,
  ELU: elu,
  Softmax: softmax,
};
