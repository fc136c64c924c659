/**
 * Where everything lies in the shared memory: the two structs of assembly/structs.ts, field by field in their order, and
 * the arrays that they point to.
 */
import type { Matrix } from '../matrix.ts';
import { KEYS } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { packPairs } from './pairs.ts';

/** Queries in one call of the kernel. */
export const BLOCK_QUERIES = 64;
/** Queries that are ordered together, so that those after each other visit the same leaves. */
export const ORDERED_QUERIES = 16_384;
/** The largest k: sorted insertion is the kernel's way, which is good for few. */
export const MAX_NEIGHBORS = 128;
/** LEAF in the kernel. */
export const LEAF_ROWS = 32;
/** Hits gathered before they are bounded further, and one leaf more: BATCH + LEAF in the kernel. */
const HITS = 96;
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
  /** Rows padded to a multiple of LEAF_ROWS. */
  readonly slots: number;
  /** Columns padded to a multiple of 16. */
  readonly rowBytes: number;
  readonly totalBytes: number;
  /** Writes structs, rows as they come, centre and axes into fresh memory. */
  write(memory: ArrayBufferLike): void;
  /** Address of the rows. */
  readonly rows: number;
  /** Addresses of coordinates to order by: of the rows, i16 [KEYS, slots], and of queries, [KEYS, ORDERED_QUERIES]. */
  readonly rowKeys: number;
  readonly queryKeys: number;
  /** Writes the rows again, each to its slot. @param order [slots] row in each slot; the padding comes last. */
  reorder(memory: ArrayBufferLike, order: Int32Array): void;
}

export function layOut(train: Matrix<Uint8Array>, embedding: Embedding, workers: number): Layout {
  let top = ALIGNMENT;
  const allocate = (bytes: number): number => {
    const at = top;
    top = Math.ceil((top + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const { columns } = train;
  const { coarse, near } = embedding;
  const slots = Math.ceil(train.rows / LEAF_ROWS) * LEAF_ROWS;
  const leaves = slots / LEAF_ROWS;
  const rowBytes = Math.ceil(columns / 16) * 16;
  const axes = Math.ceil(embedding.axes.rows / 8) * 8;
  const halves = embedding.fine ? 2 * near.coordinates * 2 : 0;

  const index = allocate(5 * 8 + 13 * 4);
  const data = allocate(slots * rowBytes);
  const center = allocate(rowBytes * 2);
  const axisData = allocate(axes * rowBytes * 2);
  const order = allocate(slots * 4);
  const leafData = allocate(slots * coarse.coordinates * 2);
  const leafNorms = allocate(slots * 4);
  const boxes = allocate(leaves * coarse.coordinates * 2 * 2);
  const fineData = allocate(slots * halves);
  const queryKeys = allocate(KEYS * ORDERED_QUERIES * 2);
  const indexFloats = [
    ...[embedding.unit, embedding.axisUnit],
    ...[coarse.margin, near.margin, embedding.far.margin],
  ];
  const indexInts = [
    ...[train.rows, slots, rowBytes, embedding.fine ? 1 : 0, axes],
    ...[data, center, axisData, order, leafData, leafNorms, boxes, fineData],
  ];

  const paddedLeaves = Math.ceil(leaves / 4) * 4;
  const scratchInts: number[][] = [];
  const boxDistances: number[] = [];
  const scratches = Array.from({ length: workers }, (): ScratchAddresses => {
    const struct = allocate(19 * 4);
    const queries = allocate(BLOCK_QUERIES * rowBytes);
    const inputs = [queries, allocate(rowBytes * 8), allocate(4 * 4), allocate(axes * 4 * 4)];
    const embedded = [allocate(coarse.coordinates * 4 * 2), allocate(4 * 4), allocate(halves * 4)];
    const bounds = [allocate(paddedLeaves * 4), allocate(MOST_GUESSES * LEAF_ROWS * 4)];
    const survivors = [allocate(HITS * 4), allocate(HITS * 4), allocate(HITS * 4)];
    const candidates = [
      ...[allocate(MOST_GUESSES * 4), allocate(MOST_GUESSES * 4)],
      ...[allocate(2 * MAX_NEIGHBORS * 4), allocate(2 * MAX_NEIGHBORS * 4)],
    ];
    const distances = allocate(BLOCK_QUERIES * MAX_NEIGHBORS * 4);
    const indices = allocate(BLOCK_QUERIES * MAX_NEIGHBORS * 4);
    const counts = allocate(4 * 4);
    boxDistances.push(bounds[0] ?? 0);
    scratchInts.push([
      ...[...inputs, ...embedded, ...bounds, ...survivors, ...candidates],
      ...[distances, indices, counts],
    ]);
    return { struct, queries, distances, indices, counts };
  });

  return {
    index,
    scratches,
    slots,
    rowBytes,
    rows: data,
    rowKeys: leafData,
    queryKeys,
    totalBytes: top,
    write: (memory) => {
      new Float64Array(memory, index, 5).set(indexFloats);
      new Int32Array(memory, index + 5 * 8, 13).set(indexInts);
      scratches.forEach((scratch, i) => {
        new Int32Array(memory, scratch.struct, 19).set(scratchInts[i] ?? []);
        new Int32Array(memory, boxDistances[i], paddedLeaves).fill(INT32_MAX, leaves);
      });
      copyRows(train, new Uint8Array(memory, data, slots * rowBytes), rowBytes);
      new Int16Array(memory, center, columns).set(embedding.center);
      packPairs(embedding.axes, 8, rowBytes / 2, new Int16Array(memory, axisData, axes * rowBytes));
    },
    reorder: (memory, rowOf) => {
      new Int32Array(memory, order, slots).set(rowOf);
      const rows = new Uint8Array(memory, data, slots * rowBytes);
      for (let slot = 0; slot < train.rows; slot++) {
        const row = rowOf[slot]!;
        rows.set(train.data.subarray(row * columns, (row + 1) * columns), slot * rowBytes);
      }
    },
  };
}

/** Rows measured before the first threshold stands: enough that their k-th best is close to the true one. */
export function candidatesFor(k: number): number {
  return Math.max(16, 2 * k);
}

/** Leaves that those rows are sought in. */
export function guessesFor(k: number): number {
  return Math.max(8, Math.ceil((2 * candidatesFor(k)) / LEAF_ROWS));
}

const MOST_GUESSES = guessesFor(MAX_NEIGHBORS);

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
