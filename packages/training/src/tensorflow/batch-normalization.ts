/** Batch normalization as TensorFlow's own fused operation, which takes images only: a pixel is an image of one here. */
import { attribute as a, type TensorId } from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import type { BatchNormalizationSpec, WeightSpec } from '../network/network.ts';
import type { Context, Node, Pass } from './node.ts';

const T = a.type('float32');

export function batchNormalizationNode(
  { tf, ops, shape }: Context,
  layer: BatchNormalizationSpec,
): Node {
  const { input, momentum, gamma, beta, movingMean, movingVariance } = layer;
  const { rows, columns, channels } = input;
  const attributes = { T, U: T, epsilon: a.float(layer.epsilon), data_format: a.string('NHWC') };
  const forward = (training: boolean) =>
    tf.multiOperation(
      'FusedBatchNormV3',
      { ...attributes, exponential_avg_factor: a.float(1), is_training: a.bool(training) },
      6,
    );
  const [overBatch, withMoving] = [forward(true), forward(false)];
  const back = tf.multiOperation(
    'FusedBatchNormGradV3',
    { ...attributes, is_training: a.bool(true) },
    5,
  );
  const asPixels = shape([-1, 1, 1, channels]);
  const everywhere = (value: number): TensorId =>
    tf.tensor(new Float32Array(channels).fill(value), [channels]);
  const slope = (pass: Pass): TensorId => (gamma ? pass.weight(gamma) : everywhere(1));
  const level = (pass: Pass): TensorId => (beta ? pass.weight(beta) : everywhere(0));

  /** moving + (statistic - moving) (1 - momentum) */
  const follow = (pass: Pass, spec: WeightSpec, statistic: TensorId): void => {
    const moving = pass.weight(spec);
    const share = tf.tensor(Float32Array.of(1 - momentum), []);
    pass.moved(spec, ops.add(moving, ops.mul(ops.sub(statistic, moving), share)));
  };

  return {
    trains: gamma !== undefined || beta !== undefined,
    forward: (value, pass) => {
      const x = ops.reshape(value, asPixels);
      const factor = slope(pass);
      const given = [x, factor, level(pass)];
      const outputs = pass.training
        ? overBatch(
            ...given,
            tf.tensor(new Float32Array(0), [0]),
            tf.tensor(new Float32Array(0), [0]),
          )
        : withMoving(...given, pass.weight(movingMean), pass.weight(movingVariance));
      const [y, mean, variance, ...reserves] = outputs;
      if (y === undefined || mean === undefined || variance === undefined) {
        throw new TrainingError('TensorFlow gave no normalised batch.');
      }
      if (pass.training) {
        // The variance comes out as sum / (m - 1), or sum / 1 for a single value; Keras' moving one is sum / m.
        const m = pass.size * rows * columns;
        const biased = tf.tensor(Float32Array.of(Math.max(m - 1, 1) / m), []);
        follow(pass, movingMean, mean);
        follow(pass, movingVariance, ops.mul(variance, biased));
      }
      return {
        output: ops.reshape(y, ops.shapeOf(value)),
        backward: (gradient) => {
          const dy = ops.reshape(gradient, asPixels);
          const [dx, byGamma, byBeta] = back(dy, x, factor, ...reserves);
          if (dx === undefined || byGamma === undefined || byBeta === undefined) {
            throw new TrainingError('TensorFlow gave no gradient of a normalised batch.');
          }
          if (gamma) pass.gradient(gamma, byGamma);
          if (beta) pass.gradient(beta, byBeta);
          return ops.reshape(dx, ops.shapeOf(gradient));
        },
      };
    },
  };
}
