// Callbacks decide as Keras' do (fixtures/make-callbacks.py), act on the training, and survive a stop to the bit.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from '../src/checkpoint/format.ts';
import { monitors, Watch } from '../src/loop/callbacks.ts';
import {
  type CallbackConfig,
  configurationOf,
  createTrainer,
  earlyStopping,
  fit,
  fitInWorker,
  type FitOptions,
  modelCheckpoint,
  oneCycle,
  reduceLROnPlateau,
  sgd,
  type TrainingEvent,
} from '../src/index.ts';
import { absentEngines, presentEngines } from './engines.ts';
import { networkOf, randomBatch, randomWeights, tinyNet } from './networks.ts';
import { collect, figuresOf, squares, tinyTraining } from './runs.ts';
import { checkpointAt } from './support/checkpoints.ts';

const functions = { earlyStopping, modelCheckpoint, reduceLROnPlateau };
const numbers = z.array(z.number());
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        name: z.enum(['earlyStopping', 'modelCheckpoint', 'reduceLROnPlateau']),
        options: z.looseObject({ monitor: z.enum(monitors) }),
        figures: z.record(z.string(), numbers),
        ...{ stoppedAfter: z.number(), rates: numbers, saved: numbers, endsWith: z.number() },
      }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(fileURLToPath(new URL('fixtures/callbacks.json', import.meta.url)), 'utf8'),
    ),
  );

describe("each decides as Keras' does", () => {
  const title = ({ name, options }: (typeof cases)[number]): string =>
    `${name} ${JSON.stringify(options)}`;
  test.each(cases.map((row) => ({ ...row, title: title(row) })))('$title', (row) => {
    // The options are those of the script, which knows this package's; what they are the function itself checks.
    const make: (options: never) => CallbackConfig = functions[row.name];
    const config = make(row.options as never);
    const { monitor } = row.options;
    const watch = new Watch([config], 1);
    const [rates, saved]: [number[], number[]] = [[], []];
    let best: number | undefined;
    const values = row.figures[monitor] ?? [];
    for (const [epoch, value] of values.entries()) {
      const wishes = watch.after({ [monitor]: value });
      rates.push(watch.learningRate);
      if (wishes.best === true) best = epoch;
      if (wishes.save === true) saved.push(epoch);
      if (watch.stopped) break;
    }
    expect(rates).toEqual(row.rates);
    expect(saved).toEqual(row.saved);
    expect(watch.figures.length - 1).toBe(row.stoppedAfter);
    expect(best ?? row.stoppedAfter).toBe(row.endsWith);
    // Told the old figures again it is where it was.
    const again = new Watch([config], 1, watch.figures);
    expect([again.learningRate, again.stopped]).toEqual([watch.learningRate, watch.stopped]);
  });
});

test.skip.each(absentEngines)('%s%s', () => undefined);

test.each(presentEngines)('%s: a rate that was set is the rate', async (engine) => {
  const network = networkOf(tinyNet());
  const batch = randomBatch(network, 8);
  const weightsAfter = async (configured: number, set?: number): Promise<Float32Array> => {
    const trainer = await createTrainer(engine, {
      ...{ network, weights: randomWeights(network), batchSize: 8, seed: 1, images: 'uint8' },
      optimizer: sgd({ learningRate: configured }),
    });
    if (set !== undefined) trainer.setLearningRate(set);
    await trainer.step(batch);
    const { weights } = await trainer.state();
    await trainer.dispose();
    return weights;
  };
  expect(await weightsAfter(0.5, 0.125)).toEqual(await weightsAfter(0.125));
});

/** The loss wanders in the first two epochs, and is hardly above 0 from the fifth on: the rest is not better by so much. */
const MIN_DELTA = 0.01;
const plateau = reduceLROnPlateau({ patience: 1, factor: 0.5, minDelta: MIN_DELTA });
/** Seven steps an epoch. */
const options: FitOptions = {
  ...{ ...tinyTraining, epochs: 12, optimizer: sgd({ learningRate: 0.6 }) },
  imagesOfEpoch: (epoch) => squares(103, epoch).images,
  callbacks: [
    plateau,
    earlyStopping({ patience: 3, minDelta: MIN_DELTA, restoreBestWeights: true }),
    modelCheckpoint({ monitor: 'testAccuracy', saveBestOnly: true }),
  ],
};

