/** The TensorFlow trainer against the reference, where TensorFlow is installed; and what is its own: masks, tensors, pooling. */
import { describe, expect, test } from 'vitest';

import { loadTensorflow } from '@fashion-bench/tensorflow';

import { adam, createTrainer, sgd, type TrainerOptions } from '../src/index.ts';
import { ReferenceTrainer } from '../src/reference/trainer.ts';
import { deviceMasks } from '../src/tensorflow/masks.ts';
import { choosePooling, plainPooling } from '../src/tensorflow/pooling.ts';
import { TensorflowTrainer } from '../src/tensorflow/trainer.ts';
import { whyNot } from './engines.ts';
import {
  cases,
  networkOf,
  randomBatch,
  randomWeights,
  relativeDifference,
  smallStudyNet,
} from './networks.ts';
import { expectClose, expectSlopesOfLoss } from './support/comparisons.ts';

const reason = whyNot('tensorflow');

function optionsFor({
  model,
  batch,
}: Pick<(typeof cases)[number], 'model' | 'batch'>): TrainerOptions {
  const network = networkOf(model());
  return {
    network,
    weights: randomWeights(network),
    optimizer: adam(),
    batchSize: batch,
    seed: 5,
    images: 'uint8',
    threads: 2,
  };
}

describe.skipIf(reason !== null)(`tensorflow${reason ?? ''}`, () => {
  test.each(cases)('gradients against the reference: $name', async (testCase) => {
    const options = optionsFor(testCase);
    const batch = randomBatch(options.network, testCase.batch);
    const reference = await ReferenceTrainer.create(options);
    const trainer = await TensorflowTrainer.create({ ...options, device: 'cpu' });
    const expected = await reference.gradients(batch);
    const actual = await trainer.gradients(batch);
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.correct).toBe(expected.correct);
    expectClose(options.network, actual.gradients, expected.gradients);
    await trainer.dispose();
  });

  test.each([adam(), sgd({ learningRate: 0.05 })])(
    'six steps with $name lead where the reference goes',
    async (optimizer) => {
      const options = { ...optionsFor({ model: smallStudyNet, batch: 8 }), optimizer };
      const reference = await ReferenceTrainer.create(options);
      const trainer = await TensorflowTrainer.create({ ...options, device: 'cpu' });
      for (let i = 0; i < 6; i++) {
        const batch = randomBatch(options.network, i === 2 ? 5 : 8, i);
        await reference.step(batch);
        await trainer.step(batch);
      }
      const [actual, expected] = [await trainer.state(), await reference.state()];
      expect(relativeDifference(actual.weights, expected.weights) * 0.3).toBeLessThan(3e-4);
      expect(actual.slots.length).toBe(expected.slots.length);
      await trainer.dispose();
    },
  );

  test('no step, gradient or prediction leaves a tensor behind, and dispose leaves none', async () => {
    const tf = loadTensorflow({ threads: 2 });
    const before = tf.tensorCount;
    const options = optionsFor({ model: smallStudyNet, batch: 8 });
    const trainer = await createTrainer('tensorflow', options);
    const own = tf.tensorCount;
    const batch = randomBatch(options.network, 8);
    for (let i = 0; i < 3; i++) {
      await trainer.step(batch);
      await trainer.gradients(batch);
      await trainer.predict(batch.images, 8);
      await trainer.state();
      expect(tf.tensorCount).toBe(own);
    }
    await trainer.dispose();
    expect(tf.tensorCount).toBe(before);
  });

  test('a step that fails frees its tensors too', async () => {
    const tf = loadTensorflow({ threads: 2 });
    const options = optionsFor({ model: smallStudyNet, batch: 8 });
    const trainer = await createTrainer('tensorflow', options);
    const own = tf.tensorCount;
    const { labels } = randomBatch(options.network, 8);
    await expect(trainer.step({ images: new Uint8Array(3), labels, size: 8 })).rejects.toThrow();
    expect(tf.tensorCount).toBe(own);
    await trainer.dispose();
  });
});

describe.skipIf(reason !== null)(`pooling on tensorflow${reason ?? ''}`, () => {
  test.each([
    { size: [2, 2], rows: 28, columns: 28, channels: 64 },
    { size: [3, 2], rows: 10, columns: 7, channels: 3 },
  ] as const)('the chosen pair gives the numbers of the plain one: $size', ({ size, ...input }) => {
    const tf = loadTensorflow({ threads: 2 });
    const layer = { poolSize: size, strides: size, padding: 'valid', input } as const;
    const { rows, columns, channels } = input;
    const values = Float32Array.from({ length: rows * columns * channels }, (_, i) => (i * 37) % 5);
    const [chosen, plain] = [choosePooling, plainPooling].map((make) =>
      tf.scope(() => {
        const pooling = make(tf, layer);
        const x = tf.tensor(values, [1, rows, columns, channels]);
        const pooled = pooling(x);
        return [tf.readFloats(pooled.output), tf.readFloats(pooled.backward(pooled.output))];
      }),
    );
    expect(chosen).toEqual(plain);
  });
});

describe.skipIf(reason !== null)(`masks drawn on the device${reason ?? ''}`, () => {
  const input = { rows: 50, columns: 40, channels: 10 };
  const place = (rate: number) =>
    ({
      layer: { kind: 'dropout', name: 'd', rate, input, output: input },
      flat: false,
    }) as const;
  const size = 5 * 50 * 40 * 10;

  test.each([0.1, 0.5, 0.9])('rate %f: 0 or 1 / (1 - rate), as often as asked for', (rate) => {
    const tf = loadTensorflow({ threads: 2 });
    const masks = deviceMasks(tf, [place(rate)], 1);
    const values = tf.scope(() => tf.readFloats(masks.draw(0, 5)[0] ?? 0));
    expect(values.length).toBe(size);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    const dropped = values.filter((value) => value === 0).length;
    // Five standard deviations of a binomial count.
    expect(Math.abs(dropped - size * rate)).toBeLessThan(5 * Math.sqrt(size * rate * (1 - rate)));
  });

  test('a mask depends on seed, layer and step alone', () => {
    const tf = loadTensorflow({ threads: 2 });
    const draw = (seed: number, step: number, layer: number): Float32Array =>
      tf.scope(() =>
        tf.readFloats(deviceMasks(tf, [place(0.5), place(0.5)], seed).draw(step, 1)[layer] ?? 0),
      );
    const first = draw(1, 1, 0);
    expect(draw(1, 1, 0)).toEqual(first);
    for (const other of [draw(2, 1, 0), draw(1, 2, 0), draw(1, 1, 1)]) {
      // Of two independent masks about half of the elements agree.
      const equal = other.filter((value, i) => value === first[i]).length / first.length;
      expect(Math.abs(equal - 0.5)).toBeLessThan(0.03);
    }
  });

  test('gradients are those of the loss with the same mask (finite differences)', async () => {
    const options = optionsFor({ model: smallStudyNet, batch: 8 });
    const trainer = await TensorflowTrainer.create({ ...options, device: 'cpu', masks: 'device' });
    const batch = randomBatch(options.network, 8, 2);
    await expectSlopesOfLoss(trainer, options.network, batch);
    await trainer.dispose();
  });
});
