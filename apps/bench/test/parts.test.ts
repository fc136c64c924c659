import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { predict } from '@fashion-bench/cnn';
import { IMAGE_SIZE, syntheticFashion } from '@fashion-bench/dataset';
import { type EngineOptions, listEngines, resolveEngine } from '@fashion-bench/engine';
import { KNeighborsClassifier, matrix, StandardScaler } from '@fashion-bench/knn';
import { loadKerasH5 } from '@fashion-bench/model-files';
import {
  decodeClasses,
  decodePixels,
  decodeProbabilities,
  parsePredictions,
  quantile,
  type RunPredictions,
  type RunRecord,
} from '@fashion-bench/report';
import { describe, expect, it } from 'vitest';

import { confusionOf, correctOf } from '../src/data/confusion.ts';
import { eraserOf } from '../src/data/erasing.ts';
import { reachedMark } from '../src/parts/cnn/cnn.ts';
import { planFor } from '../src/parts/kernels/kernels.ts';
import { engineOfKernel, searchOptions } from '../src/parts/knn/search-options.ts';
import type { Services } from '../src/run/services.ts';
import { realServices } from '../src/services.ts';
import { bench, recordIn, temporaryFolder } from './fakes.ts';

const set = syntheticFashion({ seed: 42, train: 60, test: 20 });

/** As on a machine without TensorFlow, whatever this one has: the default engine is then the same everywhere. */
const probes: EngineOptions['probes'] = {
  tensorflow: () => Promise.resolve({ state: 'not-installed' }),
};

/** The real parts on a set that is drawn in a moment. */
const services: Services = {
  ...realServices,
  resolveEngine: (id, options) => resolveEngine(id, { ...options, probes }),
  listEngines: (options) => listEngines({ ...options, probes }),
  loadImages: () => Promise.resolve(set),
};

async function folderOf(...argv: string[]): Promise<string> {
  const out = temporaryFolder();
  const outcome = await bench([...argv, '--synthetic', '--quick', '--out', out], services);
  expect(outcome.code, outcome.err).toBe(0);
  expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('SYNTHETIC');
  return out;
}

async function recordOf(...argv: string[]): Promise<RunRecord> {
  return recordIn(await folderOf(...argv));
}

function predictionsIn(folder: string): RunPredictions {
  return parsePredictions(readFileSync(join(folder, 'predictions.json'), 'utf8'));
}

