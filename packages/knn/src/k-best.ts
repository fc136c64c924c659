/**
 * The k best of a stream of (distance, row), by distance and then by lower row: a bounded max-heap whose top is the
 * cut-off (as in thi.ng/distance). Costs one comparison for a row that does not belong, log k for one that does.
 */
import type { DistanceArray } from './kernels/kernel.ts';

export class KBest {
  readonly #distances: Float64Array;
  readonly #rows: Int32Array;
  #size = 0;

  constructor(k: number) {
    this.#distances = new Float64Array(k);
    this.#rows = new Int32Array(k);
  }

  /** The k-th best distance so far; Infinity while there are fewer than k. */
  get worst(): number {
    return this.#size < this.#rows.length ? Infinity : this.#distances[0]!;
  }

  clear(): void {
    this.#size = 0;
  }

  offer(distance: number, row: number): void {
    if (this.#size < this.#rows.length) {
      this.#siftUp(this.#size++, distance, row);
    } else if (isBefore(distance, row, this.#distances[0]!, this.#rows[0]!)) {
      this.#siftDown(this.#size, distance, row);
    }
  }

  /** Offers block[from + r] for every row r < rows. */
  scan(block: DistanceArray, from: number, rows: number): void {
    let { worst } = this;
    for (let r = 0; r < rows; r++) {
      const distance = block[from + r]!;
      // Rows come in order: an equal one later is never before the worst.
      if (distance < worst) {
        this.offer(distance, r);
        worst = this.worst;
      }
    }
  }

  /** Empties the heap, best first, to `distances` and `rows` from position `at`. */
  drainInto(distances: Int32Array | Float64Array, rows: Int32Array, at: number): void {
    while (this.#size > 0) {
      const last = --this.#size;
      distances[at + last] = this.#distances[0]!;
      rows[at + last] = this.#rows[0]!;
      this.#siftDown(last, this.#distances[last]!, this.#rows[last]!);
    }
  }

  #siftUp(from: number, distance: number, row: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(this.#distances[parent]!, this.#rows[parent]!, distance, row)) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#put(i, distance, row);
  }

  /** Replaces the top by an entry and lets it sink among the first `size`. */
  #siftDown(size: number, distance: number, row: number): void {
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(child, child + 1)) child++;
      if (!isBefore(distance, row, this.#distances[child]!, this.#rows[child]!)) break;
      this.#move(child, i);
      i = child;
    }
    if (size > 0) this.#put(i, distance, row);
  }

  #isBefore(i: number, j: number): boolean {
    return isBefore(this.#distances[i]!, this.#rows[i]!, this.#distances[j]!, this.#rows[j]!);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#distances[from]!, this.#rows[from]!);
  }

  #put(i: number, distance: number, row: number): void {
    this.#distances[i] = distance;
    this.#rows[i] = row;
  }
}

function isBefore(distance: number, row: number, otherDistance: number, otherRow: number): boolean {
  return distance < otherDistance || (distance === otherDistance && row < otherRow);
}
