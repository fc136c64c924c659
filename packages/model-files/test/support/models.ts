// Models with every kind of layer that a file may hold, in sizes that cost nothing, with fixed weights.
import * as tf from '@tensorflow/tfjs';

/** Weights that repeat in every run and differ from each other; variances stay positive. */
function fillWeights(model: tf.Sequential, seed = 1): tf.Sequential {
  let count = seed * 1000;
  for (const layer of model.layers) {
    const tensors = layer.weights.map(({ name, shape }) => {
      const sizes = shape.map((size) => size ?? 1);
      const fanIn = sizes.slice(0, -1).reduce((product, size) => product * size, 1);
      const values = Float32Array.from(
        { length: sizes.reduce((product, size) => product * size, 1) },
        () => Math.sin(count++ * 12.9898) / Math.sqrt(fanIn),
      );
      return tf.tensor(name.includes('variance') ? values.map((v) => v * v + 0.5) : values, sizes);
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
  return model;
}

/** A convolution, a pooling and a dense layer: 4,010 parameters. */
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
  return fillWeights(model, seed);
}

/** Everything that is known here, in its less usual settings; batch normalization can be left out. */
export function richModel(normalized = true): tf.Sequential {
  tf.enableProdMode();
  const model = tf.sequential({
    name: 'rich',
    layers: [
      tf.layers.conv2d({
        name: 'strided',
        filters: 4,
        kernelSize: [3, 2],
        strides: [2, 1],
        padding: 'same',
        useBias: false,
        inputShape: [14, 13, 2],
        kernelInitializer: 'heNormal',
        kernelRegularizer: 'l1l2',
      }),
      ...(normalized
        ? [tf.layers.batchNormalization({ name: 'norm', epsilon: 0.01, momentum: 0.9 })]
        : []),
      tf.layers.activation({ name: 'tanh', activation: 'tanh' }),
      tf.layers.maxPooling2d({ name: 'overlap', poolSize: 3, strides: 2, padding: 'same' }),
      tf.layers.conv2d({
        name: 'dilated',
        filters: 3,
        kernelSize: 2,
        dilationRate: 2,
        activation: 'sigmoid',
        kernelInitializer: 'leCunNormal',
        kernelConstraint: 'maxNorm',
      }),
      ...(normalized
        ? [tf.layers.batchNormalization({ name: 'plain', center: false, scale: false })]
        : []),
      tf.layers.dense({ name: 'pixelwise', units: 5, activation: 'relu' }),
      tf.layers.dropout({ name: 'dropout', rate: 0.25, seed: 3 }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ name: 'logits', units: 6 }),
      tf.layers.activation({ name: 'softmax', activation: 'softmax' }),
    ],
  });
  return fillWeights(model, 2);
}

/** Batch normalization as it is mostly used: behind a convolution and behind a dense layer, with Keras' defaults. */
export function normalizedModel(): tf.Sequential {
  tf.enableProdMode();
  const model = tf.sequential({
    name: 'normalized',
    layers: [
      tf.layers.conv2d({
        ...{ name: 'conv', filters: 6, kernelSize: 3, padding: 'same', useBias: false },
        inputShape: [10, 9, 1],
      }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.activation({ name: 'relu', activation: 'relu' }),
      tf.layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ name: 'dense', units: 7, activation: 'tanh' }),
      tf.layers.batchNormalization({ name: 'rows' }),
      tf.layers.batchNormalization({ name: 'unscaled', scale: false }),
      tf.layers.dense({ name: 'logits', units: 4, activation: 'softmax' }),
    ],
  });
  return fillWeights(model, 3);
}

/** Inputs 0 to 1 for a model, [n, ...]. */
export function inputsFor(model: tf.Sequential, n: number): tf.Tensor {
  const shape = [n, ...(model.layers[0]?.batchInputShape ?? []).slice(1).map((size) => size ?? 1)];
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(
    Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 256) / 255),
    shape,
  );
}

/** What TensorFlow.js' plain backend makes of some inputs, flat. */
export function predictionsOf(model: tf.Sequential, n = 3): Float32Array {
  return tf.tidy(() => {
    const output = model.predict(inputsFor(model, n));
    if (Array.isArray(output)) throw new Error('One output was expected.');
    return output.dataSync<'float32'>();
  });
}

/** All weights, layer by layer. */
export function weightsOf(model: tf.Sequential): Float32Array {
  const parts = model.layers.flatMap((layer) =>
    layer.getWeights().map((tensor) => tensor.dataSync<'float32'>()),
  );
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** The largest absolute difference of two lists, infinite where they differ in length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce(
    (most, difference) => (difference <= most ? most : difference),
    0,
  );
}

/** Overwrites the first values of a layer's weights, one list for each. */
export function setWeight(model: tf.Sequential, layer: string, ...lists: number[][]): void {
  const target = model.getLayer(layer);
  const tensors = target.getWeights().map((old, i) => {
    const values = old.dataSync<'float32'>().slice();
    values.set(lists[i] ?? []);
    return tf.tensor(values, old.shape);
  });
  target.setWeights(tensors);
  tf.dispose(tensors);
}

/** Whether two vectors are the same, -0 and NaN included; `toEqual` takes seconds for as many numbers. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}
