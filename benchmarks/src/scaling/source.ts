/** Drawn rows, block by block: block b depends on the seed and b alone, so no more than one is ever held. */

import { matrix, type Matrix } from '@fashion-bench/knn';
import { randomStream } from '@fashion-bench/random';

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly blockRows: number;
}

/** Uniform bytes, [rows, columns], in blocks of `blockRows` in the same memory. @param spent is told each block's seconds */
export function* drawnBlocks(
  { rows, columns, blockRows }: Shape,
  seed: number,
  spent: (seconds: number) => void,
): Generator<Matrix> {
  const data = new Uint8Array(blockRows * columns);
  for (let from = 0; from < rows; from += blockRows) {
    const started = performance.now();
    const count = Math.min(blockRows, rows - from);
    draw(data.subarray(0, count * columns), seed, 'rows', from / blockRows);
    spent((performance.now() - started) / 1000);
    yield matrix(data.subarray(0, count * columns), count, columns);
  }
}

export function drawnQueries(count: number, columns: number, seed: number): Matrix {
  const data = new Uint8Array(count * columns);
  draw(data, seed, 'queries', 0);
  return matrix(data, count, columns);
}

function draw(data: Uint8Array, seed: number, name: string, counter: number): void {
  const stream = randomStream(seed, `scaling ${name}`, counter);
  for (let i = 0; i < data.length; i += 4) {
    const word = stream.nextUint32();
    for (let byte = 0; byte < 4 && i + byte < data.length; byte++)
      data[i + byte] = word >>> (8 * byte);
  }
}
