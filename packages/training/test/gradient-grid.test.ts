/**
 * Every fast path of onnx-cpu on a grid of odd sizes: finite differences in float64 = the reference = the fast path. That a path
 * is taken is seen from its operators, so that none of these tests can pass on the plain graph.
 */
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { detectBlockSize } from '../src/onnx-cpu/blocked/block-size.ts';
import { gradientGraph } from '../src/onnx-cpu/graphs.ts';
import { grouped } from '../src/onnx-cpu/weight-groups.ts';
import { OnnxTrainer } from '../src/onnx-cpu/trainer.ts';
import { ReferenceTrainer } from '../src/reference/trainer.ts';
import { sgd, type Batch, type TrainerOptions } from '../src/index.ts';
import { expectClose, expectSlopesOfFloat64Loss } from './support/comparisons.ts';
import { networkOf, randomBatch, randomWeights, sequential, TOLERANCE } from './networks.ts';

interface Size {
  readonly channels: number;
  readonly kernel: number;
  readonly padding: 'same' | 'valid';
  readonly batch: number;
}

const block = await detectBlockSize();
const withoutBlocks = block === 1 ? ' (skipped: this processor has no blocked layout)' : '';
/** Whole blocks on every processor, so that every machine computes the same numbers. */
const filters = 16;

/** Only a batch in whole blocks takes the blocked kernel gradient. */
const batches = [
  ...([1, 7, 33, filters] as const).map((batch) => ({ batch, padding: 'same' as const })),
  ...([7, filters] as const).map((batch) => ({ batch, padding: 'valid' as const })),
];
const grid: readonly Size[] = [1, 3].flatMap((channels) =>
  [1, 2, 3, 4, 5].flatMap((kernel) => batches.map((one) => ({ channels, kernel, ...one }))),
);

const { conv2d, maxPooling2d, dropout, flatten, dense } = tf.layers;

/** Images with 4 x 4 pixels behind a convolution of this size. */
function imageShape({ channels, kernel, padding }: Size): [number, number, number] {
  const border = padding === 'valid' ? kernel - 1 : 0;
  return [4 + border, 4 + border, channels];
}

/** A first convolution with its pooling, and ReLU with the dropout behind it. */
function firstLayer(size: Size): tf.Sequential {
  const { kernel, padding } = size;
  return sequential([
    conv2d({
      inputShape: imageShape(size),
      ...{ filters, kernelSize: kernel, padding, activation: 'relu' },
    }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.3 }),
    flatten(),
    dense({ units: 3, activation: 'softmax' }),
  ]);
}

/** A convolution that has another before it, with pooling and dropout, all in whole blocks. */
function laterLayer(size: Size): tf.Sequential {
  const { kernel, padding } = size;
  return sequential([
    conv2d({
      inputShape: imageShape(size),
      ...{ filters, kernelSize: 2, padding: 'same', activation: 'tanh' },
    }),
    dropout({ rate: 0.2 }),
    conv2d({ filters, kernelSize: kernel, padding, activation: 'relu' }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.3 }),
    flatten(),
    dense({ units: 3, activation: 'softmax' }),
  ]);
}

function optionsFor(model: tf.Sequential, batchSize: number): TrainerOptions {
  const network = networkOf(model);
  model.dispose();
  return {
    ...{ network, weights: randomWeights(network), optimizer: sgd({ learningRate: 0.1 }) },
    ...{ batchSize, seed: 5, images: 'uint8', threads: 1 },
  };
}

/** How many nodes of some operators the gradient graph has. */
function counts(
  { network, batchSize }: TrainerOptions,
  channelBlock: number,
  operators: readonly string[],
): number[] {
  const images = { dtype: 'uint8', scale: 1 / 255 } as const;
  const { model } = gradientGraph(grouped(network), {
    batch: batchSize,
    block: channelBlock,
    images,
  });
  return operators.map((operator) => model.operatorCounts[operator] ?? 0);
}

async function expectGradients(
  options: TrainerOptions,
  blocks: readonly number[],
  batch: Batch,
): Promise<void> {
  const expected = await (await ReferenceTrainer.create(options)).gradients(batch);
  expectSlopesOfFloat64Loss(options, batch, expected);
  for (const size of new Set(blocks)) {
    const trainer = await OnnxTrainer.create({ ...options, block: size });
    const actual = await trainer.gradients(batch);
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.correct).toBe(expected.correct);
    expectClose(options.network, actual.gradients, expected.gradients);
    await trainer.dispose();
  }
}

/** Steps in one run of a batch of 33. */
const STEPS = 8;

const title = 'batch $batch, $channels channel(s), kernel $kernel, $padding';

test.each(grid)(
  `first convolution with its pooling, by products and by blocks: ${title}`,
  async (size) => {
    const options = optionsFor(firstLayer(size), size.batch);
    // One convolution cuts the patches out; each position of the window is a product, or one more convolution.
    expect(counts(options, 1, ['Conv', 'FusedMatMul', 'MaxPool'])).toEqual([1, 4, 0]);
    if (block > 1) {
      // A position and its kernel gradient are a convolution each.
      expect(counts(options, block, ['Conv', 'MatMul', 'MaxPool'])).toEqual([8, 0, 0]);
    }
    await expectGradients(options, [1, block], randomBatch(options.network, size.batch));
  },
);

test.skipIf(block === 1).each(grid)(
  `blocked convolution, pooling and masks${withoutBlocks}: ${title}`,
  async (size) => {
    const options = optionsFor(laterLayer(size), size.batch);
    // The first layer; forward, by the input, and by the kernel where images fill whole blocks too; columns are padded by another.
    const paddings = size.kernel === 1 ? 0 : size.padding === 'same' ? 2 : 1;
    const convolutions = 3 + paddings + (size.batch % block === 0 ? 1 : 0);
    expect(counts(options, block, ['Conv', 'MaxPool', 'MaxUnpool'])).toEqual([convolutions, 0, 0]);
    await expectGradients(options, [block], randomBatch(options.network, size.batch));
  },
);

/** Of `laterLayer` the small kernels: its convolutions are those of above, and four steps of them take the reference seconds. */
const ofSteps = grid
  .filter(({ batch, padding }) => batch === 33 && padding === 'same')
  .flatMap((size) => [
    { ...size, layer: 'first', net: firstLayer },
    ...(size.kernel <= 2 ? [{ ...size, layer: 'later', net: laterLayer }] : []),
  ]);

test.each(ofSteps)(
  `several steps in one graph, $layer layer: ${title}`,
  async ({ net, ...size }) => {
    const options = optionsFor(net(size), size.batch);
    const { network, weights } = options;
    const steps = Array.from({ length: STEPS }, (_, i) => i + 1).map((seed) =>
      randomBatch(network, size.batch, seed),
    );
    const reference = await ReferenceTrainer.create(options);
    const trainer = await OnnxTrainer.create(options);
    expect(trainer.stepsPerRun).toBe(steps.length);
    const [actual, expected] = [await trainer.steps(steps), await reference.steps(steps)];
    for (const [i, { loss, correct }] of expected.entries()) {
      expect(actual[i]?.loss).toBeCloseTo(loss, 5);
      expect(actual[i]?.correct).toBe(correct);
    }
    // What SGD moved is the rate times the sum of the gradients, so it may be wrong by as much as all of them.
    const change = (after: Float32Array): Float32Array =>
      after.map((weight, i) => weight - weights[i]!);
    const [ours, theirs] = [await trainer.state(), await reference.state()];
    expectClose(network, change(ours.weights), change(theirs.weights), STEPS * TOLERANCE);
    await trainer.dispose();
  },
);
