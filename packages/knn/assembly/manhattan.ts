/**
 * The hot loops of the search by Manhattan distance, in AssemblyScript (a subset of TypeScript that compiles to
 * WebAssembly with SIMD).
 *
 * It is not a library: no allocation, no state, no bounds checks. Every pointer comes from src/manhattan/layout.ts, which
 * writes the two structs below field by field, in this order. Rows and queries are bytes in units of one step; for floats
 * the bytes bound the distance (src/manhattan/steps.ts has the proof) and what they leave in doubt is measured in float64.
 *
 * One loop does nearly all of the work: |x - y| = x + y - 2 min(x, y), so that a distance is two sums known beforehand less
 * twice a sum of minima, three instructions for 16 columns.
 *
 * Compiled by `pnpm wasm` into src/generated/manhattan-wasm.ts, which is committed; a test of tooling/wasm compiles it again
 * and compares.
 */

/** Rows that stay in the second cache while all queries of a call pass by; a multiple of 4. */
const BLOCK: i32 = 128;
/** Sixteen-bit sums of pairs of bytes (510 at most) are widened after so many bytes: 64 * 510 < 2^16. */
const STRETCH: i32 = 64 * 16;
/** Above every bound of a real row, below the key of a padding row. */
const UNLIMITED: i32 = 1 << 29;

/** What all workers share: the rows. */
@unmanaged
class Index {
  /** Steps per unit of distance, a little enlarged: covers the rounding of float64 sums. */
  stepsPerUnit: f64;
  /** Padded to a multiple of 4. */
  rows: i32;
  /** Bytes of one row, padded with zeros to a multiple of 16. */
  rowBytes: i32;
  /** The first bytes, which every row is bounded by; a multiple of 16, at most STRETCH. */
  part: i32;
  /** Floats of one row, or 0 where the bytes are the rows themselves. */
  columns: i32;
  /** u8 [rows][rowBytes], columns of the widest spread first */
  data: usize;
  /** i32 [rows]: sum of the first part, less the slack; 2^30 for padding */
  keys: usize;
  /** i32 [rows]: sum of the rest */
  rests: usize;
  /** f32 [rows][columns], in the caller's order of columns */
  floats: usize;
}

/** What one worker owns, for as many queries as a call has, padded to an even number. */
@unmanaged
class Scratch {
  /** u8 [queries][rowBytes], f32 [queries][columns] */
  queries: usize;
  floats: usize;
  /** i32 [queries]: sum of the first part, sum of the rest, slack */
  parts: usize;
  rests: usize;
  slacks: usize;
  /** i32 [queries]: rows whose bound, less the query's own part, reaches this are out */
  limits: usize;
  /** f64 [queries][k], i32 [queries][k] */
  distances: usize;
  indices: usize;
  /** i32 [2], added to: rows whose bytes were compared to the end, rows measured in float64 */
  counts: usize;
}

/** The first `count` queries of the scratch: their k nearest rows, nearest first, equals by lower row. */
export function search(indexAt: usize, scratchAt: usize, count: i32, k: i32): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  for (let i = 0; i < count * k; i++) {
    store<f64>(scratch.distances + ((<usize>i) << 3), Infinity);
    store<i32>(scratch.indices + ((<usize>i) << 2), i32.MAX_VALUE);
  }
  for (let q = 0; q < count; q++) store<i32>(scratch.limits + ((<usize>q) << 2), UNLIMITED);
  // The partner of a last single query: nothing is below its limit.
  store<i32>(scratch.limits + ((<usize>count) << 2), i32.MIN_VALUE);
  for (let from = 0; from < index.rows; from += BLOCK) {
    const to = min(from + BLOCK, index.rows);
    for (let q = 0; q < count; q += 2) {
      for (let row = from; row < to; row += 4) tile(index, scratch, q, row, k);
    }
  }
}

/** Two queries against four rows: bounds by the first part, then what the bounds leave over. */
function tile(index: Index, scratch: Scratch, q: i32, row: i32, k: i32): void {
  const bytes = <usize>index.rowBytes;
  let t = index.data + <usize>row * bytes;
  let a = scratch.queries + <usize>q * bytes;
  const end = t + index.part;
  let a0 = i16x8.splat(0),
    a1 = i16x8.splat(0),
    a2 = i16x8.splat(0),
    a3 = i16x8.splat(0);
  let b0 = i16x8.splat(0),
    b1 = i16x8.splat(0),
    b2 = i16x8.splat(0),
    b3 = i16x8.splat(0);
  const t1 = bytes,
    t2 = bytes * 2,
    t3 = bytes * 3;
  while (t < end) {
    const x = v128.load(a),
      y = v128.load(a + bytes);
    let r = v128.load(t);
    a0 = i16x8.add(a0, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(x, r)));
    b0 = i16x8.add(b0, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(y, r)));
    r = v128.load(t + t1);
    a1 = i16x8.add(a1, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(x, r)));
    b1 = i16x8.add(b1, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(y, r)));
    r = v128.load(t + t2);
    a2 = i16x8.add(a2, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(x, r)));
    b2 = i16x8.add(b2, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(y, r)));
    r = v128.load(t + t3);
    a3 = i16x8.add(a3, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(x, r)));
    b3 = i16x8.add(b3, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(y, r)));
    a += 16;
    t += 16;
  }
  const at = (<usize>row) << 2;
  const keys = v128.load(index.keys + at),
    rests = v128.load(index.rests + at);
  const first = i32x4.sub(keys, i32x4.shl(sumsOf(a0, a1, a2, a3), 1));
  const second = i32x4.sub(keys, i32x4.shl(sumsOf(b0, b1, b2, b3), 1));
  follow(index, scratch, q, row, k, first, rests);
  follow(index, scratch, q + 1, row, k, second, rests);
}

