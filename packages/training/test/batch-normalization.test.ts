/** Batch normalization on every engine: gradients, moving statistics, prediction, and going on from a state. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  createTrainer,
  fit,
  networkOf,
  setWeightsOf,
  sgd,
  weightsOf,
  type Batch,
  type NetworkSpec,
  type TrainerOptions,
} from '../src/index.ts';
import { OnnxTrainer, type OnnxTrainerOptions } from '../src/onnx-cpu/trainer.ts';
import { ReferenceTrainer } from '../src/reference/trainer.ts';
import { WebgpuTrainer } from '../src/onnx-webgpu/trainer.ts';
import { absentEngines, presentEngines } from './engines.ts';
import { randomBatch, relativeDifference, sequential, TOLERANCE, type Case } from './networks.ts';
import { collect, figuresOf, tinyTraining } from './runs.ts';
import { expectClose } from './support/comparisons.ts';
import { float64Loss } from './support/float64-loss.ts';
import {
  normalizedCases,
  normalizedNet,
  normalizedWeights,
  withDropout,
} from './support/normalized-networks.ts';

const { batchNormalization, conv2d, dense, flatten } = tf.layers;

function optionsFor({ model, batch }: Pick<Case, 'model' | 'batch'>): TrainerOptions {
  const network = networkOf(model());
  return {
    ...{ network, weights: normalizedWeights(network), optimizer: adam(), batchSize: batch },
    ...{ seed: 5, images: 'uint8', threads: 1 },
  };
}

/** Where the moving statistics lie in the flat vector. */
function movingPlaces({ weights }: NetworkSpec): number[] {
  return weights
    .filter(({ trainable }) => trainable === false)
    .flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i));
}

/** Rows of two values: [1, 4], [3, 0], [8, 2], and another such batch. */
const rows = (...values: number[]): Batch => ({
  images: Float32Array.from(values),
  labels: Uint8Array.of(0, 1, 0),
  size: 3,
});
const [first, second] = [rows(1, 4, 3, 0, 8, 2), rows(-2, 1, -2, 2, 1, 6)];

test.skip.each(absentEngines)('%s%s', () => undefined);

