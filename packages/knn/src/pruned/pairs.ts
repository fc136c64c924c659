/**
 * The layout in which the kernel multiplies int16 vectors: groups of vectors, within a group pairs of columns side by
 * side, [vectors / group][pairs][group][2]; what is missing is zero. And products of whole matrices in that layout.
 */
import { sharedMemory } from '../threads/memory.ts';
import { tileOn } from './tile.ts';

/** A row-major int16 matrix. */
export interface Int16Matrix {
  /** [rows * columns] */
  readonly data: Int16Array;
  readonly rows: number;
  readonly columns: number;
}

/** Packs into `out`, which holds ceil(rows / group) * pairs * group * 2 zeros; pairs >= columns / 2. */
export function packPairs(m: Int16Matrix, group: 4 | 8, pairs: number, out: Int16Array): void {
  const { data, rows, columns } = m;
  for (let r = 0; r < rows; r++) {
    const base = Math.floor(r / group) * pairs * group * 2 + (r % group) * 2;
    for (let c = 0; c < columns; c++) {
      out[base + (c >> 1) * group * 2 + (c & 1)] = data[r * columns + c]!;
    }
  }
}

/** A right factor, packed once for several products. */
export interface Packed {
  readonly data: Int16Array;
  readonly rows: number;
  readonly pairs: number;
}

export function packed(m: Int16Matrix): Packed {
  const pairs = Math.ceil(m.columns / 2);
  const data = new Int16Array(Math.ceil(m.rows / 8) * pairs * 16);
  packPairs(m, 8, pairs, data);
  return { data, rows: m.rows, pairs };
}

/** a [m, n] times b [l, n] transposed -> int32 [m, l]. The caller keeps the sums within int32. */
export function productOfRows(a: Int16Matrix, b: Packed): Int32Array {
  const { pairs } = b;
  const quads = Math.ceil(a.rows / 4);
  const octets = Math.ceil(b.rows / 8);
  const quadBytes = pairs * 16;
  const stride = octets * 32;
  const bAt = quads * quadBytes;
  const outAt = bAt + octets * pairs * 32;
  const memory = sharedMemory(outAt + quads * 4 * stride);
  packPairs(a, 4, pairs, new Int16Array(memory.buffer, 0, quads * pairs * 8));
  new Int16Array(memory.buffer, bAt, b.data.length).set(b.data);
  const tile = tileOn(memory);
  for (let q = 0; q < quads; q++)
    tile(q * quadBytes, bAt, octets, pairs, outAt + q * 4 * stride, stride);
  const products = new Int32Array(memory.buffer, outAt, quads * 4 * octets * 8);
  const out = new Int32Array(a.rows * b.rows);
  for (let r = 0; r < a.rows; r++) {
    out.set(products.subarray(r * octets * 8, r * octets * 8 + b.rows), r * b.rows);
  }
  return out;
}

export function transposedInt16({ data, rows, columns }: Int16Matrix): Int16Matrix {
  const out = new Int16Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  }
  return { data: out, rows: columns, columns: rows };
}
