// Models with every kind of layer that a file may hold, in sizes that cost nothing, with fixed weights.
import * as tf from '@tensorflow/tfjs';

/** Weights that repeat in every run and differ from each other; variances stay positive. */
function fillWeights<T extends tf.LayersModel>(model: T, seed = 1): T {
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
function normalizedModel(): tf.Sequential {
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

/** Branches that meet again, and the kinds of layer that the others lack. */
export function functionalModel(): tf.LayersModel {
  tf.enableProdMode();
  const { layers } = tf;
  const apply = (layer: tf.layers.Layer, ...values: tf.SymbolicTensor[]): tf.SymbolicTensor => {
    const value = layer.apply(values.length === 1 ? (values[0] ?? []) : values);
    if (Array.isArray(value) || value instanceof tf.Tensor) throw new Error('One value expected.');
    return value;
  };
  const same = { padding: 'same', kernelSize: 3 } as const;
  const input = tf.input({ shape: [8, 7, 2], name: 'image' });
  const conv = apply(
    layers.conv2d({ ...same, name: 'conv', filters: 4, activation: 'swish' }),
    input,
  );
  const depthwise = apply(
    layers.depthwiseConv2d({ ...same, name: 'depthwise', activation: 'selu' }),
    conv,
  );
  const separable = apply(
    layers.separableConv2d({ ...same, name: 'separable', filters: 4, activation: 'softplus' }),
    apply(layers.leakyReLU({ name: 'leaky', alpha: 0.2 }), conv),
  );
  const sum = apply(layers.add({ name: 'add' }), conv, depthwise, separable);
  const mean = apply(layers.average({ name: 'average' }), sum, conv);
  const product = apply(layers.multiply({ name: 'multiply' }), mean, separable);
  const most = apply(layers.maximum({ name: 'maximum' }), product, depthwise);
  const least = apply(layers.minimum({ name: 'minimum' }), most, conv);
  const joined = apply(layers.concatenate({ name: 'joined' }), least, mean);
  const image = [
    layers.zeroPadding2d({
      name: 'padded',
      padding: [
        [1, 0],
        [0, 2],
      ],
    }),
    layers.averagePooling2d({ name: 'pooled', poolSize: 3, strides: 2, padding: 'same' }),
    layers.upSampling2d({ name: 'larger', size: [2, 1] }),
    layers.rescaling({ name: 'rescaled', scale: 0.5, offset: 0.25 }),
    layers.layerNormalization({ name: 'normalized' }),
    layers.reLU({ name: 'clipped', maxValue: 6 }),
    layers.reshape({ name: 'reshaped', targetShape: [5, -1, 8] }),
  ].reduce((value, layer) => apply(layer, value), joined);
  const pooled = apply(
    layers.concatenate({ name: 'means' }),
    apply(layers.globalAveragePooling2d({ name: 'mean' }), image),
    apply(layers.globalMaxPooling2d({ name: 'most' }), image),
  );
  const output = [
    layers.dense({ name: 'hidden', units: 5, activation: 'gelu' }),
    layers.elu({ name: 'elu' }),
    layers.dense({ name: 'logits', units: 3 }),
    layers.softmax({ name: 'softmax', axis: -1 }),
  ].reduce((value, layer) => apply(layer, value), pooled);
  return fillWeights(tf.model({ name: 'functional', inputs: input, outputs: output }), 5);
}

export const MODELS = [
  ['a small model', smallModel],
  ['every kind of layer of a plain network', richModel],
  ['batch normalization', normalizedModel],
  ['a functional model', functionalModel],
] as const;

/** Inputs 0 to 1 for a model, [n, ...]. */
export function inputsFor(model: tf.LayersModel, n: number): tf.Tensor {
  const shape = [n, ...(model.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1)];
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(
    Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 256) / 255),
    shape,
  );
}

/** What TensorFlow.js' plain backend makes of some inputs, flat. */
export function predictionsOf(model: tf.LayersModel, n = 3): Float32Array {
  return tf.tidy(() => {
    const output = model.predict(inputsFor(model, n));
    if (Array.isArray(output)) throw new Error('One output was expected.');
    return output.dataSync<'float32'>();
  });
}

/** All weights, layer by layer. */
export function weightsOf(model: tf.LayersModel): Float32Array {
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
