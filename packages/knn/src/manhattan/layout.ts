/**
 * Where everything lies in the shared memory: the two structs of assembly/manhattan.ts, field by field in their order, and
 * the arrays that they point to.
 */
import { isFloats } from '../matrix.ts';
import type { Matrix } from '../matrix.ts';
import { Arena } from '../threads/arena.ts';
import { stepsInto } from './steps.ts';
import type { Steps } from './steps.ts';

/** Queries in one call of the kernel; even. */
export const BLOCK_QUERIES = 64;
/** The largest k: sorted insertion is the kernel's way, which is good for few. */
export const MAX_NEIGHBORS = 128;
/** With 255 a column, every distance in steps stays below UNLIMITED in the kernel, 2^29. */
export const MAX_COLUMNS = 2 ** 20;
/** Bytes of the first bound, at most; a share of the columns otherwise. Measured in benchmarks/notes/knn-manhattan.md. */
const MOST_PART = 256;
const PART_SHARE = 1 / 4;
/** Key of a padding row: above every limit. */
const PADDING = 2 ** 30;

/** Addresses that a worker's calls need. */
export interface ScratchAddresses {
  readonly struct: number;
  readonly queries: number;
  readonly floats: number;
  readonly parts: number;
  readonly rests: number;
  readonly slacks: number;
  readonly limits: number;
  readonly distances: number;
  readonly indices: number;
  readonly counts: number;
}

export interface Layout {
  /** Address of the struct Index. */
  readonly index: number;
  readonly scratches: readonly ScratchAddresses[];
  readonly totalBytes: number;
  /** Writes structs and rows into fresh memory. */
  write(memory: ArrayBufferLike): void;
  /** Writes up to BLOCK_QUERIES queries into a worker's scratch. */
  writeQueries(memory: ArrayBufferLike, scratch: ScratchAddresses, queries: Matrix): void;
}

export function layOut(train: Matrix, steps: Steps, workers: number): Layout {
  const arena = new Arena();
  const allocate = (bytes: number): number => arena.allocate(bytes);
  const { rows, columns } = train;
  const floats = isFloats(train) ? columns : 0;
  const paddedRows = Math.ceil(rows / 4) * 4;
  const rowBytes = Math.ceil(columns / 16) * 16;
  const part = Math.min(MOST_PART, Math.ceil((columns * PART_SHARE) / 16) * 16);

  const index = allocate(8 + 8 * 4);
  const data = allocate(paddedRows * rowBytes);
  const keys = allocate(paddedRows * 4);
  const rests = allocate(paddedRows * 4);
  const exact = allocate(rows * floats * 4);
  const scratches = Array.from({ length: workers }, (): ScratchAddresses => {
    const words = BLOCK_QUERIES * 4;
    return {
      struct: allocate(9 * 4),
      queries: allocate(BLOCK_QUERIES * rowBytes),
      floats: allocate(BLOCK_QUERIES * floats * 4),
      parts: allocate(words),
      rests: allocate(words),
      slacks: allocate(words),
      // One more: the kernel closes the place after the last query.
      limits: allocate(words + 4),
      distances: allocate(BLOCK_QUERIES * MAX_NEIGHBORS * 8),
      indices: allocate(BLOCK_QUERIES * MAX_NEIGHBORS * 4),
      counts: allocate(2 * 4),
    };
  });

  return {
    index,
    scratches,
    totalBytes: arena.bytes,
    write: (memory) => {
      // float64 sums of n columns err by less than n 2^-52 of themselves; bytes are exact.
      const stepsPerUnit = floats ? (1 / steps.step) * (1 + (columns + 8) * 2 ** -50) : 1;
      new Float64Array(memory, index, 1)[0] = stepsPerUnit;
      new Int32Array(memory, index + 8, 8).set([
        ...[paddedRows, rowBytes, part, floats],
        ...[data, keys, rests, exact],
      ]);
      for (const s of scratches) {
        new Int32Array(memory, s.struct, 9).set([
          ...[s.queries, s.floats, s.parts, s.rests, s.slacks, s.limits],
          ...[s.distances, s.indices, s.counts],
        ]);
      }
      const rowKeys = new Int32Array(memory, keys, paddedRows).fill(PADDING);
      const rowRests = new Int32Array(memory, rests, paddedRows);
      const bytes = new Uint8Array(memory, data, paddedRows * rowBytes);
      for (let r = 0; r < rows; r++) {
        const row = bytes.subarray(r * rowBytes, (r + 1) * rowBytes);
        const slack = stepsInto(train, r, steps, row);
        rowKeys[r] = sum(row, 0, part) - slack;
        rowRests[r] = sum(row, part, rowBytes);
      }
      if (floats) new Float32Array(memory, exact, rows * floats).set(train.data);
    },
    writeQueries: (memory, s, queries) => {
      const bytes = new Uint8Array(memory, s.queries, BLOCK_QUERIES * rowBytes);
      const parts = new Int32Array(memory, s.parts, BLOCK_QUERIES);
      const queryRests = new Int32Array(memory, s.rests, BLOCK_QUERIES);
      const slacks = new Int32Array(memory, s.slacks, BLOCK_QUERIES);
      for (let q = 0; q < queries.rows; q++) {
        const row = bytes.subarray(q * rowBytes, (q + 1) * rowBytes);
        slacks[q] = stepsInto(queries, q, steps, row);
        parts[q] = sum(row, 0, part);
        queryRests[q] = sum(row, part, rowBytes);
      }
      if (floats) new Float32Array(memory, s.floats, BLOCK_QUERIES * floats).set(queries.data);
    },
  };
}

function sum(row: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += row[i]!;
  return total;
}
