import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import {
  countCorrect,
  fit,
  fitInWorker,
  meanCrossEntropy,
  TrainingError,
  type FitOptions,
} from '../src/index.ts';
import { OnnxTrainer } from '../src/onnx-cpu/trainer.ts';
import { absentEngines, presentEngines } from './engines.ts';
import { collect, figuresOf, squares, tinyTraining as options, type Collected } from './runs.ts';

/** Of weights and moments, so that a zero's sign counts too. */
function bytesOf({ end }: Collected): string[] {
  return [end.state.weights, ...end.state.slots].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  );
}

test.skip.each(absentEngines)('%s%s', () => undefined);

/** The whole training on an engine, once. */
const trained = new Map<string, Promise<Collected>>();
function wholeOn(engine: FitOptions['engine']): Promise<Collected> {
  const known = trained.get(engine) ?? collect(fit({ ...options, engine }));
  trained.set(engine, known);
  return known;
}

describe.each(presentEngines)('%s', (engine) => {
  test('learns: the loss falls and unseen images are told apart', async () => {
    const { epochs, steps, end } = await wholeOn(engine);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(steps).toBe(6 * 7);
    expect(end.state.step).toBe(6 * 7);
    expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss ?? 0) / 2);
    expect(epochs.at(-1)?.testAccuracy).toBeGreaterThan(0.8);
    for (const { seconds, testCorrect = NaN, testTotal = NaN, testAccuracy } of epochs) {
      expect(seconds).toBeGreaterThan(0);
      expect(testAccuracy).toBe(testCorrect / testTotal);
    }
  });

  test('repeats bit for bit: weights, moments and figures of an equal training; another seed, others', async () => {
    const short = { ...options, engine, epochs: 2, threads: 2 };
    const [a, b] = [await collect(fit(short)), await collect(fit(short))];
    expect(bytesOf(b)).toEqual(bytesOf(a));
    expect(figuresOf(b.epochs)).toEqual(figuresOf(a.epochs));
    const other = await collect(fit({ ...short, seed: short.seed + 1 }));
    expect(bytesOf(other)).not.toEqual(bytesOf(a));
  });
});

/** [the same numbers] in memory that threads share, and as an array of another realm, which is no `instanceof` ours. */
const elsewhere = {
  'shared memory': (array: Uint8Array): Uint8Array => {
    const shared = new Uint8Array(new SharedArrayBuffer(array.length));
    shared.set(array);
    return shared;
  },
  'another realm': (array: Uint8Array): Uint8Array => {
    const foreign = runInNewContext(`new Uint8Array(${array.length})`) as Uint8Array;
    foreign.set(array);
    return foreign;
  },
};

test.each(Object.entries(elsewhere))('arrays in %s train to the same bits', async (_, move) => {
  const short = { ...options, epochs: 1 };
  const { images, labels } = options.train;
  const train = { images: move(Uint8Array.from(images)), labels: move(Uint8Array.from(labels)) };
  const expected = bytesOf(await collect(fit(short)));
  expect(bytesOf(await collect(fit({ ...short, train })))).toEqual(expected);
  expect(bytesOf(await collect(fitInWorker({ ...short, train })))).toEqual(expected);
});

test('both engines converge alike', async () => {
  const [a, b] = [await wholeOn('onnx-cpu'), await wholeOn('reference')];
  a.epochs.forEach((epoch, i) => {
    expect(Math.abs(epoch.loss - (b.epochs[i]?.loss ?? NaN))).toBeLessThan(0.05);
  });
});

test('its first event says which steps and predictions ran before the first clock, and no others did', async () => {
  const calls: unknown[] = [];
  const steps = vi.spyOn(OnnxTrainer.prototype, 'steps').mockImplementation((batches) => {
    const blank = batches.every(({ images }) => images.every((pixel) => pixel === 0));
    calls.push({ sizes: batches.map(({ size }) => size), blank });
    return Promise.resolve(batches.map(() => ({ loss: 1, correct: 0 })));
  });
  const predict = vi.spyOn(OnnxTrainer.prototype, 'predict').mockImplementation((_, count) => {
    calls.push({ predicted: count });
    return Promise.resolve(new Float32Array(5 * count));
  });
  const step = vi.spyOn(OnnxTrainer.prototype, 'step');
  try {
    // 256 images are a run of 16 steps; an epoch of 257 has a run of them and a step of one.
    const train = squares(257, 1);
    const first = await fit({ ...options, train }).next();
    expect(first.value).toEqual({
      ...{ type: 'warm-up', images: 'blank', predicted: 50 },
      steps: [...Array<number>(17).fill(16), 1],
    });
    expect(calls).toEqual([
      { sizes: Array<number>(16).fill(16), blank: true },
      { sizes: [16], blank: true },
      { sizes: [1], blank: true },
      { predicted: 50 },
    ]);
    expect(step).not.toHaveBeenCalled();
  } finally {
    for (const spy of [steps, predict, step]) spy.mockRestore();
  }
});

