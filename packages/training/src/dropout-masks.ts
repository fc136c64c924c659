/**
 * Dropout masks as arrays: 0 where an element is dropped, 1 / (1 - rate) where it stays (inverted dropout,
 * Srivastava et al. 2014). Fed to the graph, so that every engine drops the same elements.
 *
 * Instead of a number per element, the distance to the next dropped element is drawn, which is geometrically
 * distributed: floor(log(u) / log(1 - rate)) (Devroye 1986, X.2). At rate 0.1 that is a tenth of the draws, and
 * exact, unlike a comparison with random bytes (26/256 is not 0.1).
 * A mask depends on (seed, layer, step) alone.
 */
import { randomStream } from '@fashion-bench/random';

/** Upper bits of a draw that index the table of distances. */
const TABLE_BITS = 14;
const UNDECIDED = -1;

export class DropoutMask {
  /** The mask, row-major [batch, rows, columns, channels]; rewritten by `draw`. */
  readonly values: Float32Array;
  readonly #keep: number;
  /** 1 / log(1 - rate) */
  readonly #scale: number;
  /** The distance, where the upper bits of a draw decide it; else UNDECIDED. A logarithm costs four times a look-up. */
  readonly #distances: Int16Array;
  readonly #dropped: Uint32Array;
  #count = 0;

  /** @param size elements of a full batch. @param rate share dropped, in (0, 1). */
  constructor(size: number, rate: number) {
    this.#keep = 1 / (1 - rate);
    this.#scale = 1 / Math.log(1 - rate);
    this.values = new Float32Array(size).fill(this.#keep);
    this.#dropped = new Uint32Array(size);
    const span = 2 ** (32 - TABLE_BITS);
    this.#distances = Int16Array.from({ length: 2 ** TABLE_BITS }, (_, i) => {
      const [longest, shortest] = [this.#distance(i * span), this.#distance((i + 1) * span - 1)];
      return longest === shortest && longest < 2 ** 15 ? longest : UNDECIDED;
    });
  }

  /** Draws the mask of one step of one layer. */
  draw(seed: number, layer: number, step: number): void {
    const { values } = this;
    const dropped = this.#dropped;
    const distances = this.#distances;
    const keep = this.#keep;
    const size = values.length;
    for (let i = 0; i < this.#count; i++) values[dropped[i] ?? 0] = keep;
    const stream = randomStream(seed, 'dropout', layer, step);
    let count = 0;
    let position = -1;
    for (;;) {
      const bits = stream.nextUint32();
      const distance = distances[bits >>> (32 - TABLE_BITS)] ?? UNDECIDED;
      position += 1 + (distance === UNDECIDED ? this.#distance(bits) : distance);
      if (position >= size) break;
      values[position] = 0;
      dropped[count++] = position;
    }
    this.#count = count;
  }

  /** Elements kept before the next dropped one. (bits + 1) / 2^32 lies in (0, 1], so that the logarithm is finite. */
  #distance(bits: number): number {
    return Math.floor(Math.log((bits + 1) * 2 ** -32) * this.#scale);
  }
}
