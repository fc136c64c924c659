/** Keys of float rows by their definition: float64 sums in the order of the columns. */
import { COSINE, EUCLIDEAN, Index, Scratch } from './structs';

/** Of the rows in scratch.pending, `count` of at most 4, with one query. Four sums side by side: each waits for itself only. */
export function exactQuad(index: Index, scratch: Scratch, q: i32, count: i32): void {
  const columns = index.columns,
    bytes = (<usize>columns) << 2;
  const rows = index.floats;
  const first = load<i32>(scratch.pending);
  const a = rows + <usize>first * bytes;
  const b = rows + <usize>(count > 1 ? load<i32>(scratch.pending, 4) : first) * bytes;
  const c = rows + <usize>(count > 2 ? load<i32>(scratch.pending, 8) : first) * bytes;
  const d = rows + <usize>(count > 3 ? load<i32>(scratch.pending, 12) : first) * bytes;
  const query = scratch.floats + <usize>q * bytes;
  const products = index.metric != EUCLIDEAN;
  let ab = f64x2.splat(0),
    cd = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(query + i);
    const ra = v128.load(a + i),
      rb = v128.load(b + i),
      rc = v128.load(c + i),
      rd = v128.load(d + i);
    const x01 = v128.shuffle<i32>(x, x, 0, 0, 1, 1),
      x23 = v128.shuffle<i32>(x, x, 2, 2, 3, 3);
    const ab01 = v128.shuffle<i32>(ra, rb, 0, 4, 1, 5),
      ab23 = v128.shuffle<i32>(ra, rb, 2, 6, 3, 7);
    const cd01 = v128.shuffle<i32>(rc, rd, 0, 4, 1, 5),
      cd23 = v128.shuffle<i32>(rc, rd, 2, 6, 3, 7);
    ab = add(ab, f64x2.promote_low_f32x4(x01), f64x2.promote_low_f32x4(ab01), products);
    cd = add(cd, f64x2.promote_low_f32x4(x01), f64x2.promote_low_f32x4(cd01), products);
    ab = add(ab, high(x01), high(ab01), products);
    cd = add(cd, high(x01), high(cd01), products);
    ab = add(ab, f64x2.promote_low_f32x4(x23), f64x2.promote_low_f32x4(ab23), products);
    cd = add(cd, f64x2.promote_low_f32x4(x23), f64x2.promote_low_f32x4(cd23), products);
    ab = add(ab, high(x23), high(ab23), products);
    cd = add(cd, high(x23), high(cd23), products);
  }
  const keys = scratch.pendingKeys;
  v128.store(keys, ab);
  v128.store(keys, cd, 16);
  if (!products) return;
  const length = load<f64>(scratch.lengths + ((<usize>q) << 3));
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = keys + (i << 3);
    const product = load<f64>(at);
    if (index.metric == COSINE) {
      const row = <usize>load<i32>(scratch.pending + (i << 2));
      const both = length * load<f64>(index.lengths + (row << 3));
      store<f64>(at, both > 0 ? min(2, max(0, 1 - product / both)) : 1);
    } else {
      // Not its negative, so that nothing is minus zero.
      store<f64>(at, 0 - product);
    }
  }
}

function add(sum: v128, x: v128, y: v128, products: bool): v128 {
  if (products) return f64x2.add(sum, f64x2.mul(x, y));
  const difference = f64x2.sub(x, y);
  return f64x2.add(sum, f64x2.mul(difference, difference));
}

function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}

/** The squared length of a row, in the order of the columns. */
export function squaredLength(row: usize, columns: i32): f64 {
  let sum: f64 = 0;
  const end = row + ((<usize>columns) << 2);
  for (; row < end; row += 4) {
    const x = <f64>load<f32>(row);
    sum += x * x;
  }
  return sum;
}
