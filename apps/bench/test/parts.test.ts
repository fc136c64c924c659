import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { syntheticFashion } from '@fashion-bench/dataset';
import { parseRecord, type RunRecord } from '@fashion-bench/report';
import { describe, expect, it } from 'vitest';

import { confusionOf, correctOf } from '../src/confusion.ts';
import { eraserOf } from '../src/erasing.ts';
import { reachedMark } from '../src/parts/cnn.ts';
import { planFor } from '../src/parts/kernels.ts';
import { searchOptions } from '../src/parts/knn.ts';
import { realServices, type Services } from '../src/services.ts';
import { bench, temporaryFolder } from './fakes.ts';

/** The real parts on a set that is drawn in a moment. */
const services: Services = {
  ...realServices,
  loadImages: ({ seed }) => Promise.resolve(syntheticFashion({ seed, train: 60, test: 20 })),
};

async function recordOf(...argv: string[]): Promise<RunRecord> {
  const out = temporaryFolder();
  const outcome = await bench([...argv, '--synthetic', '--quick', '--out', out], services);
  expect(outcome.code, outcome.err).toBe(0);
  expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('SYNTHETIC');
  return parseRecord(readFileSync(join(out, 'record.json'), 'utf8'));
}

describe('knn, for real', { timeout: 30_000 }, () => {
  it('both rules, the same figures in every run and on every engine', async () => {
    const { knn } = await recordOf('knn', '--k', '3');
    expect(
      knn.map(({ k, weights, total, kernel, engine }) => [k, weights, total, kernel, engine]),
    ).toEqual([
      [3, 'uniform', 20, 'exact', 'onnx-cpu'],
      [3, 'distance', 20, 'exact', 'onnx-cpu'],
    ]);
    for (const { confusion, correct, repetitions, searchSeconds, queryBlock } of knn) {
      expect(correctOf(confusion ?? [])).toBe(correct);
      expect(repetitions).toHaveLength(3);
      expect([...repetitions].sort((a, b) => a - b)[1]).toBe(searchSeconds);
      expect(queryBlock).toBe(20);
    }
    const reference = await recordOf('knn', '--k', '3', '--engine', 'reference');
    expect(reference.knn.map(({ confusion }) => confusion)).toEqual(
      knn.map(({ confusion }) => confusion),
    );
    expect(reference.knn[0]).toMatchObject({ kernel: 'expanded', engine: 'reference', threads: 1 });
  });

  it('--weights leaves one', async () => {
    const { knn } = await recordOf('knn', '--weights', 'distance');
    expect(knn.map(({ weights }) => weights)).toEqual(['distance']);
  });

  it('an engine asked for by name does all of the arithmetic', () => {
    expect(searchOptions('auto', 'onnx-cpu')).toEqual({ algorithm: 'auto' });
    expect(searchOptions('onnx-cpu', 'onnx-cpu')).toEqual({ algorithm: 'brute', kernel: 'exact' });
    expect(searchOptions('auto', 'reference')).toEqual({ algorithm: 'brute', kernel: 'expanded' });
  });
});

describe('cnn, for real', { timeout: 30_000 }, () => {
  it('epochs, final figures and the erased images', async () => {
    const { cnn } = await recordOf('cnn');
    const [run] = cnn;
    expect(run).toMatchObject({
      ...{ engine: 'onnx-cpu', batchSize: 32, epochsRequested: 2, seed: 42, trainCount: 60 },
      ...{ status: 'completed', total: 20, network: { parameters: 438_122 } },
      optimizer: { name: 'adam', settings: { learningRate: 0.001, epsilon: 1e-7 } },
      augment: { mode: 'once', p: 0.15 },
      reached: [{ testAccuracy: 0.916 }, { testAccuracy: 0.92 }],
    });
    expect(run?.epochs).toHaveLength(2);
    expect(run?.epochs.at(-1)?.testAccuracy).toBe(run?.finalTestAccuracy);
    expect(correctOf(run?.confusion ?? [])).toBe(run?.correct);
  });

  it('marks are reached at the first epoch at or above them', () => {
    const epochs = [0.9, 0.92, 0.91, 0.93].map((testAccuracy, i) => ({
      ...{ epoch: i + 1, seconds: 10, loss: 1, accuracy: 0.5, testAccuracy, evaluationSeconds: 1 },
    }));
    expect(reachedMark(0.92, epochs)).toEqual({ testAccuracy: 0.92, epoch: 2, trainSeconds: 20 });
    expect(reachedMark(0.95, epochs)).toEqual({
      testAccuracy: 0.95,
      epoch: null,
      trainSeconds: null,
    });
  });
});

describe('kernels, for real', { timeout: 30_000 }, () => {
  it('three on every size, each sample kept, throughput from the median', async () => {
    const { kernels } = await recordOf('kernels');
    expect(kernels.map(({ kernel, queries, rows }) => [kernel, queries, rows])).toEqual([
      ['naive', 20, 60],
      ['expanded', 20, 60],
      ['exact', 20, 60],
    ]);
    for (const { n, sampleSeconds, gops, operations, medianSeconds, minSeconds } of kernels) {
      expect(sampleSeconds).toHaveLength(n);
      expect(operations).toBe(2 * 20 * 60 * 784);
      expect(gops).toBeCloseTo(operations / medianSeconds / 1e9, 9);
      expect(minSeconds).toBe(Math.min(...sampleSeconds));
    }
  });

  it('sizes that the set holds', () => {
    expect(planFor(true, 2000, 6000).rows).toEqual([250, 500, 1000]);
    expect(planFor(true, 10, 600)).toMatchObject({ queries: 10, rows: [250, 500] });
    expect(planFor(false, 10_000, 60).rows).toEqual([60]);
  });
});

describe('erasing', () => {
  const { images } = syntheticFashion({ seed: 1, train: 200, test: 1 }).train;

  it('once: other images, the given ones untouched, statistics of one pass', () => {
    const before = images.slice();
    const eraser = eraserOf('once', images, 42);
    expect(images).toEqual(before);
    expect(eraser.images).not.toEqual(images);
    expect(eraser.imagesOfEpoch).toBeUndefined();
    const { erased, fraction, areaPixels } = eraser.info();
    expect(fraction).toBe(erased / 200);
    expect(erased).toBeGreaterThan(10);
    expect(areaPixels?.min).toBeLessThanOrEqual(areaPixels?.median ?? 0);
  });

  it('every epoch: anew each time, statistics over all passes', () => {
    const eraser = eraserOf('epoch', images, 42);
    expect(eraser.images).toBe(images);
    expect(eraser.info()).toMatchObject({ erased: 0, fraction: 0, areaPixels: null });
    const [one, two] = [eraser.imagesOfEpoch?.(1), eraser.imagesOfEpoch?.(2)];
    expect(one).not.toEqual(two);
    expect(eraserOf('epoch', images, 42).imagesOfEpoch?.(2)).toEqual(two);
    const { erased, fraction } = eraser.info();
    expect(fraction).toBe(erased / 400);
  });

  it('none: the images themselves', () => {
    const eraser = eraserOf('none', images, 42);
    expect(eraser.images).toBe(images);
    expect(eraser.info()).toMatchObject({ mode: 'none', p: null, erased: 0 });
  });
});

it('confusion: rows are true, columns predicted', () => {
  const confusion = confusionOf([0, 0, 1, 2], [0, 1, 1, 0], 3);
  expect(confusion).toEqual([
    [1, 1, 0],
    [0, 1, 0],
    [1, 0, 0],
  ]);
  expect(correctOf(confusion)).toBe(2);
});