describe('in a worker thread', () => {
  test('gives the same weights to the bit as in this thread, and leaves this thread alive', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const inWorker = await collect(fitInWorker({ ...options, epochs: 2, threads: 2 }));
    clearInterval(timer);
    const here = await collect(fit({ ...options, epochs: 2, threads: 2 }));
    expect(inWorker.end.state.weights).toEqual(here.end.state.weights);
    expect(ticks).toBeGreaterThan(2);
  });

  test('asks for the images of every epoch', async () => {
    const asked: number[] = [];
    const imagesOfEpoch = (epoch: number): Uint8Array => {
      asked.push(epoch);
      return squares(103, epoch).images as Uint8Array;
    };
    const there = await collect(fitInWorker({ ...options, epochs: 3, imagesOfEpoch }));
    expect(asked).toEqual([1, 2, 3]);
    const here = await collect(fit({ ...options, epochs: 3, imagesOfEpoch }));
    expect(there.end.state.weights).toEqual(here.end.state.weights);
  });

  test('stops at the next step when told to, and keeps what was learnt', async () => {
    const controller = new AbortController();
    const { end } = await collect(
      (async function* () {
        for await (const event of fitInWorker({
          ...options,
          epochs: 1000,
          signal: controller.signal,
        })) {
          if (event.type === 'epoch') controller.abort();
          yield event;
        }
      })(),
    );
    expect(end.status).toBe('interrupted');
    expect(end.state.step).toBeGreaterThanOrEqual(7);
    expect(end.state.step).toBeLessThan(7 * 1000);
  });

  test('hands errors of the thread to the caller', async () => {
    const imagesOfEpoch = (): Uint8Array => new Uint8Array(3);
    await expect(collect(fitInWorker({ ...options, imagesOfEpoch }))).rejects.toBeInstanceOf(
      TrainingError,
    );
    await expect(collect(fitInWorker({ ...options, imagesOfEpoch }))).rejects.toThrow(
      'The images of epoch 1 have 3 uint8 values',
    );
  });

  test('a caller that fails to make images gets its own error back', async () => {
    const imagesOfEpoch = (): Uint8Array => {
      throw new Error('no images today');
    };
    await expect(collect(fitInWorker({ ...options, imagesOfEpoch }))).rejects.toThrow(
      'no images today',
    );
  });

  test('stops on the slow engine too', async () => {
    const controller = new AbortController();
    const events = fitInWorker({
      ...options,
      engine: 'reference',
      epochs: 1000,
      signal: controller.signal,
    });
    let status: string | undefined;
    for await (const event of events) {
      if (event.type === 'step') controller.abort();
      if (event.type === 'end') status = event.status;
    }
    expect(status).toBe('interrupted');
  });

  test('takes a view of a larger buffer for what it shows', async () => {
    const { images, labels } = options.train;
    const larger = new Uint8Array(images.length + 500);
    larger.set(images, 300);
    const train = { images: larger.subarray(300, 300 + images.length), labels };
    const there = await collect(fitInWorker({ ...options, epochs: 1, train }));
    const here = await collect(fit({ ...options, epochs: 1 }));
    expect(there.end.state.weights).toEqual(here.end.state.weights);
  });

  test('can be left early', async () => {
    for await (const event of fitInWorker(options)) if (event.type === 'step') break;
  });
});

describe('options that do not fit', () => {
  test.each<[string, Partial<FitOptions>, string]>([
    ['epochs 0', { epochs: 0 }, 'The option epochs is'],
    ['half an epoch', { epochs: 1.5 }, 'The option epochs is'],
    ['batch size 0', { batchSize: 0 }, 'The option batchSize is'],
    [
      'a batch larger than the set',
      { batchSize: 104 },
      'from 1 to the 103 training images, not 104',
    ],
    [
      'a label out of range',
      { train: { ...options.train, labels: new Uint8Array(103).fill(5) } },
      'Label 0 of the training set is 5',
    ],
    [
      'missing pixels',
      { test: { images: new Uint8Array(10), labels: new Uint8Array(1) } },
      'The test set has 1 labels and 10 pixel values',
    ],
    [
      'no images',
      { train: { images: new Uint8Array(0), labels: new Uint8Array(0) } },
      'at least one',
    ],
  ])('%s', async (_, wrong, message) => {
    await expect(collect(fit({ ...options, ...wrong }))).rejects.toThrow(TrainingError);
    await expect(collect(fitInWorker({ ...options, ...wrong }))).rejects.toThrow(message);
  });

  test('a loss that is no number ends the training', async () => {
    const weights = options.weights.map(() => 3e38);
    await expect(collect(fit({ ...options, weights }))).rejects.toThrow(
      /^The loss became \S+ in epoch 1, step 1; try a lower learning rate/u,
    );
  });
});

test('meanCrossEntropy is the mean of -log p of the true class, clipped as in Keras', () => {
  const probabilities = Float32Array.of(0.5, 0.5, 0, 1, 1, 0);
  // ln 2; then 0 clipped to 1e-7; then 1 clipped to 1 - 1e-7
  const expected = (Math.log(2) - Math.log(1e-7) - Math.log(1 - 1e-7)) / 3;
  expect(meanCrossEntropy(probabilities, Uint8Array.of(1, 0, 0), 2)).toBeCloseTo(expected, 12);
});

test('countCorrect takes the first of equal probabilities', () => {
  expect(countCorrect(Float32Array.of(0.5, 0.5, 0.2, 0.8), Uint8Array.of(0, 1), 2)).toBe(2);
  expect(countCorrect(Float32Array.of(0.5, 0.5), Uint8Array.of(1), 2)).toBe(0);
});
