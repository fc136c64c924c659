/**
 * The network behind the rows "2 Conv+pooling" of the published benchmark (zalandoresearch/fashion-mnist,
 * benchmark/convnet.py, which is the network of TensorFlow's tutorial of the time), as Keras has it.
 */
import * as tf from '@tensorflow/tfjs';
import { quietTensorflow } from '@fashion-bench/model-files';
import { checkOptions } from './checks.ts';
import type { FashionCnnOptions } from './fashion-cnn.ts';
import { seeded } from './seeded.ts';

/**
 * Two convolutions of 32 and 64 filters and a dense layer of 1,024 for images [n, 28, 28, 1] in 0..1; 3,274,634
 * parameters. Seed, names and `dispose()` as those of `fashionCnn`.
 *
 * @throws CnnError 'options', InvalidSeedError of \@fashion-bench/random.
 */
export function publishedCnn(options: FashionCnnOptions = {}): tf.Sequential {
  checkOptions(options, ['seed']);
  const { seed = 42 } = options;
  quietTensorflow();
  const { conv2d, maxPooling2d, flatten, dense, dropout } = tf.layers;
  const kernelInitializer = 'glorotUniform';
  const same = { kernelSize: 5, padding: 'same', activation: 'relu', kernelInitializer } as const;
  const model = tf.sequential({
    name: 'published_cnn',
    layers: [
      conv2d({ name: 'conv1', filters: 32, inputShape: [28, 28, 1], ...same }), // [n, 28, 28, 32]
      maxPooling2d({ name: 'pool1', poolSize: 2 }), // [n, 14, 14, 32]
      conv2d({ name: 'conv2', filters: 64, ...same }), // [n, 14, 14, 64]
      maxPooling2d({ name: 'pool2', poolSize: 2 }), // [n, 7, 7, 64]
      flatten({ name: 'flatten' }), // [n, 3136]
      dense({ name: 'dense1', units: 1024, activation: 'relu', kernelInitializer }),
      dropout({ name: 'dropout', rate: 0.4 }),
      dense({ name: 'dense2', units: 10, activation: 'softmax', kernelInitializer }), // [n, 10]
    ],
  });
  return seeded(model, seed);
}