describe.each(presentEngines)('%s', (engine) => {
  // A device without hardware compiles each graph for seconds.
  const few = /batch 7|whole blocks|without gamma/;
  const cases =
    engine === 'onnx-webgpu'
      ? normalizedCases.filter(({ name }) => few.test(name))
      : normalizedCases;

  test.each(cases)('gradients against the reference: $name', async (testCase) => {
    const options = optionsFor(testCase);
    const { network } = options;
    const batch = randomBatch(network, testCase.batch);
    const reference = await ReferenceTrainer.create(options);
    const trainer = await createTrainer(engine, options);
    const before = await trainer.state();
    const [actual, expected] = [await trainer.gradients(batch), await reference.gradients(batch)];
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.correct).toBe(expected.correct);
    expectClose(network, actual.gradients, expected.gradients);
    for (const place of movingPlaces(network)) expect(actual.gradients[place]).toBe(0);
    expect(await trainer.state()).toEqual(before);
    await trainer.dispose();
  });

  test('steps move weights and moving statistics as the reference does; moments of the latter are 0', async () => {
    const options = {
      ...optionsFor({ model: normalizedNet, batch: 16 }),
      optimizer: adam({ epsilon: 1e-3 }),
    };
    const { network } = options;
    const reference = await ReferenceTrainer.create(options);
    const trainer = await createTrainer(engine, options);
    for (const [i, size] of [16, 16, 5].entries()) {
      const batch = randomBatch(network, size, i);
      await trainer.step(batch);
      await reference.step(batch);
    }
    const [actual, expected] = [await trainer.state(), await reference.state()];
    expectClose(network, actual.weights, expected.weights, 1e-4);
    const moving = movingPlaces(network);
    for (const place of moving) {
      expect(actual.weights[place]).not.toBe(options.weights[place]);
      expect(actual.slots.map((slot) => slot[place])).toEqual([0, 0]);
    }
    await trainer.dispose();
  });

  test('moving statistics and predictions worked out by hand', async () => {
    const model = sequential([
      batchNormalization({ inputShape: [2], momentum: 0.9, epsilon: 0.01 }),
      dense({ units: 2, activation: 'softmax' }),
    ]);
    const network = networkOf(model);
    // gamma, beta, moving mean and variance as they begin, then the identity and no bias.
    const weights = Float32Array.of(1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0);
    const optimizer = sgd({ learningRate: 1e-30 });
    const trainer = await createTrainer(engine, {
      ...{ network, weights, optimizer, batchSize: 3, seed: 1, images: 'float32' },
    });
    const moving = async (): Promise<number[]> => [...(await trainer.state()).weights.slice(4, 8)];
    const expectMoving = async (...expected: number[]): Promise<void> => {
      expect(
        relativeDifference(Float32Array.from(await moving()), Float32Array.from(expected)),
      ).toBeLessThan(1e-6);
    };
    // Means 4 and 2; variances (9 + 1 + 16) / 3 and (4 + 4 + 0) / 3, over n and not n - 1: 0.1 of each, 0.9 of what was.
    await trainer.step(first);
    await expectMoving(0.4, 0.2, 0.9 + 2.6 / 3, 0.9 + 0.8 / 3);
    // Means -1 and 3; variances (1 + 1 + 4) / 3 = 2 and (4 + 1 + 9) / 3.
    await trainer.step(second);
    const mean = [0.9 * 0.4 - 0.1, 0.9 * 0.2 + 0.3] as const;
    const variance = [0.9 * (0.9 + 2.6 / 3) + 0.2, 0.9 * (0.9 + 0.8 / 3) + 1.4 / 3] as const;
    await expectMoving(...mean, ...variance);
    // The logit is the normalised value; two classes make the softmax a logistic function of their difference.
    const logit = (x: number, i: 0 | 1): number => (x - mean[i]) / Math.sqrt(variance[i] + 0.01);
    const firstClass = (a: number, b: number): number =>
      1 / (1 + Math.exp(logit(b, 1) - logit(a, 0)));
    const together = await trainer.predict(first.images, 3);
    expect(together[0]).toBeCloseTo(firstClass(1, 4), 6);
    expect(together[2]).toBeCloseTo(firstClass(3, 0), 6);
    // Whoever is in the same batch makes no difference.
    const alone = await trainer.predict(Float32Array.of(1, 4), 1);
    expect(alone[0]).toBeCloseTo(together[0]!, 6);
    await trainer.dispose();
  });

  test('several steps in one call are the same to the bit as one by one', async () => {
    const options = optionsFor({ model: normalizedNet, batch: 64 });
    const [together, single] = [
      await createTrainer(engine, options),
      await createTrainer(engine, options),
    ];
    const batches = Array.from({ length: Math.min(together.stepsPerRun, 3) }, (_, i) =>
      randomBatch(options.network, 64, i),
    );
    const results = await together.steps(batches);
    for (const [i, batch] of batches.entries())
      expect(await single.step(batch)).toEqual(results[i]);
    expect(await together.state()).toEqual(await single.state());
    await Promise.all([together.dispose(), single.dispose()]);
  });

  test('it learns, the model predicts what the trainer did, and a resumed training ends the same to the bit', async () => {
    const model = normalizedNet();
    const network = networkOf(model);
    const training = {
      ...tinyTraining,
      ...{ engine, network, weights: normalizedWeights(network), epochs: 2 },
      checkpoint: { everySteps: 1 },
    };
    const whole = await collect(fit(training));
    // (The loss on the test images is none until the moving statistics have caught up, which takes a hundred steps.)
    expect(whole.epochs.at(-1)?.loss).toBeLessThan(0.9 * (whole.epochs[0]?.loss ?? NaN));

    setWeightsOf(model, whole.end.state.weights);
    expect(weightsOf(model)).toEqual(whole.end.state.weights);
    const { images } = training.test ?? training.train;
    const trainer = await createTrainer(engine, {
      ...{ network: training.network, weights: training.weights, optimizer: training.optimizer },
      ...{ batchSize: training.batchSize, seed: training.seed, images: 'uint8' },
    });
    trainer.restore(whole.end.state);
    const probabilities = await trainer.predict(images, 20);
    const predicted = tf.tidy(() => {
      const pixels = Float32Array.from(images.subarray(0, 20 * 144), (x) => x / 255);
      const output = model.predict(tf.tensor(pixels, [20, 12, 12, 1]));
      if (Array.isArray(output)) throw new Error('one output was expected');
      return output.dataSync<'float32'>();
    });
    expect(relativeDifference(probabilities, predicted)).toBeLessThan(1e-5);
    await trainer.dispose();

    const resume = whole.snapshots[9];
    if (!resume) throw new Error('no such snapshot');
    const rest = await collect(fit({ ...training, resume }));
    expect(rest.end).toEqual(whole.end);
    expect(figuresOf(rest.epochs)).toEqual(figuresOf(whole.epochs.slice(1)));
  });
});

