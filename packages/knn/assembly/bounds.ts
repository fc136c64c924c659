/** Lower bounds of squared distances, in embedding units, and the distance itself. All of it in integers. */
import { sumOfLanes } from './product';
import { COARSE, HALF, LEAF } from './structs';

/**
 * From one vector to each box: the squares of how far it lies outside, coordinate by coordinate. Saturation can only make
 * a distance smaller, so it stays a bound.
 */
export function boxDistances(query: usize, boxes: usize, leaves: i32, out: usize): void {
  const q0 = v128.load(query),
    q1 = v128.load(query, 16),
    q2 = v128.load(query, 32),
    q3 = v128.load(query, 48);
  for (let leaf = 0; leaf < leaves; leaf++) {
    let s0 = square(outside(q0, v128.load(boxes), v128.load(boxes, 64)));
    let s1 = square(outside(q1, v128.load(boxes, 16), v128.load(boxes, 80)));
    s0 = i32x4.add(s0, square(outside(q2, v128.load(boxes, 32), v128.load(boxes, 96))));
    s1 = i32x4.add(s1, square(outside(q3, v128.load(boxes, 48), v128.load(boxes, 112))));
    store<i32>(out + (leaf << 2), sumOfLanes(i32x4.add(s0, s1)));
    boxes += COARSE * 4;
  }
}

function outside(q: v128, least: v128, greatest: v128): v128 {
  const beyond = i16x8.max_s(i16x8.sub_sat_s(least, q), i16x8.sub_sat_s(q, greatest));
  return i16x8.max_s(beyond, i16x8.splat(0));
}

function square(d: v128): v128 {
  return i32x4.dot_i16x8_s(d, d);
}

/** The rows of one leaf: squared coarse distance less the query's own norm. */
export function leafScores(query: usize, leaf: usize, norms: usize, out: usize): void {
  let a0 = i32x4.splat(0),
    a1 = i32x4.splat(0),
    a2 = i32x4.splat(0),
    a3 = i32x4.splat(0);
  let a4 = i32x4.splat(0),
    a5 = i32x4.splat(0),
    a6 = i32x4.splat(0),
    a7 = i32x4.splat(0);
  for (let p = 0; p < COARSE / 2; p++) {
    const b = v128.load32_splat(query);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(b, v128.load(leaf)));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(b, v128.load(leaf, 16)));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(b, v128.load(leaf, 32)));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(b, v128.load(leaf, 48)));
    a4 = i32x4.add(a4, i32x4.dot_i16x8_s(b, v128.load(leaf, 64)));
    a5 = i32x4.add(a5, i32x4.dot_i16x8_s(b, v128.load(leaf, 80)));
    a6 = i32x4.add(a6, i32x4.dot_i16x8_s(b, v128.load(leaf, 96)));
    a7 = i32x4.add(a7, i32x4.dot_i16x8_s(b, v128.load(leaf, 112)));
    query += 4;
    leaf += LEAF * 4;
  }
  storeScore(out, norms, a0);
  storeScore(out + 16, norms + 16, a1);
  storeScore(out + 32, norms + 32, a2);
  storeScore(out + 48, norms + 48, a3);
  storeScore(out + 64, norms + 64, a4);
  storeScore(out + 80, norms + 80, a5);
  storeScore(out + 96, norms + 96, a6);
  storeScore(out + 112, norms + 112, a7);
}

function storeScore(out: usize, norms: usize, product: v128): void {
  v128.store(out, i32x4.sub(v128.load(norms), i32x4.shl(product, 1)));
}

/** Squared distance of two halves of a fine embedding. */
export function halfDistance(a: usize, b: usize): i32 {
  let s0 = i32x4.splat(0),
    s1 = i32x4.splat(0);
  for (let c = 0; c < HALF * 2; c += 32) {
    s0 = i32x4.add(s0, square(i16x8.sub(v128.load(a + c), v128.load(b + c))));
    s1 = i32x4.add(s1, square(i16x8.sub(v128.load(a + c, 16), v128.load(b + c, 16))));
  }
  return sumOfLanes(i32x4.add(s0, s1));
}

/** The square of the difference in the last coordinate of the first half: what its rest adds to the distance. */
export function restSquared(a: usize, b: usize): i32 {
  const d = <i32>load<i16>(a, HALF * 2 - 2) - <i32>load<i16>(b, HALF * 2 - 2);
  return d * d;
}

/** Squared distance of two u8 rows; bytes is a multiple of 16. Exact: the caller keeps it below 2^31. */
export function exactDistance(a: usize, b: usize, bytes: i32): i32 {
  let s0 = i32x4.splat(0),
    s1 = i32x4.splat(0);
  const end = a + bytes;
  while (a < end) {
    const x = v128.load(a),
      y = v128.load(b);
    // |x - y|: one of the two saturating differences is 0.
    const d = v128.or(i8x16.sub_sat_u(x, y), i8x16.sub_sat_u(y, x));
    s0 = i32x4.add(s0, square(i16x8.extend_low_i8x16_u(d)));
    s1 = i32x4.add(s1, square(i16x8.extend_high_i8x16_u(d)));
    a += 16;
    b += 16;
  }
  return sumOfLanes(i32x4.add(s0, s1));
}

/** Reads one word of every cache line, so that all lines are on their way at once. */
export function touch(at: usize, bytes: i32): i32 {
  let x = 0;
  for (let c = 0; c < bytes; c += 64) x |= load<i32>(at + c);
  return x;
}
