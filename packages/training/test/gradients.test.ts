import { describe, expect, test } from 'vitest';
import {
  BLOCK_SIZES,
  detectBlockSize,
  probeBlockSize,
} from '../src/onnx-cpu/blocked/block-size.ts';
import { OnnxTrainer, type OnnxTrainerOptions } from '../src/onnx-cpu/trainer.ts';
import { ReferenceTrainer } from '../src/reference/trainer.ts';
import { adam, type Batch, type TrainerOptions } from '../src/index.ts';
import { cases, networkOf, randomBatch, randomWeights, tinyNet } from './networks.ts';
import { expectClose, expectSlopesOfLoss } from './support/comparisons.ts';

const variants: Readonly<Record<string, Partial<OnnxTrainerOptions>>> = {
  'as it is used': {},
  'without the blocked layout': { block: 1, threads: 1 },
  'plain graph': { rewrites: false, threads: 1 },
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

/** What the reference, which takes the longest, says to each case. */
const references = new Map<string, ReturnType<ReferenceTrainer['gradients']>>();
function referenceOf(
  name: string,
  options: TrainerOptions,
  batch: Batch,
): ReturnType<ReferenceTrainer['gradients']> {
  const known =
    references.get(name) ??
    ReferenceTrainer.create(options).then((trainer) => trainer.gradients(batch));
  references.set(name, known);
  return known;
}

describe.each(Object.entries(variants))('onnx-cpu, %s, against the reference', (_, variant) => {
  test.each(cases)('$name', async (testCase) => {
    const options = optionsFor(testCase);
    const batch = randomBatch(options.network, testCase.batch);
    const expected = await referenceOf(testCase.name, options, batch);
    const trainer = await OnnxTrainer.create({ ...options, ...variant });
    const actual = await trainer.gradients(batch);
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.correct).toBe(expected.correct);
    expectClose(options.network, actual.gradients, expected.gradients);
    await trainer.dispose();
  });
});

test('the processor of this machine has at most one block that agrees', async () => {
  const block = await detectBlockSize();
  expect([1, ...BLOCK_SIZES]).toContain(block);
  expect(await probeBlockSize(BLOCK_SIZES.filter((size) => size !== block))).toBe(1);
});

describe('finite differences', () => {
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
    await expectSlopesOfLoss(trainer, network, batch);
    await trainer.dispose();
  });
});
