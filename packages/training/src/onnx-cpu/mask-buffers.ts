/** The dropout masks of several steps, in the orders that a graph wants them in. */
import type { TensorValue } from '@fashion-bench/onnx';
import { DropoutMask } from '../trainer/dropout-masks.ts';
import { featureCount, type DropoutSpec, type NetworkSpec } from '../network/network.ts';
import { dropoutLayers, ofStep } from '../graph/graph-options.ts';
import type { MaskLayout } from '../graph/lowering.ts';

export class MaskBuffers {
  readonly #layers: readonly DropoutSpec[];
  readonly #batch: number;
  readonly #layouts: readonly MaskLayout[];
  readonly #masks: readonly (readonly DropoutMask[])[];

  /** @param steps of one run @param layouts one for each dropout layer */
  constructor(
    network: NetworkSpec,
    batch: number,
    block: number,
    steps: number,
    layouts: readonly MaskLayout[],
  ) {
    this.#layers = dropoutLayers(network);
    this.#batch = batch;
    this.#layouts = layouts;
    this.#masks = Array.from({ length: steps }, () =>
      this.#layers.map(({ input, rate }, i) => {
        const { rows, columns, channels } = input;
        const order =
          layouts[i] === 'blocked' ? { pixels: rows * columns, channels, block } : undefined;
        return new DropoutMask(batch * featureCount(input), rate, order);
      }),
    );
  }

  /** Draws the masks of step `taken` and adds them to `feeds` as those of the graph's step `step`. */
  drawInto(feeds: Record<string, TensorValue>, seed: number, taken: number, step: number): void {
    this.#layers.forEach(({ input: { rows, columns, channels } }, i) => {
      const mask = this.#masks[step]?.[i];
      if (!mask) return;
      mask.draw(seed, i, taken);
      feeds[ofStep(`mask${i}`, step)] = {
        dtype: 'float32',
        shape:
          this.#layouts[i] === 'blocked'
            ? [this.#batch, channels, rows, columns]
            : [this.#batch, rows, columns, channels],
        data: mask.values,
      };
    });
  }
}
