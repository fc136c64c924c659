// Random small graphs of allowed layers: onnx-cpu, with all its rewrites, trains them as the reference does.
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTrainer, networkOf, sgd, type NetworkSpec } from '../src/index.ts';
import { elementwiseActivations } from '../src/network/activations.ts';
import { randomBatch, randomWeights, relativeDifference } from './networks.ts';

const BATCH = 5;
const STEPS = 3;

/**
 * Float32 in another order through up to eight layers and three steps; a misplaced or a missing term shows by far more. It is a share of the
 * largest number of the whole vector, because a bias before a normalization has a gradient of nothing but rounding.
 */
const SAME = 2e-4;

const size = fc.integer({ min: 1, max: 3 });
const pair = fc.tuple(size, size);
const padding = fc.constantFrom('same' as const, 'valid' as const);
const activation = fc.constantFrom(
  'linear' as const,
  ...elementwiseActivations.filter((name) => name !== 'leakyRelu' && name !== 'thresholdedRelu'),
);
const convolution = fc.record({
  ...{ kernelSize: pair, padding, useBias: fc.boolean() },
  strides: fc.integer({ min: 1, max: 2 }),
});

type Features = tf.SymbolicTensor;
/** What is behind some features; undefined where the layer does not fit them. */
type Grow = (x: Features) => Features | undefined;

const { layers } = tf;
const apply = (layer: tf.layers.Layer, x: Features | Features[]): Features =>
  layer.apply(x) as Features;
const sizeOf = (x: Features): readonly [number, number, number] => {
  const [, rows, columns, channels] = x.shape;
  return [rows ?? 0, columns ?? 0, channels ?? 0];
};
/** Whether a window lies inside the image. */
const fits = (x: Features, [rows, columns]: readonly [number, number]): boolean =>
  rows <= sizeOf(x)[0] && columns <= sizeOf(x)[1];

const leaf: fc.Arbitrary<readonly [label: string, grow: Grow]> = fc.oneof(
  fc.tuple(convolution, fc.constantFrom(1, 3, 8, 16), activation).map(([options, filters, act]) => {
    const grow: Grow = (x) =>
      fits(x, options.kernelSize)
        ? activated(apply(layers.conv2d({ ...options, filters }), x), act)
        : undefined;
    return [`conv2d ${JSON.stringify({ ...options, filters, act })}`, grow] as const;
  }),
  fc.tuple(convolution, fc.integer({ min: 1, max: 2 })).map(([options, depthMultiplier]) => {
    const grow: Grow = (x) =>
      fits(x, options.kernelSize)
        ? apply(layers.depthwiseConv2d({ ...options, depthMultiplier }), x)
        : undefined;
    return [`depthwise ${JSON.stringify({ ...options, depthMultiplier })}`, grow] as const;
  }),
  fc
    .record({ poolSize: pair, strides: pair, padding, max: fc.boolean() })
    .map(({ max, ...options }) => {
      const layer = max ? layers.maxPooling2d : layers.averagePooling2d;
      const grow: Grow = (x) => (fits(x, options.poolSize) ? apply(layer(options), x) : undefined);
      return [`${max ? 'max' : 'average'} ${JSON.stringify(options)}`, grow] as const;
    }),
  activation.map((act) => [act, (x: Features) => activated(x, act)] as const),
  fc.constantFrom(
    ...(
      [
        ['batchNormalization', () => layers.batchNormalization()],
        ['layerNormalization', () => layers.layerNormalization()],
        ['dropout', () => layers.dropout({ rate: 0.3 })],
        [
          'zeroPadding2d',
          () =>
            layers.zeroPadding2d({
              padding: [
                [1, 0],
                [0, 2],
              ],
            }),
        ],
        ['leakyReLU', () => layers.leakyReLU({ alpha: 0.2 })],
      ] as const
    ).map(([name, layer]) => [name, (x: Features) => apply(layer(), x)] as const),
  ),
);

function activated(x: Features, act: string): Features {
  return act === 'linear' ? x : apply(layers.activation({ activation: act as 'relu' }), x);
}

/** A layer, or two branches from the same features that are merged again. */
const part: fc.Arbitrary<readonly [label: string, grow: Grow]> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  {
    weight: 1,
    arbitrary: fc
      .tuple(leaf, fc.constantFrom('add' as const, 'multiply' as const, 'average' as const))
      .map(([[label, grow], merge]) => {
        const residual: Grow = (x) => {
          const y = grow(x);
          if (!y || y === x || sizeOf(x).join() !== sizeOf(y).join()) return undefined;
          return apply(layers[merge](), [x, y]);
        };
        return [`${merge}(x, ${label})`, residual] as const;
      }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(leaf, leaf).map(([[left, growLeft], [right, growRight]]) => {
      const dense: Grow = (x) => {
        const [a, b] = [growLeft(x), growRight(x)];
        if (!a || !b || a === b) return undefined;
        const same = sizeOf(a).slice(0, 2).join() === sizeOf(b).slice(0, 2).join();
        return same ? apply(layers.concatenate(), [a, b]) : undefined;
      };
      return [`concatenate(${left}, ${right})`, dense] as const;
    }),
  },
);

const networks = fc
  .record({
    parts: fc.array(part, { minLength: 1, maxLength: 6 }),
    channels: fc.integer({ min: 1, max: 3 }),
    end: fc.constantFrom('flatten' as const, 'globalAveragePooling2d' as const),
  })
  .map(({ parts, channels, end }) => {
    const input = tf.input({ shape: [7, 6, channels] });
    let x = input;
    const used: string[] = [];
    for (const [label, grow] of parts) {
      const next = grow(x);
      if (!next) continue;
      x = next;
      used.push(label);
    }
    const tail = end === 'flatten' ? layers.flatten() : layers.globalAveragePooling2d({});
    const logits = layers.dense({ units: 4, activation: 'softmax' });
    const model = tf.model({ inputs: input, outputs: apply(logits, apply(tail, x)) });
    const network = networkOf(model);
    model.dispose();
    return { network, text: [`[7, 6, ${channels}]`, ...used, end].join(' -> ') };
  });

/** Gradients of the first step, and weights after a few. */
async function trained(engine: 'onnx-cpu' | 'reference', network: NetworkSpec) {
  const weights = randomWeights(network);
  // Variances are never below 0.
  for (const { offset, size: count, trainable } of network.weights) {
    if (trainable !== false) continue;
    for (let i = offset; i < offset + count; i++) weights[i] = Math.abs(weights[i]!) + 0.5;
  }
  const trainer = await createTrainer(engine, {
    ...{ network, weights, batchSize: BATCH, seed: 1, images: 'uint8', threads: 1 },
    optimizer: sgd({ learningRate: 0.05 }),
  });
  const batches = Array.from({ length: STEPS }, (_, i) => randomBatch(network, BATCH, i));
  const [first = randomBatch(network, BATCH)] = batches;
  const { gradients } = await trainer.gradients(first);
  await trainer.steps(batches);
  const after = (await trainer.state()).weights;
  await trainer.dispose();
  return { gradients, after };
}

test('40 random networks', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(networks, async ({ network, text }) => {
      const [fast, slow] = [
        await trained('onnx-cpu', network),
        await trained('reference', network),
      ];
      expect(relativeDifference(fast.gradients, slow.gradients), text).toBeLessThan(SAME);
      expect(relativeDifference(fast.after, slow.after), text).toBeLessThan(SAME);
    }),
    { numRuns: 40, seed: 20261201 },
  );
});
