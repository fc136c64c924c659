/** What "the same gradients" means, for all suites. */
import { expect } from 'vitest';
import type { Batch, NetworkSpec, Trainer } from '../../src/index.ts';
import { relativeDifference, TOLERANCE } from '../networks.ts';

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
