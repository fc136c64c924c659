/**
 * Where everything lies in the shared memory: the two structs of assembly/structs.ts, field by field in their order, and
 * the arrays that they point to.
 */
import { Arena } from '../threads/arena.ts';
import { COARSE, KEYS, hasFineBound, mostAxes } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { packPairs } from './pairs.ts';

/** Queries in one call of the pruned search. */
export const BLOCK_QUERIES = 64;
/** Queries in one call of the scan, at most: the more, the less the unpacking of rows costs. */
export const SCAN_QUERIES = 128;
/** Queries that are ordered together, so that those after each other visit the same leaves. */
export const ORDERED_QUERIES = 16_384;
/** The largest k: sorted insertion is the kernel's way, which is good for few. */
export const MAX_NEIGHBORS = 128;
/** LEAF in the kernel. */
export const LEAF_ROWS = 32;
/** HALF in the kernel. */
const HALF = 64;
/** Hits gathered before they are bounded further, and one leaf more: BATCH + LEAF in the kernel. */
const HITS = 96;
const INT32_MAX = 2 ** 31 - 1;

/** Sizes of the rows, as the kernel sees them. */
export interface RowShape {
  readonly rows: number;
  /** Bytes of a row that mean something. */
  readonly bytes: number;
  /** Floats of a row, a multiple of 4; 0 where the bytes are the rows themselves. */
  readonly floats: number;
  /** EUCLIDEAN, COSINE or INNER_PRODUCT in the kernel. */
  readonly metric: number;
}

/** What the kernel computes with, in the order of its struct. What is not known yet is 0. */
export interface IndexNumbers {
  unit: number;
  axisUnit: number;
  coarseMargin: number;
  nearMargin: number;
  farMargin: number;
  stepsPerUnit: number;
  reachPerUnit: number;
  keyFactor: number;
  mostSlack: number;
  longest: number;
}

/** Addresses of the arrays that all workers share, in the order of the struct. */
export interface IndexArrays {
  /** u8 [slots, rowBytes] */
  readonly data: number;
  /** i16 [rowBytes] */
  readonly center: number;
  readonly axisData: number;
  /** i32 [slots] */
  readonly order: number;
  /** Before rows are ordered: i16 [KEYS, slots]. */
  readonly leafData: number;
  readonly leafNorms: number;
  readonly boxes: number;
  readonly fineData: number;
  /** f32 [rows, floats] */
  readonly floats: number;
  /** f64 [rows] */
  readonly lengths: number;
  /** f32 [slots] */
  readonly slacks: number;
  /** f64 [rowBytes] */
  readonly lows: number;
}

/** Addresses of what one worker owns; those that its calls need by name. */
export interface Scratch {
  readonly struct: number;
  readonly queries: number;
  readonly keys: number;
  readonly indices: number;
  readonly counts: number;
  readonly floats: number;
}

export interface Layout {
  readonly shape: RowShape;
  /** Address of the struct Index. */
  readonly index: number;
  readonly arrays: IndexArrays;
  readonly scratches: readonly Scratch[];
  /** Rows padded to a multiple of LEAF_ROWS. */
  readonly slots: number;
  /** Bytes padded to a multiple of 16. */
  readonly rowBytes: number;
  readonly totalBytes: number;
  /** Address of coordinates to order queries by, i16 [KEYS, ORDERED_QUERIES]. */
  readonly queryKeys: number;
  /** Writes both structs into fresh memory; rows stand in their own order. */
  write(memory: ArrayBufferLike): void;
}

/** Numbers in `Index`, before its 8 int32 and the addresses. */
const INDEX_NUMBERS = 10;

