// Optimizers, schedules and limits of gradients: the weights of a small network after 25 steps are Keras' (fixtures/make-optimizers.py).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  adam,
  adamax,
  adamW,
  cosineDecay,
  createTrainer,
  exponentialDecay,
  fit,
  lion,
  meanCrossEntropy,
  modelCheckpoint,
  networkOf,
  oneCycle,
  type OptimizerConfig,
  piecewiseConstantDecay,
  polynomialDecay,
  rmsprop,
  sgd,
  stepRate,
  TrainingError,
} from '../src/index.ts';
import { resultOf } from '../src/trainer/state.ts';
import { absentEngines, presentEngines } from './engines.ts';
import { collect, squares, tinyTraining } from './runs.ts';

const optimizers = { adam, adamax, adamW, lion, rmsprop, sgd };
const schedules = {
  ...{ cosineDecay, exponentialDecay, oneCycle, piecewiseConstantDecay, polynomialDecay },
};
const numbers = z.array(z.number());
const options = z.record(z.string(), z.unknown());
const { steps, batch, initial, cases } = z
  .object({
    ...{ steps: z.number(), batch: z.number(), initial: numbers },
    cases: z.array(
      z.object({
        name: z.enum(['adam', 'adamax', 'adamW', 'lion', 'rmsprop', 'sgd']),
        options: options.and(
          z.object({
            schedule: z
              .tuple([
                z.enum([
                  ...(['cosineDecay', 'exponentialDecay', 'piecewiseConstantDecay'] as const),
                  'polynomialDecay',
                ]),
                options,
              ])
              .optional(),
          }),
        ),
        weights: numbers,
      }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(fileURLToPath(new URL('fixtures/optimizers.json', import.meta.url)), 'utf8'),
    ),
  );
type Case = (typeof cases)[number];

/** The options are those of the script, which knows this package's; what they are the function itself checks. */
function optimizerOf({ name, options: { schedule, ...own } }: Case): OptimizerConfig {
  const make: (options: never) => OptimizerConfig = optimizers[name];
  if (!schedule) return make(own as never);
  const [kind, settings] = schedule;
  const scheduleOf: (options: never) => unknown = schedules[kind];
  return make({ ...own, schedule: scheduleOf(settings as never) } as never);
}

function networkOfFixture() {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 5, activation: 'tanh', inputShape: [6] }),
      tf.layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  const network = networkOf(model);
  model.dispose();
  return network;
}

const network = networkOfFixture();
const inputs = Float32Array.from({ length: 3 * batch * 6 }, (_, i) => ((i * 7919) % 256) / 255);
const labels = Uint8Array.from({ length: 3 * batch }, (_, i) => (i * 5) % 4);

/** Float32 in another order, carried on through 25 steps, each of which moves a weight by 1e-2 or so. */
const TOLERANCE = 5e-6;

test.skip.each(absentEngines)('%s%s', () => undefined);

describe.each(presentEngines.filter((engine) => !engine.startsWith('tensorflow')))(
  '%s takes 25 steps as Keras does',
  (engine) => {
    const title = ({ name, options: own }: Case): string => `${name} ${JSON.stringify(own)}`;
    test.each(cases.map((given) => ({ given, title: title(given) })))('$title', async (row) => {
      const optimizer = optimizerOf(row.given);
      const trainer = await createTrainer(engine, {
        ...{ network, batchSize: batch, seed: 1, images: 'float32' },
        weights: Float32Array.from(initial),
        optimizer,
      });
      const batches = Array.from({ length: steps }, (_, step) => {
        const start = (step % 3) * batch;
        return {
          images: inputs.subarray(start * 6, (start + batch) * 6),
          labels: labels.subarray(start, start + batch),
          size: batch,
        };
      });
      await trainer.steps(batches);
      const weights = resultOf(await trainer.state(), network, optimizer);
      await trainer.dispose();
      const differences = row.given.weights.map((expected, i) => Math.abs(weights[i]! - expected));
      expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
    });
  },
);

