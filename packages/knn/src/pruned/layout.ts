/**
 * Where everything lies in the shared memory: the two structs of assembly/kernel.ts, field by field in their order, and
 * the arrays that they point to.
 */
import type { Matrix } from '../matrix.ts';
import type { Embedding } from './embedding.ts';
import { packPairs } from './pairs.ts';

/** Queries in one call of the kernel. */
export const BLOCK_QUERIES = 64;
/** The largest k: sorted insertion is the kernel's way, which is good for few. */
export const MAX_NEIGHBORS = 128;
/** Rows bounded before their survivors are measured: BATCH in the kernel. */
const SURVIVORS = 64;
/** Cache lines, so that two workers never write to one. */
const ALIGNMENT = 64;
const INT32_MAX = 2 ** 31 - 1;

/** Addresses that a worker's calls need. */
export interface ScratchAddresses {
  readonly struct: number;
  readonly queries: number;
  readonly distances: number;
  readonly indices: number;
  readonly counts: number;
}

export interface Layout {
  /** Address of the struct Index. */
  readonly index: number;
  readonly scratches: readonly ScratchAddresses[];
  /** Rows padded to a multiple of 16. */
  readonly paddedRows: number;
  /** Columns padded to a multiple of 16. */
  readonly rowBytes: number;
  readonly totalBytes: number;
  /** Writes structs, rows, centre and axes into fresh memory. */
  write(memory: ArrayBufferLike): void;
  /** Makes padding rows unreachable; to be called when all rows are embedded. */
  closePadding(memory: ArrayBufferLike): void;
}

export function layOut(train: Matrix<Uint8Array>, embedding: Embedding, workers: number): Layout {
  let top = ALIGNMENT;
  const allocate = (bytes: number): number => {
    const at = top;
    top = Math.ceil((top + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const { columns } = train;
  const { coarse, fine } = embedding;
  const paddedRows = Math.ceil(train.rows / 16) * 16;
  const rowBytes = Math.ceil(columns / 16) * 16;
  const axes = Math.ceil(embedding.axes.rows / 8) * 8;

  const index = allocate(4 * 8 + 12 * 4);
  const data = allocate(paddedRows * rowBytes);
  const center = allocate(rowBytes * 2);
  const axisData = allocate(axes * rowBytes * 2);
  const coarseData = allocate(paddedRows * coarse * 2);
  const coarseNorms = allocate(paddedRows * 4);
  const fineData = allocate(paddedRows * fine * 2);
  const indexFloats = [
    embedding.unit,
    embedding.axisUnit,
    embedding.coarseMargin,
    embedding.fineMargin,
  ];
  const indexInts = [
    ...[paddedRows, rowBytes, coarse, fine, axes, 15],
    ...[data, center, axisData, coarseData, coarseNorms, fineData],
  ];

  const scratchInts: number[][] = [];
  const scratches = Array.from({ length: workers }, (): ScratchAddresses => {
    const struct = allocate(15 * 4);
    const queries = allocate(BLOCK_QUERIES * rowBytes);
    const inputs = [queries, allocate(rowBytes * 8), allocate(4 * 4), allocate(axes * 4 * 4)];
    const embedded = [allocate(coarse * 4 * 2), allocate(4 * 4), allocate(fine * 4 * 2)];
    const rows = [allocate(paddedRows * 4 * 2), allocate(paddedRows * 4), allocate(SURVIVORS * 4)];
    const candidates = [
      allocate(candidatesFor(MAX_NEIGHBORS) * 4),
      allocate(candidatesFor(MAX_NEIGHBORS) * 4),
    ];
    const distances = allocate(BLOCK_QUERIES * MAX_NEIGHBORS * 4);
    const indices = allocate(BLOCK_QUERIES * MAX_NEIGHBORS * 4);
    const counts = allocate(2 * 4);
    scratchInts.push([...inputs, ...embedded, ...rows, ...candidates, distances, indices, counts]);
    return { struct, queries, distances, indices, counts };
  });

  return {
    index,
    scratches,
    paddedRows,
    rowBytes,
    totalBytes: top,
    write: (memory) => {
      new Float64Array(memory, index, 4).set(indexFloats);
      new Int32Array(memory, index + 4 * 8, 12).set(indexInts);
      scratches.forEach((scratch, i) => {
        new Int32Array(memory, scratch.struct, 15).set(scratchInts[i] ?? []);
      });
      copyRows(train, new Uint8Array(memory, data, paddedRows * rowBytes), rowBytes);
      new Int16Array(memory, center, columns).set(embedding.center);
      packPairs(embedding.axes, 8, rowBytes / 2, new Int16Array(memory, axisData, axes * rowBytes));
    },
    closePadding: (memory) => {
      new Int32Array(memory, coarseNorms, paddedRows).fill(INT32_MAX, train.rows);
      // Without zeros here the product with a query could carry that norm past int32.
      const pairs = new Int32Array(memory, coarseData, (paddedRows * coarse) / 2);
      for (let row = train.rows; row < paddedRows; row++) {
        const group = (row >> 3) * (coarse / 2) * 8;
        for (let pair = 0; pair < coarse / 2; pair++) pairs[group + pair * 8 + (row & 7)] = 0;
      }
    },
  };
}

/** Rows measured before the first threshold stands: enough that their k-th best is close to the true one. */
export function candidatesFor(k: number): number {
  return Math.max(16, 2 * k);
}

/** Copies byte rows to `out`, padding each to `rowBytes`; `out` holds zeros in the padding. */
export function copyRows(m: Matrix<Uint8Array>, out: Uint8Array, rowBytes: number): void {
  const { data, rows, columns } = m;
  if (columns === rowBytes) {
    out.set(data);
    return;
  }
  for (let r = 0; r < rows; r++)
    out.set(data.subarray(r * columns, (r + 1) * columns), r * rowBytes);
}
