/** Products of int16 vectors, and the layout they want: pairs of columns side by side. */

/**
 * Four vectors against eight at a time, int16 [pairs][4][2] against [groups][pairs][8][2]; writes int32, rows of
 * `stride` bytes.
 */
export function tile(
  quad: usize,
  octets: usize,
  groups: i32,
  pairs: i32,
  out: usize,
  stride: i32,
): void {
  for (let g = 0; g < groups; g++) {
    let a00 = i32x4.splat(0),
      a01 = i32x4.splat(0),
      a10 = i32x4.splat(0),
      a11 = i32x4.splat(0);
    let a20 = i32x4.splat(0),
      a21 = i32x4.splat(0),
      a30 = i32x4.splat(0),
      a31 = i32x4.splat(0);
    let q = quad;
    for (let p = 0; p < pairs; p++) {
      const t0 = v128.load(octets),
        t1 = v128.load(octets, 16);
      octets += 32;
      let b = v128.load32_splat(q);
      a00 = i32x4.add(a00, i32x4.dot_i16x8_s(t0, b));
      a01 = i32x4.add(a01, i32x4.dot_i16x8_s(t1, b));
      b = v128.load32_splat(q, 4);
      a10 = i32x4.add(a10, i32x4.dot_i16x8_s(t0, b));
      a11 = i32x4.add(a11, i32x4.dot_i16x8_s(t1, b));
      b = v128.load32_splat(q, 8);
      a20 = i32x4.add(a20, i32x4.dot_i16x8_s(t0, b));
      a21 = i32x4.add(a21, i32x4.dot_i16x8_s(t1, b));
      b = v128.load32_splat(q, 12);
      a30 = i32x4.add(a30, i32x4.dot_i16x8_s(t0, b));
      a31 = i32x4.add(a31, i32x4.dot_i16x8_s(t1, b));
      q += 16;
    }
    store256(out, a00, a01);
    store256(out + stride, a10, a11);
    store256(out + 2 * stride, a20, a21);
    store256(out + 3 * stride, a30, a31);
    out += 32;
  }
}

function store256(out: usize, a: v128, b: v128): void {
  v128.store(out, a);
  v128.store(out, b, 16);
}

/** u8 [4][bytes] less the centre -> i16 [bytes / 2][4][2], and the squared length of each. */
export function packQuad(
  source: usize,
  bytes: i32,
  center: usize,
  quad: usize,
  norms: usize,
): void {
  let n0 = i32x4.splat(0),
    n1 = i32x4.splat(0),
    n2 = i32x4.splat(0),
    n3 = i32x4.splat(0);
  const s1 = source + bytes,
    s2 = s1 + bytes,
    s3 = s2 + bytes;
  for (let c = 0; c < bytes; c += 8) {
    const mid = v128.load(center + (c << 1));
    const x0 = i16x8.sub(v128.load_ext<u8>(source + c), mid);
    const x1 = i16x8.sub(v128.load_ext<u8>(s1 + c), mid);
    const x2 = i16x8.sub(v128.load_ext<u8>(s2 + c), mid);
    const x3 = i16x8.sub(v128.load_ext<u8>(s3 + c), mid);
    n0 = i32x4.add(n0, i32x4.dot_i16x8_s(x0, x0));
    n1 = i32x4.add(n1, i32x4.dot_i16x8_s(x1, x1));
    n2 = i32x4.add(n2, i32x4.dot_i16x8_s(x2, x2));
    n3 = i32x4.add(n3, i32x4.dot_i16x8_s(x3, x3));
    // A 4 x 4 transpose of pairs.
    const lo01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5),
      hi01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
    const lo23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5),
      hi23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
    v128.store(quad, v128.shuffle<i64>(lo01, lo23, 0, 2));
    v128.store(quad, v128.shuffle<i64>(lo01, lo23, 1, 3), 16);
    v128.store(quad, v128.shuffle<i64>(hi01, hi23, 0, 2), 32);
    v128.store(quad, v128.shuffle<i64>(hi01, hi23, 1, 3), 48);
    quad += 64;
  }
  store<i32>(norms, sumOfLanes(n0));
  store<i32>(norms, sumOfLanes(n1), 4);
  store<i32>(norms, sumOfLanes(n2), 8);
  store<i32>(norms, sumOfLanes(n3), 12);
}

export function sumOfLanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) +
    i32x4.extract_lane(v, 1) +
    i32x4.extract_lane(v, 2) +
    i32x4.extract_lane(v, 3)
  );
}
