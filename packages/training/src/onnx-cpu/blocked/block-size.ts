/**
 * Finds the channel block of onnxruntime's blocked layout on this processor (MLAS: 16 with AVX-512, 8 with AVX, others
 * with NEON), by computing the gradients of a small network with each and comparing them with the plain graph's. The network has
 * every blocked path in it, so that a processor on which one of them is wrong does without.
 *
 * A wrong block gives wrong numbers but is harmless: all sizes here are multiples of every candidate.
 */
import { OnnxSession, SessionError } from '@fashion-bench/onnx';
import { randomStream } from '@fashion-bench/random';
import type {
  ActivationSpec,
  FeatureShape,
  NetworkSpec,
  WeightSpec,
} from '../../network/network.ts';
import { ofStep } from '../../graph/graph-options.ts';
import { gradientGraph } from '../graphs.ts';
import { StateBuffers } from '../state-buffers.ts';
import { grouped, type GroupedNetwork } from '../weight-groups.ts';

const CHANNELS = 16;
const BATCH = 16;
const SIZE = 8;
const CLASSES = 4;
/** Every block that MLAS has, on any processor. */
export const BLOCK_SIZES: readonly number[] = [16, 8, 4];

/** Relative to the largest element; float32 sums of a thousand products in another order differ by far less. */
const TOLERANCE = 1e-4;

let detected: Promise<number> | undefined;

/** The block, or 1 where the blocked operators are missing or disagree with the plain ones. Probed once a process. */
export function detectBlockSize(): Promise<number> {
  detected ??= probeBlockSize(BLOCK_SIZES);
  return detected;
}

/** The first of these that agrees with the plain graph, or 1. */
export async function probeBlockSize(candidates: readonly number[]): Promise<number> {
  const network = grouped(probedNetwork());
  const expected = await gradients(network, 1);
  if (!expected) return 1;
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const block of candidates) {
    const actual = await gradients(network, block);
    if (actual?.every((value, i) => Math.abs(value - expected[i]!) <= TOLERANCE * scale) === true)
      return block;
  }
  return 1;
}

/** By the plain graph (block 1) or with blocks; undefined where onnxruntime has no such operator. */
async function gradients(
  network: GroupedNetwork,
  block: number,
): Promise<Float32Array | undefined> {
  const { model } = gradientGraph(network, {
    ...{ batch: BATCH, block, rewrites: block > 1 },
    images: { dtype: 'float32', scale: 1 },
  });
  const buffers = new StateBuffers(network, 0);
  buffers.weights.set(uniform('weights', network.parameters));
  const feeds = {
    ...buffers.weightTensors(),
    [ofStep('images', 0)]: {
      dtype: 'float32' as const,
      shape: [BATCH, SIZE, SIZE, 1],
      data: uniform('images', BATCH * SIZE * SIZE),
    },
    [ofStep('labels', 0)]: {
      dtype: 'uint8' as const,
      shape: [BATCH],
      data: Uint8Array.from({ length: BATCH }, (_, i) => i % CLASSES),
    },
  };
  try {
    const session = await OnnxSession.create(model, { threads: 1 });
    const results = await session.run(feeds);
    await session.dispose();
    const { data } = results['gradients'] ?? {};
    return data instanceof Float32Array ? data : undefined;
  } catch (error) {
    if (error instanceof SessionError) return undefined;
    throw error;
  }
}

function uniform(name: string, size: number): Float32Array {
  const stream = randomStream(1, `block-size-${name}`);
  return Float32Array.from({ length: size }, () => stream.uniform(-0.5, 0.5));
}

/** Two convolutions of 4 x 3 with ReLU and pooling, and a dense layer. */
function probedNetwork(): NetworkSpec {
  const weights: WeightSpec[] = [];
  const weight = (...shape: readonly number[]): WeightSpec => {
    const last = weights.at(-1);
    const [name, offset] = [`probe ${weights.length}`, last ? last.offset + last.size : 0];
    const spec = { name, shape, offset, size: shape.reduce((a, b) => a * b) };
    weights.push(spec);
    return spec;
  };
  const square = (side: number, channels: number): FeatureShape => ({
    ...{ rows: side, columns: side, channels },
  });
  const stage = (side: number, channels: number): NetworkSpec['layers'] => {
    const [input, full, half] = [
      square(side, channels),
      square(side, CHANNELS),
      square(side / 2, CHANNELS),
    ];
    const kernelSize = [4, 3] as const;
    const relu: ActivationSpec = {
      ...{ kind: 'activation', name: 'relu', activation: 'relu', input: full, output: full },
    };
    return [
      {
        ...{ kind: 'conv2d', name: 'convolution', input, output: full, kernelSize },
        ...{ strides: [1, 1], dilationRate: [1, 1] },
        ...{ padding: 'same', kernel: weight(...kernelSize, channels, CHANNELS) },
        bias: weight(CHANNELS),
      },
      relu,
      {
        ...{ kind: 'maxPooling2d', name: 'pooling', input: full, output: half, padding: 'valid' },
        ...{ poolSize: [2, 2], strides: [2, 2] },
      },
    ];
  };
  const pooled = square(SIZE / 4, CHANNELS);
  const flat = { rows: 1, columns: 1, channels: (SIZE / 4) ** 2 * CHANNELS };
  const layers: NetworkSpec['layers'] = [
    ...stage(SIZE, 1),
    ...stage(SIZE / 2, CHANNELS),
    { kind: 'flatten', name: 'flatten', input: pooled, output: flat },
    {
      ...{ kind: 'dense', name: 'dense', input: flat, output: { ...flat, channels: CLASSES } },
      ...{ kernel: weight(flat.channels, CLASSES), bias: weight(CLASSES) },
    },
  ];
  const parameters = weights.reduce((sum, { size }) => sum + size, 0);
  return {
    ...{ input: square(SIZE, 1), classes: CLASSES, layers, weights, parameters },
    loss: 'softmaxCrossEntropy',
  };
}
