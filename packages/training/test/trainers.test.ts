import { describe, expect, test } from 'vitest';
import {
  adam,
  createTrainer,
  sgd,
  stepRate,
  TrainingError,
  type OptimizerConfig,
  type TrainerEngine,
  type TrainerState,
} from '../src/index.ts';
import { absentEngines, presentEngines } from './engines.ts';
import {
  networkOf,
  randomBatch,
  randomWeights,
  relativeDifference,
  smallStudyNet,
} from './networks.ts';

const network = networkOf(smallStudyNet());

async function train(
  engine: TrainerEngine,
  optimizer: OptimizerConfig,
  steps: number,
  seed = 1,
): Promise<TrainerState> {
  const trainer = await createTrainer(engine, {
    network,
    weights: randomWeights(network),
    optimizer,
    batchSize: 8,
    seed,
    images: 'uint8',
    threads: 2,
  });
  for (let i = 0; i < steps; i++) await trainer.step(randomBatch(network, i === 2 ? 5 : 8, i));
  const state = await trainer.state();
  await trainer.dispose();
  return state;
}

test.skip.each(absentEngines)('%s%s', () => undefined);

describe.each(presentEngines)('%s', (engine) => {
  test('the same seed gives the same weights to the bit, another seed others', async () => {
    const [a, b, other] = [
      await train(engine, adam(), 4),
      await train(engine, adam(), 4),
      await train(engine, adam(), 4, 2),
    ];
    expect(a.weights).toEqual(b.weights);
    expect(a.slots).toEqual(b.slots);
    expect(a.weights).not.toEqual(other.weights);
  });

  test('calls wait for each other: steps at once are steps one after the other; nothing works after dispose', async () => {
    const options = {
      ...{ network, weights: randomWeights(network), optimizer: adam(), batchSize: 8, seed: 1 },
      ...{ images: 'uint8' as const, threads: 1 },
    };
    const [together, apart] = [
      await createTrainer(engine, options),
      await createTrainer(engine, options),
    ];
    const batches = [0, 1, 2].map((i) => randomBatch(network, 8, i));
    const unfit = together.step({ ...randomBatch(network, 8, 0), size: 9 });
    const all = Promise.all(batches.map((batch) => together.step(batch)));
    const state = together.state();
    expect(() => {
      together.restore({ weights: options.weights, slots: [], step: 0 });
    }).toThrow('cannot be restored while 5 calls are at work');
    await expect(unfit).rejects.toThrow('The size of the batch is 9, but must be');
    const results = [];
    for (const batch of batches) results.push(await apart.step(batch));
    expect(await all).toEqual(results);
    expect(await state).toEqual(await apart.state());
    expect((await state).step).toBe(3);
    const last = apart.step(randomBatch(network, 8, 3));
    await Promise.all([apart.dispose(), apart.dispose(), together.dispose()]);
    expect((await last).loss).toBeGreaterThan(0);
    for (const late of [() => apart.step(randomBatch(network, 8, 0)), () => apart.state()]) {
      await expect(late()).rejects.toThrow(
        new TrainingError('The trainer was disposed of; create another one to go on.'),
      );
    }
  });

  test('a restored state goes on to the bit as if never interrupted', async () => {
    const options = {
      network,
      weights: randomWeights(network),
      optimizer: adam(),
      batchSize: 8,
      seed: 1,
      images: 'uint8' as const,
      threads: 1,
    };
    const first = await createTrainer(engine, options);
    for (let i = 0; i < 2; i++) await first.step(randomBatch(network, 8, i));
    const second = await createTrainer(engine, {
      ...options,
      weights: new Float32Array(network.parameters),
    });
    second.restore(await first.state());
    for (const trainer of [first, second]) await trainer.step(randomBatch(network, 8, 7));
    expect(await second.state()).toEqual(await first.state());
    await Promise.all([first.dispose(), second.dispose()]);
  });

  test('several steps in one call are the same to the bit as one by one', async () => {
    const options = {
      network,
      weights: randomWeights(network),
      optimizer: adam(),
      batchSize: 64,
      seed: 1,
      images: 'uint8' as const,
      threads: 1,
    };
    const [together, single] = [
      await createTrainer(engine, options),
      await createTrainer(engine, options),
    ];
    // One whole run and one that is not; the last batch is smaller.
    const batches = Array.from({ length: together.stepsPerRun + 2 }, (_, i) =>
      randomBatch(network, i > together.stepsPerRun ? 5 : 64, i),
    );
    const results = await together.steps(batches);
    expect(results).toHaveLength(batches.length);
    for (const [i, batch] of batches.entries())
      expect(await single.step(batch)).toEqual(results[i]);
    expect(await together.state()).toEqual(await single.state());
    await Promise.all([together.dispose(), single.dispose()]);
  });

  test('gradients change nothing', async () => {
    const trainer = await createTrainer(engine, {
      network,
      weights: randomWeights(network),
      optimizer: adam(),
      batchSize: 8,
      seed: 1,
      images: 'uint8',
    });
    const before = await trainer.state();
    await trainer.gradients(randomBatch(network, 8));
    expect(await trainer.state()).toEqual(before);
    await trainer.dispose();
  });

  test('predictions are distributions, and the same in one go as one by one', async () => {
    const trainer = await createTrainer(engine, {
      network,
      weights: randomWeights(network),
      optimizer: sgd(),
      batchSize: 4,
      seed: 1,
      images: 'uint8',
    });
    const { images } = randomBatch(network, 6);
    const together = await trainer.predict(images, 6);
    for (let i = 0; i < 6; i++) {
      const row = together.subarray(i * 5, i * 5 + 5);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      const alone = await trainer.predict(images.subarray(i * 144, (i + 1) * 144), 1);
      expect(relativeDifference(alone, row)).toBeLessThan(1e-5);
    }
    await trainer.dispose();
  });

  test('float images with scale 1 are the same as bytes divided by 255', async () => {
    const { images, labels } = randomBatch(network, 8);
    const options = {
      network,
      weights: randomWeights(network),
      optimizer: adam(),
      batchSize: 8,
      seed: 1,
    };
    const bytes = await createTrainer(engine, { ...options, images: 'uint8' });
    const floats = await createTrainer(engine, { ...options, images: 'float32' });
    const a = await bytes.step({ images, labels, size: 8 });
    const b = await floats.step({
      images: Float32Array.from(images, (x) => x / 255),
      labels,
      size: 8,
    });
    expect(b.loss).toBeCloseTo(a.loss, 5);
    await Promise.all([bytes.dispose(), floats.dispose()]);
  });

  test('weights that do not fit are refused', async () => {
    const options = {
      network,
      weights: new Float32Array(3),
      optimizer: adam(),
      batchSize: 8,
      seed: 1,
      images: 'uint8' as const,
    };
    await expect(createTrainer(engine, options)).rejects.toThrow(
      new TrainingError(
        `The network has ${network.parameters} parameters, but 3 weights were given.`,
      ),
    );
  });
});

test.each([adam(), sgd({ learningRate: 0.05 })])(
  'both engines walk the same way with $name',
  async (optimizer) => {
    const [a, b] = [await train('onnx-cpu', optimizer, 6), await train('reference', optimizer, 6)];
    // Adam divides by the gradient's own size, so where a gradient is almost zero rounding decides a step's sign:
    // allowed is a twentieth of what six steps of 0.001 can move a weight.
    expect(relativeDifference(a.weights, b.weights) * 0.3).toBeLessThan(3e-4);
  },
);

describe('optimizers', () => {
  test("Adam's first step has Keras' size: the rate times the sign of the gradient", () => {
    const { learningRate, beta1, beta2 } = adam();
    // m = (1 - b1) g, v = (1 - b2) g^2: rate * m / sqrt(v) = learningRate * sign(g)
    expect((stepRate(adam(), 1) * (1 - beta1)) / Math.sqrt(1 - beta2)).toBeCloseTo(
      learningRate,
      12,
    );
    expect(stepRate(sgd({ learningRate: 0.1 }), 7)).toBe(0.1);
  });

  test.each([0, -1, NaN, Infinity])('a learning rate of %s is refused', (learningRate) => {
    expect(() => adam({ learningRate })).toThrow(TrainingError);
  });
});
