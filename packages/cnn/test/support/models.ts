// Small models for 28 x 28 images: what the study's network has, in a size that trains in a second.
import * as tf from '@tensorflow/tfjs';
import { networkOf, setWeightsOf } from '@fashion-bench/training';
import { glorotUniform } from '../../src/index.ts';

/** A convolution, a pooling and a dense layer with seeded weights: 4,010 parameters. */
export function smallModel(seed = 1, units = 10): tf.Sequential {
  tf.enableProdMode();
  const model = tf.sequential({
    name: 'small',
    layers: [
      tf.layers.conv2d({
        name: 'conv',
        filters: 8,
        kernelSize: 3,
        activation: 'relu',
        padding: 'same',
        inputShape: [28, 28, 1],
      }),
      tf.layers.maxPooling2d({ name: 'pool', poolSize: 4 }),
      tf.layers.dropout({ name: 'dropout', rate: 0.1 }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ name: 'dense', units, activation: 'softmax' }),
    ],
  });
  setWeightsOf(model, glorotUniform(networkOf(model), seed));
  return model;
}

/** Whether two vectors are the same, -0 and NaN included; `toEqual` takes seconds for as many numbers. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}
