/** Floats -> bytes in units of one step, and how far that moved them (src/floats/steps.ts has the proof). */
import { squaredLength } from './exact';
import { COSINE, EUCLIDEAN, INNER_PRODUCT, Index, Scratch } from './structs';

/** Covers what float64 adds on the way. */
const SLACK: f64 = 0.00390625;

/** The lengths of rows [from, to). */
export function lengths(indexAt: usize, from: i32, to: i32): void {
  const index = changetype<Index>(indexAt);
  const bytes = (<usize>index.columns) << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const squared = squaredLength(index.floats + row * bytes, index.columns);
    store<f64>(index.lengths + (row << 3), sqrt(squared));
  }
}

/** The bytes of the rows in slots [from, to), and their slacks. */
export function quantiseRows(indexAt: usize, from: i32, to: i32): void {
  const index = changetype<Index>(indexAt);
  for (let slot = <usize>from; slot < <usize>min(to, index.count); slot++) {
    const row = <usize>load<i32>(index.order + (slot << 2));
    const length = index.metric == EUCLIDEAN ? 0 : load<f64>(index.lengths + (row << 3));
    const extra = sqrt(max(0, index.longest - length * length));
    const source = index.floats + row * ((<usize>index.columns) << 2);
    const slack = quantise(index, source, length, extra, index.data + slot * index.rowBytes);
    store<f32>(index.slacks + (slot << 2), <f32>slack);
  }
}

/** The bytes of the first `count` queries of the scratch. @param relative what float64 sums err by, of their terms */
export function quantiseQueries(indexAt: usize, scratchAt: usize, count: i32, relative: f64): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  for (let q: usize = 0; q < <usize>count; q++) {
    const source = scratch.floats + q * ((<usize>index.columns) << 2);
    const squared = squaredLength(source, index.columns);
    const length = sqrt(squared);
    const slack = quantise(index, source, length, 0, scratch.queries + q * index.rowBytes);
    store<f64>(scratch.slacks + (q << 3), slack);
    store<f64>(scratch.lengths + (q << 3), length);
    let shift: f64 = 0;
    if (index.metric == COSINE) shift = 8 * relative;
    if (index.metric == INNER_PRODUCT) {
      const both = length + sqrt(index.longest);
      shift = squared + index.longest + relative * both * both;
    }
    store<f64>(scratch.shifts + (q << 3), shift);
  }
}

/** @param extra of the inner product: the coordinate that makes all rows equally long @returns the slack */
function quantise(index: Index, source: usize, length: f64, extra: f64, out: usize): f64 {
  const steps = index.stepsPerUnit;
  let scale = steps;
  if (index.metric == COSINE) scale = length > 0 ? steps / length : 0;
  const scales = f64x2.splat(scale);
  let moved = f64x2.splat(0);
  let low = index.lows;
  const columns = index.columns;
  for (let c = 0; c < columns; c += 4) {
    const x = v128.load(source);
    const s = clipped(f64x2.sub(f64x2.mul(f64x2.promote_low_f32x4(x), scales), v128.load(low)));
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
    const t = clipped(f64x2.sub(f64x2.mul(high, scales), v128.load(low, 16)));
    const bs = f64x2.nearest(s),
      bt = f64x2.nearest(t);
    const ds = f64x2.sub(s, bs),
      dt = f64x2.sub(t, bt);
    moved = f64x2.add(moved, f64x2.add(f64x2.mul(ds, ds), f64x2.mul(dt, dt)));
    const words = v128.shuffle<i64>(
      i32x4.trunc_sat_f64x2_u_zero(bs),
      i32x4.trunc_sat_f64x2_u_zero(bt),
      0,
      2,
    );
    const narrow = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(words, words), words);
    store<i32>(out + c, i32x4.extract_lane(narrow, 0));
    source += 16;
    low += 32;
  }
  let sum = f64x2.extract_lane(moved, 0) + f64x2.extract_lane(moved, 1);
  if (index.metric == INNER_PRODUCT) {
    const at = <usize>index.extra;
    const s = min(255, max(0, extra * steps - load<f64>(index.lows + (at << 3))));
    const b = nearest(s);
    sum += (s - b) * (s - b);
    store<u8>(out + at, <u8>b);
  }
  return sqrt(sum) * (1 + 1e-6) + SLACK;
}

function clipped(s: v128): v128 {
  return f64x2.pmin(f64x2.splat(255), f64x2.pmax(f64x2.splat(0), s));
}
