/** What a compiled model of TensorFlow.js is to be trained with: its loss, optimizer and metrics in this package's words. */
import type * as tf from '@tensorflow/tfjs';
import { shown } from '@fashion-bench/random';
import { z } from 'zod';
import { UnsupportedModelError } from '../errors.ts';
import type { LossName } from '../network/network.ts';
import { adam, adamax, rmsprop, sgd, type OptimizerConfig } from '../trainer/optimizer.ts';

/** Keras' and TensorFlow.js' names. */
export const LOSSES: Readonly<Record<string, LossName>> = {
  categoricalCrossentropy: 'softmaxCrossEntropy',
  sparseCategoricalCrossentropy: 'softmaxCrossEntropy',
  binaryCrossentropy: 'binaryCrossEntropy',
  meanSquaredError: 'meanSquaredError',
  meanAbsoluteError: 'meanAbsoluteError',
};

/** @throws UnsupportedModelError for a model that is not compiled, or has a loss that is not known here */
export function compiledLoss({ loss }: tf.LayersModel): string {
  const [only] = Array.isArray(loss) ? (loss as unknown[]) : [loss];
  const name = typeof only === 'string' ? camelCase(only) : '';
  if (Object.hasOwn(LOSSES, name)) return name;
  throw new UnsupportedModelError(
    only === undefined
      ? 'The model is not compiled: call model.compile({ optimizer, loss }) first.'
      : `The model's loss is ${typeof only === 'string' ? `"${only}"` : 'a function'}; known are ${Object.keys(LOSSES).join(', ')}.`,
  );
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** @throws UnsupportedModelError for a metric other than the accuracy, and for the accuracy of a regression */
export function measuresAccuracy(model: tf.LayersModel): boolean {
  const { metrics } = model;
  const names: readonly unknown[] = Array.isArray(metrics) ? metrics : [metrics];
  const other = names.find((name) => !['accuracy', 'acc', undefined].some((one) => one === name));
  if (other !== undefined) {
    throw new UnsupportedModelError(
      `The model has the metric ${shown(other)}; "accuracy" is known here.`,
    );
  }
  const measures = names.some((name) => name !== undefined);
  const loss = compiledLoss(model);
  if (measures && !loss.endsWith('rossentropy')) {
    throw new UnsupportedModelError(
      `The model has the metric accuracy, which its loss ${loss} has none of here; leave the metric out.`,
    );
  }
  return measures;
}

const optimizerSchema = z.object({
  learningRate: z.number(),
  ...{ beta1: z.number().optional(), beta2: z.number().optional() },
  ...{ epsilon: z.number().optional(), momentum: z.number().optional() },
  ...{ useNesterov: z.boolean().optional(), decay: z.number().optional() },
  centered: z.boolean().optional(),
});

/** Settings of a TensorFlow.js optimizer in Keras' words. Its formulas are Keras'. @throws UnsupportedModelError for one that is not known */
export function compiledOptimizer({ optimizer }: tf.LayersModel): OptimizerConfig {
  const name = optimizer.getClassName();
  const { learningRate, decay, useNesterov, centered, ...rest } = optimizerSchema.parse(
    optimizer.getConfig(),
  );
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, momentum = 0 } = rest;
  switch (name) {
    case 'SGD':
      return sgd({ learningRate });
    case 'Momentum':
      return sgd({ learningRate, momentum, nesterov: useNesterov ?? false });
    case 'Adam':
      return adam({ learningRate, beta1, beta2, epsilon });
    case 'RMSProp':
      return rmsprop({
        ...{ learningRate, epsilon, rho: decay ?? 0.9 },
        ...(momentum > 0 && { momentum }),
        ...(centered === true && { centered }),
      });
    case 'Adamax':
      if ((decay ?? 0) === 0) return adamax({ learningRate, beta1, beta2, epsilon });
  }
  throw new UnsupportedModelError(
    `The model's optimizer is ${name}${name === 'Adamax' ? ' with decay' : ''}; known are SGD, Momentum, Adam, RMSProp and Adamax.`,
  );
}
