/** The k best rows of every query, over blocks of rows that are searched one after the other. */
import { KnnInputError } from './errors.ts';
import type { Matrix } from './matrix.ts';
import type { EffectiveMetric } from './metric.ts';
import { emptyNeighbors, neighborsOf } from './neighbors.ts';
import type { Neighbors } from './neighbors.ts';

/** Rows have int32 numbers. */
export const MAX_ROWS = 2 ** 31 - 1;

/** The best so far of every query, sorted; blocks are merged into it. */
export class RunningBest {
  readonly #queries: Matrix;
  readonly #neighbors: Neighbors;
  readonly #metric: EffectiveMetric;
  /** [queries * k] what is compared: squared Euclidean distances, or distances. */
  readonly #keys: Int32Array | Float64Array;
  #found = 0;
  #rows = 0;

  constructor(queries: Matrix, k: number, metric: EffectiveMetric) {
    this.#queries = queries;
    this.#neighbors = emptyNeighbors(queries, k);
    this.#metric = metric;
    const { distances, squaredDistances } = this.#neighbors;
    this.#keys = metric === 'euclidean' ? squaredDistances : distances;
  }

  /** Rows that were added. */
  get rows(): number {
    return this.#rows;
  }

  /** @param rows of the block, whose row 0 has the number `this.rows` */
  add(block: Neighbors, rows: number): void {
    if (this.#rows + rows > MAX_ROWS) {
      throw new KnnInputError('limit', `More than ${MAX_ROWS} rows cannot be numbered in int32.`);
    }
    const { k, indices, queries } = this.#neighbors;
    const keys = this.#keys;
    const found = Math.min(k, this.#found + block.k);
    const blockKeys = this.#metric === 'euclidean' ? block.squaredDistances : block.distances;
    for (let q = 0; q < queries; q++) {
      const at = q * k;
      // How many of the block's are among the best: earlier rows come first where distances are equal.
      let mine = 0;
      let theirs = 0;
      while (mine + theirs < found) {
        const isMine =
          theirs >= block.k ||
          (mine < this.#found && keys[at + mine]! <= blockKeys[q * block.k + theirs]!);
        if (isMine) mine++;
        else theirs++;
      }
      // From the far end, so that nothing is overwritten before it has moved.
      for (let to = found - 1; theirs > 0; to--) {
        const from = q * block.k + theirs - 1;
        if (mine > 0 && keys[at + mine - 1]! > blockKeys[from]!) {
          mine--;
          keys[at + to] = keys[at + mine]!;
          indices[at + to] = indices[at + mine]!;
        } else {
          theirs--;
          keys[at + to] = blockKeys[from]!;
          indices[at + to] = this.#rows + block.indices[from]!;
        }
      }
    }
    this.#found = found;
    this.#rows += rows;
  }

  finish(): Neighbors {
    const { indices, distances, k } = this.#neighbors;
    if (this.#metric !== 'euclidean')
      return neighborsOf(this.#queries, k, indices, distances, this.#metric);
    for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(this.#keys[i]!);
    return this.#neighbors;
  }
}
