import { syntheticFashion } from '@fashion-bench/dataset';
import { sgd, weightsOf } from '@fashion-bench/training';
import { describe, expect, test } from 'vitest';
import {
  evaluate,
  trainCnn,
  type EndEvent,
  type EpochEvent,
  type TrainCnnOptions,
  type TrainingEvent,
} from '../src/index.ts';
import { sameBits, smallModel } from './support/models.ts';

const { train, test: testSet } = syntheticFashion({ seed: 3, train: 1000, test: 200 });
const small = {
  images: train.images.subarray(0, 784 * 100),
  labels: train.labels.subarray(0, 100),
};
const quick = { engine: 'onnx-cpu', train: small, epochs: 1, threads: 1 } as const;

async function all(events: AsyncIterable<TrainingEvent>): Promise<TrainingEvent[]> {
  const list: TrainingEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

function epochs(events: readonly TrainingEvent[]): EpochEvent[] {
  return events.filter((event) => event.type === 'epoch');
}

function end(events: readonly TrainingEvent[]): EndEvent {
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('The last event is not "end".');
  return last;
}

describe('trainCnn', () => {
  test('teaches the model itself, in a thread of its own', async () => {
    const model = smallModel();
    const engine = 'onnx-cpu';
    const before = await evaluate(model, testSet, { engine });
    expect(before.accuracy).toBeLessThan(0.35);
    const events: TrainingEvent[] = [];
    for await (const event of trainCnn(model, { engine, train, test: testSet, epochs: 2 })) {
      events.push(event);
      if (event.type === 'end') expect(sameBits(weightsOf(model), event.state.weights)).toBe(true);
    }
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(2 * 32);
    expect(end(events)).toMatchObject({ status: 'completed', state: { step: 64 } });
    const after = await evaluate(model, testSet, { engine });
    // Ten classes: chance is 0.1. The nearest class mean gets about 0.7.
    expect(after.accuracy).toBeGreaterThan(0.5);
    expect(after.loss).toBeLessThan(before.loss);
    // The trainer's own evaluation says the same.
    expect(epochs(events).at(-1)).toMatchObject({
      testCorrect: after.correct,
      testTotal: 200,
      testAccuracy: after.accuracy,
      testLoss: after.loss,
    });
  });

  test('gives the same weights in the thread and in the caller, others by another seed', async () => {
    const weightsBy = async (more: Partial<TrainCnnOptions>): Promise<Float32Array> => {
      const model = smallModel();
      await all(trainCnn(model, { ...quick, ...more }));
      return weightsOf(model);
    };
    const inThread = await weightsBy({});
    expect(await weightsBy({ inWorker: false })).toEqual(inThread);
    expect(await weightsBy({ inWorker: false, seed: 42, batchSize: 32 })).toEqual(inThread);
    expect(await weightsBy({ inWorker: false, seed: 43 })).not.toEqual(inThread);
    expect(await weightsBy({ inWorker: false, optimizer: sgd() })).not.toEqual(inThread);
  });

  test.each([true, false])('a signal keeps what was learnt (inWorker %s)', async (inWorker) => {
    const model = smallModel();
    const before = weightsOf(model);
    const stop = new AbortController();
    const events: TrainingEvent[] = [];
    const options = { ...quick, epochs: 1000, inWorker, signal: stop.signal };
    for await (const event of trainCnn(model, options)) {
      events.push(event);
      if (event.type === 'step') stop.abort();
    }
    const { status, state } = end(events);
    expect(status).toBe('interrupted');
    expect(state.step).toBe(events.filter(({ type }) => type === 'step').length);
    expect(state.step).toBeLessThan(4000);
    expect(sameBits(weightsOf(model), state.weights)).toBe(true);
    expect(weightsOf(model)).not.toEqual(before);
  });

  test('leaving the loop leaves the model as it was', async () => {
    const model = smallModel();
    const before = weightsOf(model);
    for await (const { type } of trainCnn(model, { ...quick, inWorker: false }))
      if (type === 'epoch') break;
    expect(sameBits(weightsOf(model), before)).toBe(true);
  });

  test('asks for the images of every epoch', async () => {
    const asked: number[] = [];
    const imagesOfEpoch = (epoch: number): Promise<Uint8Array> => {
      asked.push(epoch);
      return Promise.resolve(small.images.map((value) => value ^ epoch));
    };
    await all(trainCnn(smallModel(), { ...quick, epochs: 2, inWorker: false, imagesOfEpoch }));
    expect(asked).toEqual([1, 2]);
  });

  test.each([
    [{ epochs: 0 }, 'The option epochs is 0, but must be a whole number of at least 1.'],
    [
      { batchSize: 101 },
      'The batch size must be a whole number from 1 to the 100 training images, not 101.',
    ],
    [
      { train: { images: new Float32Array(784).fill(NaN), labels: new Uint8Array(1) } },
      'Value 0 of the training images is NaN; every one must be a finite number.',
    ],
    [
      { test: { images: new Float32Array(784).fill(Infinity), labels: new Uint8Array(1) } },
      'Value 0 of the test images is Infinity; every one must be a finite number.',
    ],
  ])('refuses bad options in one sentence (%#)', async (bad, message) => {
    const model = smallModel();
    const before = weightsOf(model);
    await expect(all(trainCnn(model, { ...quick, ...bad }))).rejects.toThrow(message);
    expect(sameBits(weightsOf(model), before)).toBe(true);
  });
});
