/** A training that takes moments, and what came of it. */
import { randomStream } from '@fashion-bench/random';
import {
  adam,
  type EndEvent,
  type EpochEvent,
  type FitOptions,
  type LabelledSet,
  type TrainingEvent,
  type TrainingSnapshot,
} from '../src/index.ts';
import { networkOf, randomWeights, tinyNet } from './networks.ts';

const network = networkOf(tinyNet());

/** [count, 12, 12, 1] in five classes: class c is a bright square at place c on noise: learnable in a few epochs. */
export function squares(count: number, seed: number): LabelledSet {
  const stream = randomStream(seed, 'squares');
  const images = Uint8Array.from({ length: count * 144 }, () => stream.integer(0, 90));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 5);
  labels.forEach((label, i) => {
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 4; x++)
        images[i * 144 + (y + label) * 12 + x + 2 * (label % 3)] = stream.integer(120, 256);
    }
  });
  return { images, labels };
}

/** 7 steps an epoch, the last one smaller. */
export const tinyTraining: FitOptions = {
  engine: 'onnx-cpu',
  network,
  weights: randomWeights(network).map((w) => w / 2),
  optimizer: adam({ learningRate: 0.01 }),
  train: squares(103, 1),
  test: squares(50, 2),
  epochs: 6,
  batchSize: 16,
  seed: 42,
  // Several threads that wait for each other take more of the processor than so small a network; tests of threads say so.
  threads: 1,
};

export interface Collected {
  readonly epochs: EpochEvent[];
  readonly steps: number;
  readonly snapshots: TrainingSnapshot[];
  readonly end: EndEvent;
}

export async function collect(events: AsyncIterable<TrainingEvent>): Promise<Collected> {
  const epochs: EpochEvent[] = [];
  const snapshots: TrainingSnapshot[] = [];
  let steps = 0;
  let end: EndEvent | undefined;
  for await (const event of events) {
    if (event.type === 'epoch') epochs.push(event);
    else if (event.type === 'step') steps++;
    else if (event.type === 'checkpoint') snapshots.push(event.snapshot);
    else if (event.type === 'end') end = event;
  }
  if (!end) throw new Error('no end event');
  return { epochs, steps, snapshots, end };
}

/** The figures of epochs without their times, which no two runs share. */
export function figuresOf(epochs: readonly EpochEvent[]): Partial<EpochEvent>[] {
  return epochs.map((epoch) => {
    const { seconds, evaluationSeconds, ...figures } = epoch;
    if (!(seconds > 0 && (evaluationSeconds ?? 1) > 0)) throw new Error('an epoch took no time');
    return figures;
  });
}
