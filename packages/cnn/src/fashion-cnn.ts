/** The study's network, as Keras has it. The recipe to train it with is recipes.ts. */
import * as tf from '@tensorflow/tfjs';
import { quietTensorflow } from '@fashion-bench/model-files';
import { checkOptions } from './checks.ts';
import { seeded } from './seeded.ts';

export interface FashionCnnOptions {
  /** Of the initial weights: an integer in 0..2^32-1. Default 42. */
  readonly seed?: number | undefined;
}

/**
 * Two convolutions and two dense layers for images [n, 28, 28, 1] in 0..1; 438,122 parameters. The same seed gives the
 * same weights, whatever else the program has drawn. Layers have fixed names, so that a saved model does not depend
 * on how many models were made before it. `dispose()` the model when it is no longer needed.
 *
 * @throws CnnError 'options', InvalidSeedError of \@fashion-bench/random.
 */
export function fashionCnn(options: FashionCnnOptions = {}): tf.Sequential {
  checkOptions(options, ['seed']);
  const { seed = 42 } = options;
  quietTensorflow();
  // Glorot uniform is what a reader of the saved model should see; the values themselves are written below.
  const kernelInitializer = 'glorotUniform';
  const same = { kernelSize: 4, padding: 'same', activation: 'relu', kernelInitializer } as const;
  const model = tf.sequential({
    name: 'fashion_cnn',
    layers: [
      tf.layers.conv2d({ name: 'conv1', filters: 64, inputShape: [28, 28, 1], ...same }), // [n, 28, 28, 64]
      tf.layers.maxPooling2d({ name: 'pool1', poolSize: 2 }), // [n, 14, 14, 64]
      tf.layers.dropout({ name: 'dropout1', rate: 0.1 }),
      tf.layers.conv2d({ name: 'conv2', filters: 32, ...same }), // [n, 14, 14, 32]
      tf.layers.maxPooling2d({ name: 'pool2', poolSize: 2 }), // [n, 7, 7, 32]
      tf.layers.dropout({ name: 'dropout2', rate: 0.3 }),
      tf.layers.flatten({ name: 'flatten' }), // [n, 1568]
      tf.layers.dense({ name: 'dense1', units: 256, activation: 'relu', kernelInitializer }),
      tf.layers.dropout({ name: 'dropout3', rate: 0.5 }),
      tf.layers.dense({ name: 'dense2', units: 10, activation: 'softmax', kernelInitializer }), // [n, 10]
    ],
  });
  return seeded(model, seed);
}
