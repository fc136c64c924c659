import { networkOf, weightsOf } from '@fashion-bench/training';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  fashionCnn,
  glorotUniform,
  publishedCnn,
  publishedRecipe,
  studyRecipe,
} from '../src/index.ts';
import { sameBits } from './support/models.ts';

const printed = vi.fn();

beforeAll(() => {
  // Before any tensor exists: TensorFlow.js greets once.
  for (const name of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, name).mockImplementation(printed);
  }
});

afterEach(() => {
  tf.disposeVariables();
});

describe('fashionCnn', () => {
  test('prints nothing, not even the greeting of TensorFlow.js', () => {
    fashionCnn().predict(tf.zeros([1, 28, 28, 1]));
    expect(tf.getBackend()).toBe('cpu');
    expect(printed).not.toHaveBeenCalled();
  });

  test('is the network of the study: 438,122 parameters', () => {
    const model = fashionCnn();
    expect(model.countParams()).toBe(438_122);
    expect(networkOf(model).parameters).toBe(438_122);
    expect(model.layers.map(({ name, outputShape }) => [name, ...outputShape.slice(1)])).toEqual([
      ['conv1', 28, 28, 64],
      ['pool1', 14, 14, 64],
      ['dropout1', 14, 14, 64],
      ['conv2', 14, 14, 32],
      ['pool2', 7, 7, 32],
      ['dropout2', 7, 7, 32],
      ['flatten', 1568],
      ['dense1', 256],
      ['dropout3', 256],
      ['dense2', 10],
    ]);
    const rates = model.layers.map((layer) => layer.getConfig()['rate']).filter(Boolean);
    expect(rates).toEqual([0.1, 0.3, 0.5]);
    const { layers } = networkOf(model);
    expect(layers.flatMap((layer) => (layer.kind === 'activation' ? [layer.name] : []))).toEqual([
      'conv1/relu',
      'conv2/relu',
      'dense1/relu',
    ]);
  });

  test('has the same names however many models were made before', () => {
    const [first, second] = [fashionCnn(), fashionCnn()];
    expect(second.name).toBe(first.name);
    expect(networkOf(second)).toEqual(networkOf(first));
    expect(second.toJSON(null, false)).toEqual(first.toJSON(null, false));
  });

  test('has the same weights for the same seed, others for another', () => {
    const first = weightsOf(fashionCnn());
    // The default of 42, and these very numbers, are part of what makes a published run repeatable.
    expect(sameBits(weightsOf(fashionCnn({ seed: 42 })), first)).toBe(true);
    expect(Array.from(first.subarray(0, 3))).toEqual([
      -0.035311441868543625, -0.024925705045461655, 0.07083184272050858,
    ]);
    const other = weightsOf(fashionCnn({ seed: 43 }));
    const equal = other.filter((value, i) => value === first[i]).length;
    expect(equal).toBe(64 + 32 + 256 + 10); // the biases
  });

  test.each([-1, 0.5, 2 ** 32, NaN])('refuses the seed %s and leaves no tensor behind', (seed) => {
    const before = tf.memory().numTensors;
    expect(() => fashionCnn({ seed })).toThrow(
      `The seed must be an integer from 0 to 4294967295, not ${seed}.`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('publishedCnn', () => {
  test('is the network behind the published rows: 3,274,634 parameters', () => {
    const model = publishedCnn();
    expect(model.countParams()).toBe(3_274_634);
    expect(networkOf(model).layers.map(({ kind }) => kind)).toEqual([
      ...['conv2d', 'activation', 'maxPooling2d', 'conv2d', 'activation', 'maxPooling2d'],
      ...['flatten', 'dense', 'activation', 'dropout', 'dense'],
    ]);
    expect(model.layers.map(({ name, outputShape }) => [name, ...outputShape.slice(1)])).toEqual([
      ['conv1', 28, 28, 32],
      ['pool1', 14, 14, 32],
      ['conv2', 14, 14, 64],
      ['pool2', 7, 7, 64],
      ['flatten', 3136],
      ['dense1', 1024],
      ['dropout', 1024],
      ['dense2', 10],
    ]);
    const kernels = model.layers.flatMap((layer) => layer.getConfig()['kernelSize'] ?? []);
    expect(kernels).toEqual([5, 5, 5, 5]);
    expect(model.getLayer('dropout').getConfig()['rate']).toBe(0.4);
    expect(sameBits(weightsOf(publishedCnn({ seed: 42 })), weightsOf(model))).toBe(true);
  });
});

describe('glorotUniform', () => {
  const network = networkOf(fashionCnn());
  const weights = glorotUniform(network, 7);
  const fans = [
    ['conv1/kernel', 16 * (1 + 64)],
    ['conv2/kernel', 16 * (64 + 32)],
    ['dense1/kernel', 1568 + 256],
    ['dense2/kernel', 256 + 10],
  ] as const;

  test.each(fans)('%s: uniform between the limits', (name, fanSum) => {
    const spec = network.weights.find((weight) => weight.name === name);
    if (!spec) throw new Error(`There is no weight ${name}.`);
    const values = Array.from(weights.subarray(spec.offset, spec.offset + spec.size));
    const limit = Math.sqrt(6 / fanSum);
    expect(values.every((value) => Math.abs(value) <= Math.fround(limit))).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Five standard errors: of a mean sqrt(variance / n); of a uniform's variance, variance * sqrt(0.8 / n).
    const expected = limit ** 2 / 3;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / values.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(0.8 / values.length));
    // Both ends are reached, and no value is drawn twice as by a seed used twice.
    expect(Math.max(...values.slice(0, 50_000))).toBeGreaterThan(0.97 * limit);
    expect(Math.min(...values.slice(0, 50_000))).toBeLessThan(-0.97 * limit);
  });

  test('biases are zero', () => {
    const biases = network.weights.filter(({ shape }) => shape.length === 1);
    expect(biases.map(({ name }) => name)).toEqual(
      ['conv1', 'conv2', 'dense1', 'dense2'].map((name) => `${name}/bias`),
    );
    for (const { offset, size } of biases) {
      expect(weights.subarray(offset, offset + size)).toEqual(new Float32Array(size));
    }
  });

  test('batch normalization begins with variance and gamma 1, mean and beta 0', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], activation: 'relu' }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    const flat = glorotUniform(networkOf(model), 7);
    expect([...flat.subarray(8, 16)]).toEqual([1, 1, 0, 0, 0, 0, 1, 1]);
  });

  test('layers of one size get numbers of their own', () => {
    const twins = tf.sequential({
      layers: [
        tf.layers.dense({ units: 8, inputShape: [8] }),
        tf.layers.dense({ units: 8, activation: 'softmax' }),
      ],
    });
    const flat = glorotUniform(networkOf(twins), 7);
    expect(flat.subarray(0, 64)).not.toEqual(flat.subarray(72, 136));
  });
});

test('studyRecipe is what the study says', () => {
  expect(studyRecipe).toEqual({
    epochs: 50,
    batchSize: 32,
    optimizer: { name: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    erasing: { p: 0.15, when: 'once' },
  });
});

test('publishedRecipe is what the published script says, but for its length', () => {
  expect(publishedRecipe).toMatchObject({
    batchSize: 400,
    optimizer: { name: 'sgd', learningRate: 0.001 },
    erasing: { when: 'none' },
  });
});
