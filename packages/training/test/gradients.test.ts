import { describe, expect, test } from 'vitest';
import { detectBlockSize } from '../src/onnx/block-size.ts';
import { OnnxTrainer, type OnnxTrainerOptions } from '../src/onnx/onnx-trainer.ts';
import { ReferenceTrainer } from '../src/reference/reference-trainer.ts';
import { adam, type TrainerOptions } from '../src/index.ts';
import {
  cases,
  networkOf,
  randomBatch,
  randomWeights,
  relativeDifference,
  tinyNet,
  TOLERANCE,
} from './networks.ts';

const variants: Readonly<Record<string, Partial<OnnxTrainerOptions>>> = {
  'as it is used': {},
  'without the blocked layout': { block: 1 },
  'plain graph': { rewrites: false },
};

function optionsFor({ model, batch }: (typeof cases)[number]): TrainerOptions {
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

describe.each(Object.entries(variants))('onnx-cpu, %s, against the reference', (_, variant) => {
  test.each(cases)('$name', async (testCase) => {
    const options = optionsFor(testCase);
    const batch = randomBatch(options.network, testCase.batch);
    const reference = await ReferenceTrainer.create(options);
    const trainer = await OnnxTrainer.create({ ...options, ...variant });
    const expected = await reference.gradients(batch);
    const actual = await trainer.gradients(batch);
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.correct).toBe(expected.correct);
    for (const { name, offset, size } of options.network.weights) {
      const part = (all: Float32Array): Float32Array => all.subarray(offset, offset + size);
      expect(
        relativeDifference(part(actual.gradients), part(expected.gradients)),
        name,
      ).toBeLessThan(TOLERANCE);
    }
    await trainer.dispose();
  });
});

test('the processor of this machine either has a block that agrees, or none', async () => {
  expect([1, 4, 8, 16]).toContain(await detectBlockSize());
});

describe('finite differences', () => {
  /** Mean loss by float64 differences of float32 losses: good to about 1e-3 of the largest gradient. */
  test.each(['onnx-cpu', 'reference'] as const)('%s', async (engine) => {
    const network = networkOf(tinyNet());
    const weights = randomWeights(network);
    const options = {
      network,
      weights,
      optimizer: adam(),
      batchSize: 8,
      seed: 9,
      images: 'uint8' as const,
      threads: 2,
    };
    const trainer =
      engine === 'onnx-cpu'
        ? await OnnxTrainer.create(options)
        : await ReferenceTrainer.create(options);
    const batch = randomBatch(network, 8, 2);
    const { gradients } = await trainer.gradients(batch);
    const scale = gradients.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    const step = 2e-3;
    const { slots, step: taken } = await trainer.state();
    for (const { offset, size } of network.weights) {
      const index = offset + Math.floor(size / 3);
      const lossAt = async (delta: number): Promise<number> => {
        const moved = weights.slice();
        moved[index] = (moved[index] ?? 0) + delta;
        trainer.restore({ weights: moved, slots, step: taken });
        return (await trainer.gradients(batch)).loss;
      };
      const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      expect(Math.abs(slope - (gradients[index] ?? NaN)) / scale).toBeLessThan(1e-2);
    }
    await trainer.dispose();
  });
});