test.skipIf(!presentEngines.includes('onnx-webgpu'))(
  'onnx-webgpu: two steps in one run hand the moving statistics on, as the reference does',
  async () => {
    const options = {
      ...optionsFor({ model: normalizedNet, batch: 8 }),
      ...{ optimizer: sgd({ learningRate: 0.05 }), stepsPerRun: 2 },
    };
    const set = randomBatch(options.network, 16);
    const [device, reference] = [
      await WebgpuTrainer.create(options),
      await ReferenceTrainer.create(options),
    ];
    await device.load(set.images, set.labels);
    const halves = [0, 8].map((from) => Uint32Array.from({ length: 8 }, (_, i) => from + i));
    await device.stepsByIndex(halves);
    for (const from of [0, 8]) {
      const images = set.images.subarray(from * 144, (from + 8) * 144);
      await reference.step({ images, labels: set.labels.subarray(from, from + 8), size: 8 });
    }
    const [actual, expected] = [await device.state(), await reference.state()];
    expectClose(options.network, actual.weights, expected.weights, 1e-4);
    await device.dispose();
  },
);

const variants: Readonly<Record<string, Partial<OnnxTrainerOptions>>> = {
  'as it is used': {},
  'without the blocked layout': { block: 1 },
  'plain graph': { rewrites: false },
};

describe.each(Object.entries(variants))('onnx-cpu, %s', (_, variant) => {
  test.each([withDropout, ...normalizedCases])('gradients: $name', async (testCase) => {
    const options = optionsFor(testCase);
    const batch = randomBatch(options.network, testCase.batch);
    const reference = await ReferenceTrainer.create(options);
    const trainer = await OnnxTrainer.create({ ...options, ...variant });
    const [actual, expected] = [await trainer.gradients(batch), await reference.gradients(batch)];
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expectClose(options.network, actual.gradients, expected.gradients);
    await trainer.dispose();
  });
});

test('the reference against finite differences in float64, every weight', async () => {
  const options = optionsFor({
    batch: 6,
    model: () =>
      sequential([
        batchNormalization({ inputShape: [5, 4, 2], center: false }),
        conv2d({ filters: 3, kernelSize: 2, useBias: false }),
        batchNormalization({ center: false }),
        tf.layers.activation({ activation: 'relu' }),
        conv2d({ filters: 2, kernelSize: [2, 1], activation: 'tanh' }),
        batchNormalization({ scale: false }),
        flatten(),
        dense({ units: 4, activation: 'sigmoid' }),
        batchNormalization({ epsilon: 0.1 }),
        dense({ units: 3, activation: 'softmax' }),
      ]),
  });
  const { network, weights } = options;
  const batch = randomBatch(network, 6, 3);
  const trainer = await ReferenceTrainer.create(options);
  const { gradients, loss } = await trainer.gradients(batch);
  const moved = Float64Array.from(weights);
  expect(loss).toBeCloseTo(float64Loss(network, moved, batch), 6);
  const delta = 1e-6;
  const slopes = Float32Array.from(weights, (weight, i) => {
    const at = (change: number): number => {
      moved[i] = weight + change;
      return float64Loss(network, moved, batch);
    };
    const slope = (at(delta) - at(-delta)) / (2 * delta);
    moved[i] = weight;
    return slope;
  });
  expectClose(network, gradients, slopes);
});

test.each(['onnx-cpu', 'reference'] as const)(
  '%s: what batch normalization takes away again, a bias, has no gradient',
  async (engine) => {
    const options = optionsFor({
      batch: 8,
      model: () =>
        sequential([
          conv2d({ inputShape: [6, 6, 1], filters: 4, kernelSize: 3, name: 'biased' }),
          batchNormalization(),
          flatten(),
          dense({ units: 3, activation: 'softmax' }),
        ]),
    });
    const trainer = await createTrainer(engine, options);
    const { gradients } = await trainer.gradients(randomBatch(options.network, 8));
    const largest = (part: Float32Array): number => Math.max(...part.map(Math.abs));
    const [kernel, bias] = [gradients.subarray(0, 36), gradients.subarray(36, 40)].map(largest);
    expect((bias ?? NaN) / (kernel ?? NaN)).toBeLessThan(TOLERANCE);
    await trainer.dispose();
  },
);
