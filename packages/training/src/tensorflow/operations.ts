/** The operations of a training step with their attributes, one place for all. Images are [n, rows, columns, channels]. */
import {
  attribute as a,
  type Attribute,
  type Operation,
  type Tensorflow,
} from '@fashion-bench/tensorflow';

import type { Conv2dSpec } from '../network/network.ts';

const T = a.type('float32');

/** Attributes that an image operation needs beside its own. */
export const NHWC: Readonly<Record<string, Attribute>> = { T, data_format: a.string('NHWC') };

export interface Operations {
  readonly add: Operation;
  readonly sub: Operation;
  readonly mul: Operation;
  readonly biasAdd: Operation;
  readonly biasAddGrad: Operation;
  /** a b, a' b and a b' */
  readonly matMul: Operation;
  readonly matMulTransposedA: Operation;
  readonly matMulTransposedB: Operation;
  readonly reshape: Operation;
  readonly shapeOf: Operation;
  readonly bytesToFloats: Operation;
}

export function operationsOf(tf: Tensorflow): Operations {
  const matMul = (transposeA: boolean, transposeB: boolean): Operation =>
    tf.operation('MatMul', {
      T,
      transpose_a: a.bool(transposeA),
      transpose_b: a.bool(transposeB),
    });
  return {
    add: tf.operation('AddV2', { T }),
    sub: tf.operation('Sub', { T }),
    mul: tf.operation('Mul', { T }),
    biasAdd: tf.operation('BiasAdd', NHWC),
    biasAddGrad: tf.operation('BiasAddGrad', NHWC),
    matMul: matMul(false, false),
    matMulTransposedA: matMul(true, false),
    matMulTransposedB: matMul(false, true),
    reshape: tf.operation('Reshape', { T, Tshape: a.type('int32') }),
    shapeOf: tf.operation('Shape', { T, out_type: a.type('int32') }),
    bytesToFloats: tf.operation('Cast', {
      SrcT: a.type('uint8'),
      DstT: T,
      Truncate: a.bool(false),
    }),
  };
}

/** Attributes of a convolution and of its two gradients. */
export function convolution({ strides, padding }: Conv2dSpec): Readonly<Record<string, Attribute>> {
  return {
    ...NHWC,
    strides: a.ints([1, ...strides, 1]),
    dilations: a.ints([1, 1, 1, 1]),
    padding: a.string(padding.toUpperCase()),
    explicit_paddings: a.ints([]),
    use_cudnn_on_gpu: a.bool(true),
  };
}