test('slots, schedule, decay and limit survive a stop to the bit', async () => {
  const optimizer = rmsprop({
    ...{ learningRate: 0.01, momentum: 0.5, centered: true, globalClipnorm: 0.5 },
    ...{ weightDecay: 0.01, excludeFromWeightDecay: ['bias'] },
    schedule: oneCycle({ totalSteps: 14 }),
  });
  const training = {
    ...{ ...tinyTraining, optimizer, epochs: 2 },
    imagesOfEpoch: (epoch: number) => squares(103, epoch).images,
  };
  const whole = await collect(fit({ ...training, checkpoint: { everySteps: 1 } }));
  for (const at of [2, 6, 10]) {
    const resume = whole.snapshots[at];
    if (!resume) throw new Error('no such snapshot');
    expect(resume.state.slots).toHaveLength(3);
    expect((await collect(fit({ ...training, resume }))).end).toEqual(whole.end);
  }
});

test('averages of the weights are evaluated, handed out and ended with, and survive a stop to the bit', async () => {
  const optimizer = adamW({ learningRate: 0.01, useEma: true, emaMomentum: 0.8 });
  const training = { ...tinyTraining, optimizer, epochs: 2, callbacks: [modelCheckpoint()] };
  const models: Float32Array[] = [];
  async function* noting() {
    for await (const event of fit({ ...training, checkpoint: { everySteps: 1 } })) {
      if (event.type === 'model') models.push(event.weights);
      yield event;
    }
  }
  const whole = await collect(noting());
  const last = whole.snapshots.at(-1);
  const averages = last?.state.slots[2];
  expect(whole.end.state.weights).toEqual(averages);
  expect(models.at(-1)).toEqual(averages);
  expect(last?.state.weights).not.toEqual(averages);
  // As a plain trainer with the averages for weights predicts.
  const { network: tiny, test: judged } = tinyTraining;
  if (!averages || !judged) throw new Error('nothing to judge');
  const options = { ...tinyTraining, weights: averages, images: 'uint8' as const };
  const { batchSize, seed, images } = options;
  const trainer = await createTrainer('onnx-cpu', {
    ...{ network: tiny, weights: averages, optimizer, batchSize, seed, images },
  });
  const probabilities = await trainer.predict(judged.images, judged.labels.length);
  await trainer.dispose();
  const loss = meanCrossEntropy(probabilities, Uint8Array.from(judged.labels), tiny.classes);
  expect(whole.epochs.at(-1)?.testLoss).toBeCloseTo(loss, 6);
  for (const at of [3, 6, 9]) {
    const resume = whole.snapshots[at];
    if (!resume) throw new Error('no such snapshot');
    expect((await collect(fit({ ...training, resume }))).end).toEqual(whole.end);
  }
});

describe('schedules', () => {
  const rates = (schedule: ReturnType<typeof oneCycle>, ...at: number[]): number[] =>
    at.map((t) => stepRate(sgd({ learningRate: 1, schedule }), t));

  test('one cycle rises, and falls far below its beginning', () => {
    // torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1, total_steps=10), steps 1, 3, 10 and one too many
    const [first, top, last, beyond] = rates(oneCycle({ totalSteps: 10 }), 1, 3, 10, 11);
    expect(first).toBeCloseTo(1 / 25, 12);
    expect(top).toBe(1);
    expect(last).toBeCloseTo(1 / 25 / 1e4, 12);
    expect(beyond).toBe(last);
  });

  test('what cannot be is refused', () => {
    expect(() => cosineDecay({ decaySteps: 0 })).toThrow(TrainingError);
    expect(() => piecewiseConstantDecay({ boundaries: [3], values: [1] })).toThrow(
      'The option values is [ 1 ], but must be one value more than there are boundaries.',
    );
    expect(() => oneCycle({ totalSteps: 2 })).toThrow(TrainingError);
    expect(() => sgd({ clipnorm: 1, clipvalue: 1 })).toThrow(
      'The option clipnorm is 1, but must be the only one of clipnorm, globalClipnorm and clipvalue.',
    );
  });
});
