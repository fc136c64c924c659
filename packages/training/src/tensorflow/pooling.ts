/**
 * Max pooling and its gradient. On the CPU the operation MaxPoolGrad looks for every maximum again with one thread at a
 * time: 18 of the 57 ms of a step of 128 images. TensorFlow's oneDNN pooling remembers where they were, in a second
 * output; graphs get it from an optimiser, here it is named. Where it is missing or disagrees, the plain pair is used.
 */
import {
  attribute as a,
  type Tensorflow,
  TensorflowError,
  type TensorId,
} from '@fashion-bench/tensorflow';

import type { MaxPooling2dSpec } from '../network/network.ts';
import { NHWC } from './operations.ts';

/** The gradient goes to the first maximum of each window. */
export type Pooling = (x: TensorId) => {
  readonly output: TensorId;
  readonly backward: (gradient: TensorId) => TensorId;
};

type Sizes = Pick<MaxPooling2dSpec, 'poolSize' | 'strides' | 'padding' | 'input'>;

export function plainPooling(tf: Tensorflow, layer: Sizes): Pooling {
  const shared = attributesOf(layer);
  const forward = tf.operation('MaxPool', { ...shared, explicit_paddings: a.ints([]) });
  const backward = tf.operation('MaxPoolGrad', { ...shared, explicit_paddings: a.ints([]) });
  return (x) => {
    const output = forward(x);
    return { output, backward: (gradient) => backward(x, output, gradient) };
  };
}

/** oneDNN's kernels ask for this label (tensorflow/core/graph/mkl_graph_util.h). */
const ONEDNN = { workspace_enabled: a.bool(true), _kernel: a.string('MklNameChangeOp') };

function oneDnnPooling(tf: Tensorflow, layer: Sizes): Pooling {
  const shared = { ...attributesOf(layer), ...ONEDNN };
  const forward = tf.multiOperation(
    '_MklNativeMaxPool',
    { ...shared, explicit_paddings: a.ints([]) },
    2,
  );
  const backward = tf.operation('_MklNativeMaxPoolGrad', shared);
  return (x) => {
    const [output, places] = forward(x);
    if (output === undefined || places === undefined) {
      throw new TensorflowError('operation', '_MklNativeMaxPool gave no output.');
    }
    return { output, backward: (gradient) => backward(x, output, gradient, places) };
  };
}

/** The faster pair where it gives the same numbers on a small image full of ties. */
export function choosePooling(tf: Tensorflow, layer: Sizes): Pooling {
  const plain = plainPooling(tf, layer);
  if (tf.gpu) return plain;
  try {
    const fast = oneDnnPooling(tf, layer);
    const [expected, actual] = [trial(tf, plain, layer), trial(tf, fast, layer)];
    const agree = expected.every((part, i) => part.every((value, j) => value === actual[i]?.[j]));
    return agree ? fast : plain;
  } catch (error) {
    if (error instanceof TensorflowError) return plain;
    throw error;
  }
}

/** Output and gradient for pixels of three values only, so that most windows have several maxima. */
function trial(tf: Tensorflow, pooling: Pooling, { input }: Sizes): readonly Float32Array[] {
  const { rows, columns, channels } = input;
  const size = 2 * rows * columns * channels;
  return tf.scope(() => {
    const pixels = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 31) % 3);
    const x = tf.tensor(pixels, [2, rows, columns, channels]);
    const { output, backward } = pooling(x);
    // As a gradient the output plus one will do: it is nowhere zero.
    const ones = tf.tensor(Float32Array.of(1), []);
    const gradient = tf.operation('AddV2', { T: a.type('float32') })(output, ones);
    return [tf.readFloats(output), tf.readFloats(backward(gradient))];
  });
}

function attributesOf({ poolSize, strides, padding }: Sizes): typeof NHWC {
  return {
    ...NHWC,
    ksize: a.ints([1, ...poolSize, 1]),
    strides: a.ints([1, ...strides, 1]),
    padding: a.string(padding.toUpperCase()),
  };
}