export function layOut(shape: RowShape, workers: number): Layout {
  const arena = new Arena();
  const allocate = (bytes: number): number => arena.allocate(bytes);
  const { rows, bytes, floats } = shape;
  const slots = Math.ceil(rows / LEAF_ROWS) * LEAF_ROWS;
  const leaves = slots / LEAF_ROWS;
  const rowBytes = Math.ceil(bytes / 16) * 16;
  const axes = Math.ceil(mostAxes(bytes) / 8) * 8;
  const fine = hasFineBound(bytes);
  const halves = fine ? 2 * HALF * 2 : 0;

  const index = allocate(INDEX_NUMBERS * 8 + 20 * 4);
  const arrays: IndexArrays = {
    data: allocate(slots * rowBytes),
    center: allocate(rowBytes * 2),
    axisData: allocate(axes * rowBytes * 2),
    order: allocate(slots * 4),
    leafData: allocate(slots * COARSE * 2),
    leafNorms: allocate(slots * 4),
    boxes: allocate(leaves * COARSE * 2 * 2),
    fineData: allocate(slots * halves),
    floats: allocate(rows * floats * 4),
    lengths: allocate(shape.metric === 0 ? 0 : rows * 8),
    slacks: allocate(floats === 0 ? 0 : slots * 4),
    lows: allocate(floats === 0 ? 0 : rowBytes * 8),
  };
  const queryKeys = allocate(KEYS * ORDERED_QUERIES * 2);
  const sizes = [rows, slots, rowBytes, fine ? 1 : 0, axes, floats, floats, shape.metric];

  const paddedLeaves = Math.ceil(leaves / 4) * 4;
  const structs: { readonly at: number; readonly fields: readonly number[] }[] = [];
  const boxDistances: number[] = [];
  const scratches = Array.from({ length: workers }, (): Scratch => {
    const struct = allocate(28 * 4);
    const fields = {
      queries: allocate(SCAN_QUERIES * rowBytes),
      quad: allocate(rowBytes * 8),
      quadNorms: allocate(4 * 4),
      products: allocate(Math.max(axes, SCAN_QUERIES) * 4 * 4),
      coarseData: allocate(COARSE * 4 * 2),
      coarseNorms: allocate(4 * 4),
      fineData: allocate(halves * 4),
      boxDistances: allocate(paddedLeaves * 4),
      scores: allocate(MOST_GUESSES * LEAF_ROWS * 4),
      hits: allocate(HITS * 4),
      survivors: allocate(HITS * 4),
      survivorBounds: allocate(HITS * 4),
      guessDistances: allocate(MOST_GUESSES * 4),
      guessLeaves: allocate(MOST_GUESSES * 4),
      candidateScores: allocate(2 * MAX_NEIGHBORS * 4),
      candidateSlots: allocate(2 * MAX_NEIGHBORS * 4),
      keys: allocate(SCAN_QUERIES * MAX_NEIGHBORS * 8),
      indices: allocate(SCAN_QUERIES * MAX_NEIGHBORS * 4),
      counts: allocate(5 * 4),
      limits: allocate(SCAN_QUERIES * 4),
      reaches: allocate(SCAN_QUERIES * 8),
      floats: allocate(SCAN_QUERIES * floats * 4),
      slacks: allocate(SCAN_QUERIES * 8),
      shifts: allocate(SCAN_QUERIES * 8),
      lengths: allocate(SCAN_QUERIES * 8),
      pending: allocate(4 * 4),
      pendingKeys: allocate(4 * 8),
      octets: allocate(SCAN_QUERIES * rowBytes * 2),
      octetNorms: allocate(SCAN_QUERIES * 4),
    };
    structs.push({ at: struct, fields: Object.values(fields) });
    boxDistances.push(fields.boxDistances);
    return { struct, ...fields };
  });

  return {
    shape,
    index,
    arrays,
    scratches,
    slots,
    rowBytes,
    queryKeys,
    totalBytes: arena.bytes,
    write: (memory) => {
      const integers = [...sizes, ...Object.values<number>({ ...arrays })];
      new Int32Array(memory, index + INDEX_NUMBERS * 8, integers.length).set(integers);
      for (const { at, fields } of structs) new Int32Array(memory, at, fields.length).set(fields);
      for (const at of boxDistances)
        new Int32Array(memory, at, paddedLeaves).fill(INT32_MAX, leaves);
      const order = new Int32Array(memory, arrays.order, slots);
      for (let slot = 0; slot < slots; slot++) order[slot] = slot;
    },
  };
}

/** Writes the numbers of the struct Index. */
export function writeNumbers(layout: Layout, memory: ArrayBufferLike, numbers: IndexNumbers): void {
  new Float64Array(memory, layout.index, INDEX_NUMBERS).set(Object.values<number>({ ...numbers }));
}

/** Writes the centre and the axes. */
export function writeEmbedding(
  { arrays, rowBytes, shape }: Layout,
  memory: ArrayBufferLike,
  { center, axes }: Embedding,
): void {
  new Int16Array(memory, arrays.center, shape.bytes).set(center);
  const length = Math.ceil(axes.rows / 8) * 8 * rowBytes;
  packPairs(axes, 8, rowBytes / 2, new Int16Array(memory, arrays.axisData, length));
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