async function withModels(events: AsyncIterable<TrainingEvent>) {
  const models = new Map<number, Float32Array>();
  async function* noting() {
    for await (const event of events) {
      if (event.type === 'model') models.set(event.epoch, event.weights);
      yield event;
    }
  }
  return { ...(await collect(noting())), models };
}

test('stops early with the weights of the best epoch, which are handed out as well', async () => {
  const { epochs, end, models } = await withModels(fit(options));
  const losses = epochs.map(({ testLoss }) => testLoss ?? NaN);
  let best = 1;
  losses.forEach((loss, i) => {
    if (loss < (losses[best - 1] ?? NaN) - MIN_DELTA) best = i + 1;
  });
  expect(best).toBeGreaterThan(1);
  expect(epochs.length).toBe(best + 3);
  expect(epochs.length).toBeLessThan(options.epochs);
  expect(end.status).toBe('completed');
  const upToBest = await collect(fit({ ...options, epochs: best, callbacks: [plateau] }));
  expect(end.state.weights).toEqual(upToBest.end.state.weights);
  let most = -1;
  const improved = epochs.flatMap(({ epoch, testAccuracy = NaN }) => {
    if (!(testAccuracy > most)) return [];
    most = testAccuracy;
    return [epoch];
  });
  expect([...models.keys()]).toEqual(improved);
  const without = await collect(fit({ ...options, callbacks: [], epochs: epochs.length }));
  expect(without.end.state.weights).not.toEqual(end.state.weights);
});

test('from every third place, and from the last, it goes on to the same end to the bit', async () => {
  const whole = await withModels(fit({ ...options, checkpoint: { everySteps: 3 } }));
  const last = whole.snapshots.length - 1;
  for (const [i, snapshot] of whole.snapshots.entries()) {
    if (i % 3 !== 0 && i !== last) continue;
    // Through a file, as a killed training would.
    const file = encodeCheckpoint({ ...checkpointAt(1), snapshot, order: null });
    const { snapshot: resume } = decodeCheckpoint(file, 'FILE');
    expect(resume).toEqual(snapshot);
    const run = i === 3 ? fitInWorker : fit;
    const rest = await withModels(run({ ...options, resume }));
    expect(rest.end).toEqual(whole.end);
    const left = whole.epochs.filter(({ epoch }) => epoch >= resume.position.epoch);
    expect(figuresOf(rest.epochs)).toEqual(figuresOf(left));
    const models = [...whole.models].filter(([epoch]) => epoch >= resume.position.epoch);
    expect([...rest.models]).toEqual(models);
  }
  // The last is of a training that has stopped already.
  expect(whole.snapshots[last]?.position.epoch).toBeLessThan(options.epochs);
});

test('callbacks make another training', () => {
  const of = (callbacks: FitOptions['callbacks']): unknown =>
    configurationOf({ ...options, callbacks })['callbacks'];
  expect(of([earlyStopping({ patience: 1 })])).not.toEqual(of([earlyStopping({ patience: 2 })]));
  expect(of(undefined)).toBeUndefined();
});

describe('refused', () => {
  const withoutTest = { ...options, test: undefined };
  const scheduled = sgd({ learningRate: 0.1, schedule: oneCycle({ totalSteps: 84 }) });
  const restoring = earlyStopping({ restoreBestWeights: true });
  test.each([
    [withoutTest, 'The callback reduceLROnPlateau monitors testLoss, but there is no test set'],
    [{ ...options, optimizer: scheduled }, 'reduceLROnPlateau sets the learning rate, and so does'],
    [{ ...options, callbacks: [restoring, restoring] }, 'Only one callback can have restoreBest'],
    [{ ...options, callbacks: [{ name: 'lambda' }] }, 'must be what earlyStopping()'],
  ])('%#', async (wrong, message) => {
    await expect(collect(fit(wrong as FitOptions))).rejects.toThrow(message);
  });

  test('options that cannot be', () => {
    expect(() => reduceLROnPlateau({ factor: 1 })).toThrow('must be a number above 0 and below 1');
    expect(() => earlyStopping({ patience: -1 })).toThrow('must be a whole number of at least 0');
    const monitor = 'val_loss' as 'loss';
    expect(() => modelCheckpoint({ monitor })).toThrow(
      'must be one of loss, accuracy, testLoss, testAccuracy.',
    );
  });
});
