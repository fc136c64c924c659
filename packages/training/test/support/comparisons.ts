/** What "the same gradients" means, for all suites. */
import { expect } from 'vitest';
import { randomStream } from '@fashion-bench/random';
import type { Batch, NetworkSpec, Trainer, TrainerOptions } from '../../src/index.ts';
import { relativeDifference, TOLERANCE } from '../networks.ts';
import { firstMasks, float64Loss } from './float64-loss.ts';

/**
 * Two flat vectors of a network's size, tensor by tensor: the largest difference, relative to the tensor's largest element. Moving
 * statistics have gradients of exactly zero.
 */
export function expectClose(
  network: NetworkSpec,
  actual: Float32Array,
  expected: Float32Array,
  tolerance = TOLERANCE,
): void {
  for (const { name, offset, size, trainable } of network.weights) {
    const part = (all: Float32Array): Float32Array => all.subarray(offset, offset + size);
    const [a, b] = [part(actual), part(expected)];
    if (trainable === false && b.every((value) => value === 0)) expect(a).toEqual(b);
    else expect(relativeDifference(a, b), name).toBeLessThan(tolerance);
  }
}

/**
 * A trainer's gradients against differences of its own float32 losses, at one place of every weight tensor: good to about 1e-3 of
 * the largest gradient.
 */
export async function expectSlopesOfLoss(
  trainer: Trainer,
  network: NetworkSpec,
  batch: Batch,
): Promise<void> {
  const { gradients } = await trainer.gradients(batch);
  const scale = gradients.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  const { weights, slots, step } = await trainer.state();
  const delta = 2e-3;
  for (const { name, offset, size } of network.weights) {
    const index = offset + Math.floor(size / 3);
    const lossAt = async (change: number): Promise<number> => {
      const moved = weights.slice();
      moved[index] = moved[index]! + change;
      trainer.restore({ weights: moved, slots, step });
      return (await trainer.gradients(batch)).loss;
    };
    const slope = ((await lossAt(delta)) - (await lossAt(-delta))) / (2 * delta);
    expect(Math.abs(slope - gradients[index]!) / scale, name).toBeLessThan(1e-2);
  }
}

/** Central differences at two places of every weight tensor, as shares of its largest gradient. */
export function expectSlopesOfFloat64Loss(
  { network, weights, seed }: TrainerOptions,
  batch: Batch,
  { gradients, loss }: { readonly gradients: Float32Array; readonly loss: number },
): void {
  const masks = firstMasks(network, batch.size, seed);
  const moved = Float64Array.from(weights);
  expect(float64Loss(network, moved, batch, masks)).toBeCloseTo(loss, 5);
  const stream = randomStream(batch.size, 'places');
  // So small that hardly a ReLU or a maximum changes sides; the loss is good to 1e-15.
  const delta = 1e-7;
  for (const { name, offset, size, trainable } of network.weights) {
    if (trainable === false) continue;
    const scale = gradients
      .subarray(offset, offset + size)
      .reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    for (let i = 0; i < 2; i++) {
      const place = offset + stream.integer(0, size);
      const at = (change: number): number => {
        moved[place] = weights[place]! + change;
        return float64Loss(network, moved, batch, masks);
      };
      const slope = (at(delta) - at(-delta)) / (2 * delta);
      moved[place] = weights[place]!;
      const error = Math.abs(slope - gradients[place]!) / scale;
      expect(error, `${name}, place ${place}`).toBeLessThan(TOLERANCE);
    }
  }
}
