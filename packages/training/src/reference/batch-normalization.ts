/** Batch normalization from TensorFlow.js' means and its autodiff: nothing here knows how it is differentiated. */
import * as tf from '@tensorflow/tfjs';
import type { BatchNormalizationSpec, WeightSpec } from '../network/network.ts';

/**
 * Batch normalization over the last axis; with the moving statistics where there is no `moved` to be filled.
 * In training it fills in what the moving statistics have become.
 */
export function normalized(
  x: tf.Tensor,
  layer: BatchNormalizationSpec,
  tensorOf: (spec: WeightSpec) => tf.Tensor,
  moved: Map<WeightSpec, Float32Array> | undefined,
): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const mean = moved ? tf.mean(x, axes) : tensorOf(layer.movingMean);
  const centred = tf.sub(x, mean);
  const variance = moved ? tf.mean(tf.square(centred), axes) : tensorOf(layer.movingVariance);
  if (moved) {
    const follow = (spec: WeightSpec, statistic: tf.Tensor): void => {
      const values = tensorOf(spec).dataSync<'float32'>().slice();
      statistic.dataSync<'float32'>().forEach((now, i) => {
        values[i] = values[i]! + (now - values[i]!) * (1 - layer.momentum);
      });
      moved.set(spec, values);
    };
    follow(layer.movingMean, mean);
    follow(layer.movingVariance, variance);
  }
  const y = tf.div(centred, tf.sqrt(tf.add(variance, layer.epsilon)));
  const scaled = layer.gamma ? tf.mul(y, tensorOf(layer.gamma)) : y;
  return layer.beta ? tf.add(scaled, tensorOf(layer.beta)) : scaled;
}