describe('knn, for real', () => {
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
      // Twenty at most, fewer only where the machine is too busy for ten seconds of them.
      expect(repetitions.length).toBeGreaterThanOrEqual(5);
      expect(quantile(repetitions, 0.5)).toBe(searchSeconds);
      expect(queryBlock).toBe(20);
    }
    const reference = await recordOf('knn', '--k', '3', '--engine', 'reference');
    expect(reference.knn.map(({ confusion }) => confusion)).toEqual(
      knn.map(({ confusion }) => confusion),
    );
    expect(reference.knn[0]).toMatchObject({ kernel: 'expanded', engine: 'reference', threads: 1 });
  });

  it('keeps predictions, the accuracy over k, and neighbours, all from the same votes', async () => {
    const folder = await folderOf('knn', '--k', '3');
    const [record, predictions] = [recordIn(folder), predictionsIn(folder)];
    const labels = decodeClasses(predictions.labels);
    expect(predictions.runId).toBe(record.run.id);
    expect(labels).toEqual(set.test.labels);
    for (const { weights, correct, confusion } of record.knn) {
      const predicted = predictions.knn.find((entry) => entry.weights === weights)?.predicted ?? '';
      expect(confusionOf(labels, decodeClasses(predicted), 10)).toEqual(confusion);
      // The search behind the curve is another one; exact searches agree.
      expect(predictions.kCurve.find((p) => p.k === 3 && p.weights === weights)?.correct).toBe(
        correct,
      );
    }
    expect(predictions.kCurve).toHaveLength(2 * 15);
    for (const { index, predicted, neighbors } of predictions.neighbors) {
      expect(predicted).toBe(decodeClasses(predictions.knn.at(-1)?.predicted ?? '')[index]);
      expect(neighbors).toHaveLength(3);
      const query = set.test.images.subarray(index * 784, (index + 1) * 784);
      for (const neighbor of neighbors) {
        const row = set.train.images.subarray(neighbor.index * 784, (neighbor.index + 1) * 784);
        expect(neighbor.distance).toBeCloseTo(
          Math.hypot(...Array.from(query, (v, i) => v - row[i]!)),
          9,
        );
        expect(neighbor.label).toBe(set.train.labels[neighbor.index]);
      }
    }
    for (const image of predictions.images) {
      const from = set[image.set].images.subarray(image.index * 784, (image.index + 1) * 784);
      expect(decodePixels(image.pixels)).toEqual(from);
      expect(set[image.set].labels[image.index]).toBe(image.label);
    }
  });

  it('--protocol published gives the whole grid on standardised pixels', async () => {
    const { knn } = await recordOf('knn', '--protocol', 'published');
    const rows = knn.map(({ metric, weights, k }) => [metric, weights, k]);
    expect(rows).toHaveLength(12);
    expect(rows.slice(0, 4)).toEqual([
      ['manhattan', 'uniform', 1],
      ['manhattan', 'uniform', 5],
      ['manhattan', 'uniform', 9],
      ['manhattan', 'distance', 1],
    ]);
    expect(new Set(rows.map(String)).size).toBe(12);
    // With one neighbour the rule of votes cannot matter.
    expect(knn[0]?.confusion).toEqual(knn[3]?.confusion);
    for (const { standardised, confusion, correct, repetitions, searchSeconds } of knn) {
      expect(standardised).toBe(true);
      expect(correctOf(confusion ?? [])).toBe(correct);
      expect(repetitions).toEqual([searchSeconds]);
    }
    // All rows of one distance: what a classifier of its own would predict.
    const { train, test } = syntheticFashion({ seed: 42, train: 60, test: 20 });
    const scaler = new StandardScaler();
    const X = scaler.fitTransform(matrix(train.images, 60, IMAGE_SIZE));
    const queries = scaler.transform(matrix(test.images, 20, IMAGE_SIZE));
    for (const { metric, weights, k, accuracy } of knn) {
      const p = metric === 'manhattan' ? 1 : 2;
      const classifier = new KNeighborsClassifier({
        nNeighbors: k,
        weights,
        p,
        algorithm: 'brute',
      });
      await classifier.fit(X, train.labels);
      expect(await classifier.score(queries, test.labels)).toBe(accuracy);
      await classifier.dispose();
    }
  });

  it('--weights leaves one', async () => {
    const { knn } = await recordOf('knn', '--weights', 'distance');
    expect(knn.map(({ weights }) => weights)).toEqual(['distance']);
  });

  it('an engine asked for by name does all of the arithmetic', () => {
    expect(searchOptions('auto', 'onnx-cpu')).toEqual({ algorithm: 'auto' });
    expect(searchOptions('onnx-cpu', 'onnx-cpu')).toEqual({ algorithm: 'brute', kernel: 'exact' });
    expect(searchOptions('auto', 'reference')).toEqual({ algorithm: 'brute', kernel: 'expanded' });
    expect(searchOptions('auto', 'tensorflow')).toEqual({ algorithm: 'auto' });
    expect(searchOptions('auto', 'onnx-webgpu')).toEqual({ algorithm: 'auto' });
    for (const id of ['tensorflow', 'tensorflow-gpu']) {
      expect(searchOptions(id, id)).toEqual({ algorithm: 'brute', kernel: id });
    }
    expect(searchOptions('onnx-webgpu', 'onnx-webgpu')).toEqual({
      algorithm: 'brute',
      kernel: 'webgpu',
    });
  });

  it("a search that auto left to onnxruntime is not recorded as TensorFlow's", () => {
    expect(engineOfKernel('exact', 'tensorflow')).toBe('onnx-cpu');
    expect(engineOfKernel('tensorflow', 'tensorflow')).toBe('tensorflow');
    expect(engineOfKernel('expanded', 'reference')).toBe('reference');
  });
});

