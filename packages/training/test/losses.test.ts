// Losses, targets and label smoothing: weights after 25 steps, loss and accuracy are Keras' (fixtures/make-losses.py).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTrainer, fit, type Labels, networkOf, sgd, TrainingError } from '../src/index.ts';
import { correctOf, meanLoss } from '../src/loop/mean-loss.ts';
import { collect } from './runs.ts';

const numbers = z.array(z.number());
const { steps, batch, initial, cases } = z
  .object({
    ...{ steps: z.number(), batch: z.number(), initial: numbers },
    cases: z.array(
      z.object({
        loss: z.enum([
          ...(['softmaxCrossEntropy', 'binaryCrossEntropy', 'meanSquaredError'] as const),
          ...(['meanAbsoluteError', 'huber'] as const),
        ]),
        options: z.object({
          labelSmoothing: z.exactOptional(z.number()),
          delta: z.exactOptional(z.number()),
        }),
        targets: z.enum(['classes', 'values', 'bits', 'shares']),
        activation: z.enum(['softmax', 'sigmoid', 'linear']),
        ...{ value: z.number(), accuracy: z.number(), weights: numbers },
      }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(fileURLToPath(new URL('fixtures/losses.json', import.meta.url)), 'utf8'),
    ),
  );
type Case = (typeof cases)[number];

const COUNT = 3 * batch;
const OUTPUTS = 4;
const images = Float32Array.from({ length: COUNT * 6 }, (_, i) => ((i * 7919) % 256) / 255);
const floats = (of: (i: number) => number): Float32Array =>
  Float32Array.from({ length: COUNT * OUTPUTS }, (_, i) => of(i));
const values = floats((i) => ((i * 37) % 11) / 10);
const LABELS: Readonly<Record<Case['targets'], Labels>> = {
  classes: Uint8Array.from({ length: COUNT }, (_, i) => (i * 5) % OUTPUTS),
  values,
  bits: floats((i) => ((i * 7) % 3 === 0 ? 1 : 0)),
  shares: floats((i) => {
    const row = values.subarray(i - (i % OUTPUTS), i - (i % OUTPUTS) + OUTPUTS);
    return values[i]! / row.reduce((sum, value) => sum + value, 0);
  }),
};

function networkFor({ activation, loss, options }: Pick<Case, 'activation' | 'loss' | 'options'>) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 5, activation: 'tanh', inputShape: [6] }),
      tf.layers.dense({ units: OUTPUTS, activation }),
    ],
  });
  try {
    return networkOf(model, { loss, ...options });
  } finally {
    model.dispose();
  }
}

/** There is none in a regression; and Keras takes no answer for right where the target lies between 0 and 1. */
function accuracyOf({ loss, targets, accuracy }: Case): number | undefined {
  if (loss === 'binaryCrossEntropy' && targets === 'values') return undefined;
  return loss.endsWith('CrossEntropy') ? accuracy : 0;
}

const width = (labels: Labels): number => labels.length / COUNT;
const named = cases.map((row) => {
  const { loss, options, targets, activation } = row;
  return { row, title: `${loss} ${JSON.stringify(options)}, ${targets}, ${activation}` };
});

describe.each(['onnx-cpu', 'reference'] as const)('%s takes 25 steps as Keras does', (engine) => {
  test.each(named)('$title', async ({ row }) => {
    const network = networkFor(row);
    const labels = LABELS[row.targets];
    const optimizer = sgd({ learningRate: 0.1 });
    const weights = Float32Array.from(initial);
    const trainer = await createTrainer(engine, {
      ...{ network, weights, optimizer, batchSize: batch, seed: 1, images: 'float32' },
    });
    const batches = Array.from({ length: steps }, (_, step) => {
      const start = (step % 3) * batch;
      const end = start + batch;
      return {
        images: images.subarray(start * 6, end * 6),
        labels: labels.subarray(start * width(labels), end * width(labels)),
        size: batch,
      };
    });
    await trainer.steps(batches);
    const { weights: trained } = await trainer.state();
    const differences = row.weights.map((expected, i) => Math.abs(trained[i]! - expected));
    expect(Math.max(...differences)).toBeLessThan(2e-6);
    // What is said of the images afterwards, and of a step on them, is the same as Keras' too.
    const given = await trainer.predict(images, COUNT);
    await trainer.dispose();
    expect(meanLoss(given, labels, network)).toBeCloseTo(row.value, 5);
    const right = accuracyOf(row);
    if (right === undefined) return;
    expect(correctOf(given, labels, network) / COUNT).toBeCloseTo(right, 6);
  });

  test('a step says the loss and the right answers of its batch', async () => {
    for (const { row } of named) {
      const network = networkFor(row);
      const labels = LABELS[row.targets];
      const weights = Float32Array.from(row.weights);
      const trainer = await createTrainer(engine, {
        ...{ network, weights, optimizer: sgd(), batchSize: COUNT, seed: 1, images: 'float32' },
      });
      const { loss, correct } = await trainer.step({ images, labels, size: COUNT });
      await trainer.dispose();
      expect(loss).toBeCloseTo(row.value, 5);
      const right = accuracyOf(row);
      if (right !== undefined) expect(correct / COUNT).toBeCloseTo(right, 6);
    }
  });
});

describe('fit', () => {
  const regression = networkFor({ loss: 'huber', options: { delta: 0.2 }, activation: 'linear' });
  const options = {
    ...{ engine: 'onnx-cpu' as const, network: regression, weights: Float32Array.from(initial) },
    ...{ optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }), epochs: 30, batchSize: 7, seed: 3 },
    train: { images, labels: values },
    test: { images, labels: values },
  };

  test('a regression gets better, and goes on to the bit where it stopped', async () => {
    const whole = await collect(fit({ ...options, checkpoint: { everyEpochs: 10 } }));
    const losses = whole.epochs.map(({ testLoss = NaN }) => testLoss);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) * 0.9);
    const resume = whole.snapshots[0];
    if (!resume) throw new Error('no snapshot');
    expect((await collect(fit({ ...options, resume }))).end).toEqual(whole.end);
  });

  test('what does not fit is refused', async () => {
    const start = (changed: object) => fit({ ...options, ...changed }).next();
    await expect(start({ train: { images, labels: LABELS.classes } })).rejects.toThrow(
      'The labels of the training set are a Uint8Array of classes; the loss huber takes a Float32Array of targets, 4 for each image.',
    );
    await expect(start({ train: { images, labels: values.subarray(1) } })).rejects.toThrow(
      'The training set has 95 targets and 144 pixel values; it needs 4 targets for each 6 values',
    );
    const nan = values.slice();
    nan[3] = NaN;
    await expect(start({ train: { images, labels: nan } })).rejects.toThrow(
      'Value 3 of the training targets is NaN',
    );
    const [linear, soft] = [
      { loss: 'binaryCrossEntropy', activation: 'linear', options: {} },
      { loss: 'huber', activation: 'softmax', options: {} },
    ] as const;
    expect(() => networkFor(linear)).toThrow('The model must end in a sigmoid activation.');
    expect(() => networkFor(soft)).toThrow('which goes with the loss softmaxCrossEntropy');
    expect(() => networkFor({ ...soft, options: { delta: 0 } })).toThrow(TrainingError);
  });
});
