/** The trainer on a device. Needs a GPU, or a software driver that VK_DRIVER_FILES points at: slow, but the same arithmetic. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DeviceSession, GraphBuilder } from '@fashion-bench/onnx';
import { describe, expect, test } from 'vitest';
import { adam, sgd, type TrainerOptions } from '../src/index.ts';
import { OnnxTrainer } from '../src/onnx-cpu/trainer.ts';
import { hashedMasks, MaskGraph, stepKey } from '../src/onnx-webgpu/dropout-hash.ts';
import { WebgpuTrainer } from '../src/onnx-webgpu/trainer.ts';
import type { DropoutSpec } from '../src/network/network.ts';
import { whyNot } from './engines.ts';
import {
  cases,
  networkOf,
  randomBatch,
  randomWeights,
  relativeDifference,
  smallStudyNet,
  tinyNet,
} from './networks.ts';
import { expectClose } from './support/comparisons.ts';

const reason = whyNot('onnx-webgpu');

function optionsFor(network: TrainerOptions['network'], batchSize: number): TrainerOptions {
  return {
    ...{ network, weights: randomWeights(network), batchSize },
    ...{ optimizer: adam(), seed: 5, images: 'uint8', threads: 2 },
  };
}

const layers: readonly DropoutSpec[] = networkOf(smallStudyNet()).layers.filter(
  (layer) => layer.kind === 'dropout',
);

describe('hashed dropout masks', () => {
  const drops = (mask: Float32Array): number =>
    mask.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);

  test.each([0, 1, 2 ** 32 - 1])('with key %i each layer drops its share', (key) => {
    hashedMasks(layers, 64, key).forEach((mask, i) => {
      const rate = layers[i]?.rate ?? NaN;
      // Five standard deviations of a binomial count.
      const allowed = 5 * Math.sqrt(mask.length * rate * (1 - rate));
      expect(Math.abs(drops(mask) - rate * mask.length)).toBeLessThan(allowed);
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    });
  });

  test('neighbours, images and steps are not tied to each other', () => {
    const dropout = layers[0];
    if (!dropout) throw new Error('no dropout layer');
    const { rate, input } = dropout;
    const size = input.rows * input.columns * input.channels;
    const standardised = (step: number): Float32Array => {
      const [mask = new Float32Array(0)] = hashedMasks(layers, 512, stepKey(1, step));
      return mask.map((value) => ((value === 0 ? 1 : 0) - rate) / Math.sqrt(rate * (1 - rate)));
    };
    const [mask, next] = [standardised(0), standardised(1)];
    const lags = [1, 2, 3, 4, 8, 16, 32, 96, size];
    const pairs = [
      ...lags.map((lag) => [mask, lag] as const),
      [next, 0] as const,
      [next, 1] as const,
    ];
    for (const [other, lag] of pairs) {
      const n = mask.length - lag;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += mask[i]! * other[i + lag]!;
      // A sum of n products of independent variables with mean 0 and variance 1.
      expect(Math.abs(sum) / Math.sqrt(n), `lag ${lag}`).toBeLessThan(4);
    }
  });
});

describe.skipIf(reason !== null)(`onnx-webgpu${reason ?? ''}`, () => {
  test('the graph makes the same masks, to the bit', async () => {
    const g = new GraphBuilder('masks');
    const key = g.input('key', 'uint32', [1]);
    [...new MaskGraph(g, layers, 3).masks(key).values()].forEach((mask, i) => {
      g.output(`mask${i}`, mask);
    });
    const names = layers.map((_, i) => `mask${i}`);
    const session = await DeviceSession.create(g.build(), { host: names });
    for (const bits of [stepKey(7, 3), 0, 2 ** 32 - 1]) {
      const data = Uint32Array.of(bits);
      const { host } = await session.run({ key: { dtype: 'uint32', shape: [1], data } });
      expect(names.map((name) => host[name]?.data)).toEqual(hashedMasks(layers, 3, bits));
    }
    await session.dispose();
  });

  test.each(
    cases.filter(({ name }) =>
      /batch 7|leaves a rest|pooling first|dense layers|no pooling/.test(name),
    ),
  )('gradients and losses as on the processor: $name', async ({ model, batch: size }) => {
    const network = networkOf(model());
    const options = optionsFor(network, size);
    const batch = randomBatch(network, size);
    const processor = await OnnxTrainer.create(options);
    const device = await WebgpuTrainer.create({ ...options, dropout: 'fed' });
    const expected = await processor.gradients(batch);
    const actual = await device.gradients(batch);
    expectClose(network, actual.gradients, expected.gradients);
    for (let i = 0; i < 4; i++) {
      const [a, b] = [await device.step(batch), await processor.step(batch)];
      expect(a.loss).toBeCloseTo(b.loss, 4);
      expect(a.correct).toBe(b.correct);
    }
    await Promise.all([processor.dispose(), device.dispose()]);
  });

  test('several steps in one run from a set on the device are those steps one after the other', async () => {
    const network = networkOf(tinyNet());
    const [size, pixels] = [8, 144];
    const set = randomBatch(network, 20);
    const options = {
      ...optionsFor(network, size),
      ...{ optimizer: sgd({ learningRate: 0.1 }), stepsPerRun: 3 },
    };
    const together = await WebgpuTrainer.create(options);
    const single = await WebgpuTrainer.create(options);
    const fed = await WebgpuTrainer.create(options);
    const batches = [0, 1, 2].map((k) =>
      Uint32Array.from({ length: size }, (_, i) => (i * 7 + k * 3) % 20),
    );
    for (const trainer of [together, single]) await trainer.load(set.images, set.labels);
    const results = await together.stepsByIndex(batches);
    expect(results).toHaveLength(3);
    for (const [i, indices] of batches.entries()) {
      const [one] = await single.stepsByIndex([indices]);
      const images = Uint8Array.from({ length: size * pixels }, (_, at) => {
        const image = indices[Math.floor(at / pixels)]!;
        return set.images[image * pixels + (at % pixels)]!;
      });
      const labels = Uint8Array.from(indices, (index) => set.labels[index]!);
      const given = await fed.step({ images, labels, size });
      for (const other of [one, given]) {
        expect(other?.loss).toBeCloseTo(results[i]?.loss ?? NaN, 5);
        expect(other?.correct).toBe(results[i]?.correct);
      }
    }
    const [a, b, c] = [await together.state(), await single.state(), await fed.state()];
    expect(a.step).toBe(3);
    for (const other of [b, c]) {
      expect(relativeDifference(other.weights, a.weights)).toBeLessThan(1e-6);
    }
    for (const trainer of [together, single, fed]) await trainer.dispose();
  });

  test("no node of the study's network or of the published one runs on the processor", async () => {
    const program = fileURLToPath(new URL('./placements.ts', import.meta.url));
    const args = ['--conditions=@fashion-bench/source', '--import', 'tsx', program];
    const { stderr } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 });
    // (Lines "kernel not found" for Transpose come before the layout is settled: the placements are what counts.)
    const placements = Array.from(
      stderr.matchAll(/placed on \[(\w+)\]/g),
      ([, provider]) => provider,
    );
    expect(placements).toEqual(Array.from({ length: 6 }, () => 'WebGpuExecutionProvider'));
  });
});