describe('cnn, for real', () => {
  it('epochs, final figures and the erased images', async () => {
    const { cnn } = await recordOf('cnn');
    const [run] = cnn;
    expect(run).toMatchObject({
      ...{ engine: 'onnx-cpu', batchSize: 32, epochsRequested: 2, seed: 42, trainCount: 60 },
      ...{ status: 'completed', total: 20, network: { parameters: 438_122 } },
      // Fewer images than a whole run of steps has: see the first event of a training.
      warmup:
        '1 step of 32 and 1 step of 28 blank images, a prediction of 20 test images; the state before is put back',
      optimizer: { name: 'adam', settings: { learningRate: 0.001, epsilon: 1e-7 } },
      augment: { mode: 'once', p: 0.15 },
      reached: [{ testAccuracy: 0.916 }, { testAccuracy: 0.92 }],
    });
    expect(run?.epochs).toHaveLength(2);
    expect(run?.epochs.at(-1)?.testAccuracy).toBe(run?.finalTestAccuracy);
    expect(correctOf(run?.confusion ?? [])).toBe(run?.correct);
  });

  it('--network published: its network, optimizer and recipe, in the record and in the files', async () => {
    const folder = await folderOf('cnn', '--network', 'published', '--batch-size', '20');
    const [run] = recordIn(folder).cnn;
    expect(run).toMatchObject({
      ...{ batchSize: 20, status: 'completed', augment: { mode: 'none' } },
      network: { name: '2 Conv+pooling', parameters: 3_274_634 },
      optimizer: { name: 'sgd', settings: { learningRate: 0.001 } },
    });
    const { model, training } = await loadKerasH5(join(folder, 'model.h5'));
    expect(training?.optimizer).toEqual({ name: 'sgd', learningRate: 0.001 });
    const { labels } = await predict(model, set.test.images, { engine: 'onnx-cpu' });
    expect(labels).toEqual(decodeClasses(predictionsIn(folder).cnn[0]?.predicted ?? ''));
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('2 Conv+pooling, sgd 0.001');
  });

  it('--repeats: one training per seed, each with its probabilities; erased images as trained on', async () => {
    const folder = await folderOf(
      ...['cnn', '--epochs', '1', '--repeats', '2', '--repeat-batch-size', '20'],
    );
    const [record, predictions] = [recordIn(folder), predictionsIn(folder)];
    expect(record.cnn.map(({ seed, batchSize }) => [seed, batchSize])).toEqual([
      [42, 32],
      [43, 20],
    ]);
    const labels = decodeClasses(predictions.labels);
    for (const [i, run] of record.cnn.entries()) {
      const kept = predictions.cnn[i];
      expect(kept).toMatchObject({ seed: run.seed, batchSize: run.batchSize, engine: run.engine });
      const predicted = decodeClasses(kept?.predicted ?? '');
      expect(confusionOf(labels, predicted, 10)).toEqual(run.confusion);
      const probabilities = decodeProbabilities(kept?.probabilities ?? '');
      expect(probabilities).toHaveLength(20 * 10);
      const loss = labels.reduce((sum, c, n) => sum - Math.log(probabilities[n * 10 + c]!), 0);
      expect(loss / 20).toBeCloseTo(run.epochs.at(-1)?.testLoss ?? NaN, 3);
    }
    // The files beside the record hold the network that was measured.
    const { model } = await loadKerasH5(join(folder, 'model.h5'));
    const { labels: again } = await predict(model, set.test.images, { engine: 'onnx-cpu' });
    expect(again).toEqual(decodeClasses(predictions.cnn[0]?.predicted ?? ''));
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['model.onnx', 'model-seed43.h5', 'model-seed43.onnx']),
    );
    const { images } = eraserOf('once', set.train.images, 42);
    expect(predictions.erased.length).toBeGreaterThan(2);
    for (const { index, pixels } of predictions.erased) {
      expect(decodePixels(pixels)).toEqual(images.slice(index * 784, (index + 1) * 784));
      expect(predictions.images).toContainEqual(expect.objectContaining({ set: 'train', index }));
    }
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

describe('kernels, for real', () => {
  it('three on every size, each sample kept, throughput from the median', async () => {
    const { kernels } = await recordOf('kernels');
    expect(kernels.map(({ kernel, queries, rows }) => [kernel, queries, rows])).toEqual([
      ['naive', 20, 60],
      ['expanded', 20, 60],
      ['exact', 20, 60],
    ]);
    for (const { n, sampleSeconds, gops, peak, operations, medianSeconds, minSeconds } of kernels) {
      expect(sampleSeconds).toHaveLength(n);
      expect(operations).toBe(2 * 20 * 60 * 784);
      expect(gops).toBeCloseTo(operations / medianSeconds / 1e9, 9);
      expect(minSeconds).toBe(Math.min(...sampleSeconds));
      // The same peak for all of one run: a bare product of the largest block.
      expect(peak).toEqual(kernels[0]?.peak);
      expect(peak?.product).toContain('20 x 60 x 784');
      expect(peak?.gops).toBeGreaterThan(0);
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