/** Rows whose bound is below the limit are compared to the end. The sums of the rest cannot differ by more than it does. */
function follow(
  index: Index,
  scratch: Scratch,
  q: i32,
  row: i32,
  k: i32,
  parts: v128,
  rests: v128,
): void {
  const at = (<usize>q) << 2;
  const restOfQuery = load<i32>(scratch.rests + at);
  const bounds = i32x4.add(parts, i32x4.abs(i32x4.sub(rests, i32x4.splat(restOfQuery))));
  let bits = i32x4.bitmask(i32x4.lt_s(bounds, v128.load32_splat(scratch.limits + at)));
  while (bits) {
    const j = ctz(bits);
    bits &= bits - 1;
    const part = lane(parts, j),
      rest = lane(rests, j);
    finish(index, scratch, q, row + j, k, part + rest + restOfQuery);
  }
}

/** @param sums both rows' sums less twice the minima of the first part, less the row's slack and the query's own part. */
function finish(index: Index, scratch: Scratch, q: i32, row: i32, k: i32, sums: i32): void {
  const bytes = <usize>index.rowBytes,
    at = (<usize>q) << 2;
  const part = index.part;
  const score =
    sums -
    2 *
      minimaOf(
        scratch.queries + <usize>q * bytes + part,
        index.data + <usize>row * bytes + part,
        <i32>bytes - part,
      );
  store<i32>(scratch.counts, load<i32>(scratch.counts) + 1);
  if (score >= load<i32>(scratch.limits + at)) return;
  const queryPart = load<i32>(scratch.parts + at);
  let distance = <f64>(score + queryPart);
  const columns = index.columns;
  if (columns) {
    store<i32>(scratch.counts, load<i32>(scratch.counts, 4) + 1, 4);
    const floats = (<usize>columns) << 2;
    distance = exactDistance(
      scratch.floats + <usize>q * floats,
      index.floats + <usize>row * floats,
      columns,
    );
  }
  const distances = scratch.distances + ((<usize>(q * k)) << 3);
  const last = (<usize>(k - 1)) << 3;
  // Rows come in order: an equal one later is never before the worst.
  if (distance >= load<f64>(distances + last)) return;
  insert(distances, scratch.indices + ((<usize>(q * k)) << 2), k - 1, distance, row);
  const worst = load<f64>(distances + last);
  if (worst == Infinity) return;
  let steps = worst * index.stepsPerUnit;
  if (columns) steps = floor(steps) + 2;
  const limit = min(steps, <f64>UNLIMITED) + <f64>(load<i32>(scratch.slacks + at) - queryPart);
  store<i32>(scratch.limits + at, <i32>min(limit, <f64>UNLIMITED));
}

/** Sum of the smaller byte of each column; bytes is a multiple of 16. */
function minimaOf(a: usize, b: usize, bytes: i32): i32 {
  let wide = i32x4.splat(0);
  while (bytes > 0) {
    let narrow = i16x8.splat(0);
    const end = a + min(bytes, STRETCH);
    while (a < end) {
      const smaller = i8x16.min_u(v128.load(a), v128.load(b));
      narrow = i16x8.add(narrow, i16x8.extadd_pairwise_i8x16_u(smaller));
      a += 16;
      b += 16;
    }
    wide = i32x4.add(wide, i32x4.extadd_pairwise_i16x8_u(narrow));
    bytes -= STRETCH;
  }
  return (
    i32x4.extract_lane(wide, 0) +
    i32x4.extract_lane(wide, 1) +
    i32x4.extract_lane(wide, 2) +
    i32x4.extract_lane(wide, 3)
  );
}

/** The definition: float64, in column order. */
function exactDistance(a: usize, b: usize, columns: i32): f64 {
  let sum: f64 = 0;
  const end = a + ((<usize>columns) << 2);
  while (a < end) {
    sum += abs(<f64>load<f32>(a) - <f64>load<f32>(b));
    a += 4;
    b += 4;
  }
  return sum;
}

/** Four times eight unsigned 16-bit sums -> i32x4 of their totals. */
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const wideA = i32x4.extadd_pairwise_i16x8_u(a),
    wideB = i32x4.extadd_pairwise_i16x8_u(b);
  const wideC = i32x4.extadd_pairwise_i16x8_u(c),
    wideD = i32x4.extadd_pairwise_i16x8_u(d);
  const ab = i32x4.add(
    v128.shuffle<i32>(wideA, wideB, 0, 4, 1, 5),
    v128.shuffle<i32>(wideA, wideB, 2, 6, 3, 7),
  );
  const cd = i32x4.add(
    v128.shuffle<i32>(wideC, wideD, 0, 4, 1, 5),
    v128.shuffle<i32>(wideC, wideD, 2, 6, 3, 7),
  );
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** A lane by a number that is not known before. */
function lane(v: v128, i: i32): i32 {
  if (i == 0) return i32x4.extract_lane(v, 0);
  if (i == 1) return i32x4.extract_lane(v, 1);
  if (i == 2) return i32x4.extract_lane(v, 2);
  return i32x4.extract_lane(v, 3);
}

/** Sorted insertion behind equal keys; the entry at `free` is overwritten. */
function insert(keys: usize, rows: usize, free: i32, key: f64, row: i32): void {
  let p = free;
  while (p > 0) {
    const before = <usize>(p - 1);
    const other = load<f64>(keys + (before << 3));
    if (other <= key) break;
    store<f64>(keys + ((<usize>p) << 3), other);
    store<i32>(rows + ((<usize>p) << 2), load<i32>(rows + (before << 2)));
    p--;
  }
  store<f64>(keys + ((<usize>p) << 3), key);
  store<i32>(rows + ((<usize>p) << 2), row);
}
