// trainModel against TensorFlow.js' own model.fit: the same weights where the order of images makes no difference.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ModelData, trainModel, weightsOf } from '../src/index.ts';

beforeAll(() => {
  tf.enableProdMode();
});

const N = 24;
const x = Float32Array.from({ length: N * 5 }, (_, i) => ((i * 7919) % 256) / 255);
const classes = Float32Array.from({ length: N }, (_, i) => (i * 5) % 3);
const oneHot = Float32Array.from({ length: N * 3 }, (_, i) =>
  classes[Math.floor(i / 3)] === i % 3 ? 1 : 0,
);
const values = Float32Array.from({ length: N * 3 }, (_, i) => ((i * 37) % 11) / 10);

/** The same at every call. */
function newModel(activation: 'softmax' | 'sigmoid' | 'linear'): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({
        ...{ units: 4, activation: 'tanh', inputShape: [5] },
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
      }),
      tf.layers.dense({
        ...{ units: 3, activation },
        kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }),
      }),
    ],
  });
}

const rank2 = (data: Float32Array): tf.Tensor => tf.tensor2d(data, [N, 3]);
const inputs = (): tf.Tensor => tf.tensor2d(x, [N, 5]);
const cases: readonly [
  loss: string,
  activation: 'softmax' | 'sigmoid' | 'linear',
  y: () => tf.Tensor,
  optimizer: () => tf.Optimizer,
][] = [
  ['categoricalCrossentropy', 'softmax', () => rank2(oneHot), () => tf.train.adam(0.01)],
  ['sparseCategoricalCrossentropy', 'softmax', () => tf.tensor1d(classes), () => tf.train.sgd(0.1)],
  ['binaryCrossentropy', 'sigmoid', () => rank2(oneHot), () => tf.train.momentum(0.1, 0.9)],
  ['meanSquaredError', 'linear', () => rank2(values), () => tf.train.momentum(0.1, 0.9, true)],
  ['meanSquaredError', 'sigmoid', () => rank2(values), () => tf.train.rmsprop(0.01, 0.8, 0.5)],
  ['meanAbsoluteError', 'linear', () => rank2(values), () => tf.train.adamax(0.01)],
];

test.each(cases)('%s, %s: as model.fit', async (loss, activation, y, optimizer) => {
  const [ours, theirs] = [newModel(activation), newModel(activation)];
  const metrics = loss.endsWith('rossentropy') ? ['accuracy'] : [];
  for (const model of [ours, theirs]) {
    model.compile({ optimizer: optimizer(), loss, metrics });
  }
  const settings = { epochs: 6, batchSize: N };
  const { epoch, history } = await trainModel(ours, inputs(), y(), settings);
  const expected = await theirs.fit(inputs(), y(), settings);
  const [a, b] = [weightsOf(ours), weightsOf(theirs)];
  // TensorFlow.js' Adam adds epsilon to the corrected root; where a gradient is all but 0 the step is another one.
  const tolerance = activation === 'softmax' && loss.startsWith('cat') ? 2e-3 : 1e-6;
  expect(Math.max(...a.map((weight, i) => Math.abs(weight - b[i]!)))).toBeLessThan(tolerance);
  expect(epoch).toEqual(expected.epoch);
  const losses = (expected.history['loss'] ?? []) as number[];
  losses.forEach((value, i) => {
    expect(history['loss']?.[i]).toBeCloseTo(value, 4);
  });
  expect(Object.keys(history)).toEqual(['loss', ...metrics.map(() => 'acc')]);
});

describe('as in TensorFlow.js', () => {
  const compiled = (): tf.Sequential => {
    const model = newModel('softmax');
    const loss = 'categoricalCrossentropy';
    model.compile({ optimizer: tf.train.adam(0.01), loss, metrics: ['accuracy'] });
    return model;
  };

  test('validation, callbacks, early stopping, and an epoch to count from', async () => {
    const seen: string[] = [];
    const callbacks = {
      onEpochEnd: (epoch: number, logs?: Record<string, number>) => {
        seen.push(`${epoch}: ${Object.keys(logs ?? {}).join(' ')}`);
      },
    };
    const options = { batchSize: 6, initialEpoch: 2, epochs: 5, callbacks, validationSplit: 0.25 };
    const { epoch, history } = await trainModel(compiled(), x, oneHot, options);
    expect(epoch).toEqual([2, 3, 4]);
    expect(seen).toEqual([2, 3, 4].map((at) => `${at}: loss acc val_loss val_acc`));
    expect(history['val_loss']).toHaveLength(3);

    // A loss that cannot fall by so much in one epoch.
    const patience = tf.callbacks.earlyStopping({ monitor: 'loss', minDelta: 100, patience: 1 });
    const stopped = await trainModel(compiled(), x, oneHot, { epochs: 50, callbacks: patience });
    expect(stopped.epoch.length).toBeLessThan(5);
  });

  test('the same seed gives the same weights, another one others', async () => {
    const weights = async (seed: number): Promise<Float32Array> => {
      const model = compiled();
      await trainModel(model, x, oneHot, { epochs: 2, batchSize: 5, seed });
      return weightsOf(model);
    };
    const [first, again, other] = [await weights(1), await weights(1), await weights(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('what cannot be done is said', async () => {
    const compiledWith = (args: tf.ModelCompileArgs): tf.Sequential => {
      const model = newModel('softmax');
      model.compile(args);
      return model;
    };
    const optimizer = 'adam';
    const loss = 'categoricalCrossentropy';
    const start = (model: tf.LayersModel, y: ModelData = oneHot, options = {}) =>
      trainModel(model, x, y, options);
    await expect(start(newModel('softmax'))).rejects.toThrow('The model is not compiled');
    await expect(start(compiledWith({ optimizer, loss: 'hinge' }))).rejects.toThrow(
      `The model's loss is "hinge"; known are`,
    );
    await expect(start(compiledWith({ optimizer: 'adagrad', loss }))).rejects.toThrow(
      "The model's optimizer is Adagrad; known are",
    );
    await expect(start(compiledWith({ optimizer, loss, metrics: ['mse'] }))).rejects.toThrow(
      "The model has the metric 'mse'",
    );
    const many = tf.sequential({
      layers: [tf.layers.dense({ units: 300, activation: 'softmax', inputShape: [5] })],
    });
    many.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    await expect(start(many, new Float32Array(N).fill(299))).rejects.toThrow(
      'The network has 300 classes; sparse labels are known for up to 256',
    );
    const regression = newModel('linear');
    regression.compile({ optimizer, loss: 'meanSquaredError', metrics: ['accuracy'] });
    await expect(start(regression)).rejects.toThrow(
      'The model has the metric accuracy, which its loss meanSquaredError has none of here',
    );
    await expect(start(compiled(), oneHot, { shuffle: false })).rejects.toThrow(
      'There is no option "shuffle"',
    );
    await expect(start(compiled(), oneHot.subarray(1))).rejects.toThrow('it needs 3 targets');
    await expect(start(compiled(), oneHot, { validationSplit: 0.99 })).rejects.toThrow(
      'leaves 0 of 24 images to train on',
    );
  });
});
