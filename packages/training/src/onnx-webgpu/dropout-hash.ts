/**
 * Dropout masks that are made inside the graph: nothing crosses the bus, and a mask is a pure function of
 * (seed, step, image within the batch, element), as with a counter-based generator.
 *
 * The WebGPU provider has no random numbers, no shifts and no exclusive or; what it has are products and sums of uint32, which wrap
 * around, and division. RC6's permutation f(x) = x (2x + 1) mod 2^32 needs no more (Rivest, Robshaw, Sidney and Yin 1998: its upper
 * bits depend on all bits of x); folding the upper half into the lower between two of them serves the lower bits:
 *
 *   x = key + 0x9e3779b1 (image * P + element);   y = f(x);   y += y >> 16;   y = f(y)
 *
 * An element is kept where y >= rate * 2^32: only the upper bits decide. The usual finalisers with + in the place of ^ do not
 * do: their drops are tied at lags of a few elements, and the test sees it. Not for anything but dropout.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { randomStream } from '@fashion-bench/random';
import { featureCount, type DropoutSpec } from '../network/network.ts';

const WEYL = 0x9e3779b1;

/** The key of a step: 32 bits from the seed and the number of steps taken before. */
export function stepKey(seed: number, step: number): number {
  return randomStream(seed, 'dropout-key', step).nextUint32();
}

/** Elements of one image over all dropout layers. */
function elementsOf(layers: readonly DropoutSpec[]): number {
  return layers.reduce((sum, { input }) => sum + featureCount(input), 0);
}

/** Smallest hash that keeps an element. */
function threshold(rate: number): number {
  return Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32));
}

/** RC6's permutation of 32 bits. */
function permuted(x: number): number {
  return Math.imul(x, 2 * x + 1) >>> 0;
}

/** The hash of counter * WEYL + key. */
function mixed(start: number): number {
  const x = permuted(start >>> 0);
  return permuted((x + (x >>> 16)) >>> 0);
}

/**
 * The same masks as arrays, one number after the other: what the graph is checked against.
 * @returns for each layer [batch, rows, columns, channels], 0 or 1 / (1 - rate).
 */
export function hashedMasks(
  layers: readonly DropoutSpec[],
  batch: number,
  key: number,
): Float32Array[] {
  const perImage = elementsOf(layers);
  let before = 0;
  return layers.map(({ input, rate }) => {
    const size = featureCount(input);
    const from = before;
    before += size;
    return Float32Array.from({ length: batch * size }, (_, i) => {
      const counter = Math.floor(i / size) * perImage + from + (i % size);
      const x = mixed(Math.imul(counter, WEYL) + key);
      return x >= threshold(rate) ? 1 / (1 - rate) : 0;
    });
  });
}

/** The constants of the masks of one graph; made once, used by every step. */
export class MaskGraph {
  readonly #g: GraphBuilder;
  readonly #layers: readonly DropoutSpec[];
  readonly #batch: number;
  readonly #images: Value;
  readonly #elements: Value;
  readonly #thresholds: Value;
  readonly #kept: Value;

  constructor(g: GraphBuilder, layers: readonly DropoutSpec[], batch: number) {
    this.#g = g;
    this.#layers = layers;
    this.#batch = batch;
    const perImage = elementsOf(layers);
    const products = (count: number, factor: number): Uint32Array =>
      Uint32Array.from({ length: count }, (_, i) => Math.imul(Math.imul(i, factor), WEYL));
    this.#images = g.constant('uint32', [batch, 1], products(batch, perImage));
    this.#elements = g.constant('uint32', [1, perImage], products(perImage, 1));
    const each = (valueOf: (layer: DropoutSpec) => number): number[] =>
      layers.flatMap((layer) =>
        Array.from({ length: featureCount(layer.input) }, () => valueOf(layer)),
      );
    this.#thresholds = g.constant(
      'uint32',
      [1, perImage],
      Uint32Array.from(each(({ rate }) => threshold(rate))),
    );
    this.#kept = g.constant(
      'float32',
      [1, perImage],
      Float32Array.from(each(({ rate }) => 1 / (1 - rate))),
    );
  }

  /** @param key uint32 [1]. @returns the mask of each layer, [n, rows, columns, channels]. */
  masks(key: Value): ReadonlyMap<DropoutSpec, Value> {
    const g = this.#g;
    const constant = (value: number): Value => g.constant('uint32', [], Uint32Array.of(value));
    const [one, half] = [constant(1), constant(2 ** 16)];
    const permute = (x: Value): Value => g.op('Mul', [x, g.op('Add', [g.op('Add', [x, x]), one])]);
    let x = g.op('Add', [g.op('Add', [this.#images, key]), this.#elements]); // [n, elements]
    x = permute(x);
    x = permute(g.op('Add', [x, g.op('Div', [x, half])]));
    const kept = g.op('GreaterOrEqual', [x, this.#thresholds]);
    const all = g.op('Where', [kept, this.#kept, g.scalar(0)]);
    let before = 0;
    return new Map(
      this.#layers.map((layer) => {
        const { rows, columns, channels } = layer.input;
        const from = before;
        before += featureCount(layer.input);
        const part = this.#layers.length === 1 ? all : g.slice(all, 1, from, before);
        return [layer, g.reshape(part, [this.#batch, rows, columns, channels])];
      }),
    );
  }
}
