/**
 * The hot loops of the pruned search, in AssemblyScript (a subset of TypeScript that compiles to WebAssembly with SIMD).
 *
 * It is not a library: no allocation, no state, no bounds checks. Every pointer comes from src/pruned/layout.ts, which
 * writes the two structs below field by field, in this order. All arithmetic that decides is on integers; the few
 * float64 steps are covered by the margins (src/pruned/embedding.ts has the proof).
 *
 * Compiled by `pnpm wasm` into src/generated/kernel-wasm.ts, which is committed; test/wasm.test.ts compiles it again
 * and compares.
 */

/** Largest int16: the score of a row that must never come up (padding, or already measured). */
const NEVER: i32 = 32767;
/** How many hits are bounded before the survivors among them are measured. */
const BATCH: i32 = 64;
/** How many survivors are fetched at once: eight rows of a kilobyte fit the first cache. */
const GROUP: i32 = 8;

/** What all workers share: the rows and their embeddings. */
@unmanaged
class Index {
  /** Embedding units per unit of distance. */
  unit: f64;
  /** Embedding units per unit of the integer product with an axis. */
  axisUnit: f64;
  /** How far a coarse or fine distance may exceed the true one, in embedding units. */
  coarseMargin: f64;
  fineMargin: f64;
  /** Padded to a multiple of 16. */
  rows: i32;
  /** Bytes of one row, padded with zeros to a multiple of 16. */
  rowBytes: i32;
  /** Embedding sizes; coarse is even, fine a multiple of 16 or 0 where there is no fine step. */
  coarse: i32;
  fine: i32;
  /** Axes padded to a multiple of 8. */
  axes: i32;
  /** Coarse scores are kept as int16 after this shift. */
  shift: i32;
  /** u8 [rows][rowBytes] */
  data: usize;
  /** i16 [rowBytes] */
  center: usize;
  /** i16 [axes / 8][rowBytes / 2][8][2] */
  axisData: usize;
  /** i16 [rows / 8][coarse / 2][8][2] */
  coarseData: usize;
  /** i32 [rows]: squared length of the coarse embedding; int32's largest for padding */
  coarseNorms: usize;
  /** i16 [rows][fine] */
  fineData: usize;
}

/** What one worker owns. */
@unmanaged
class Scratch {
  /** u8 [queries, padded to 4][rowBytes] */
  queries: usize;
  /** i16 [rowBytes / 2][4][2]: four centred rows, pairs of columns side by side */
  quad: usize;
  /** i32 [4]: their squared lengths */
  quadNorms: usize;
  /** i32 [4][axes]: their products with the axes */
  products: usize;
  /** The same as the index's, for four queries: i16 [coarse / 2][4][2], i32 [4], i16 [4][fine] */
  coarseData: usize;
  coarseNorms: usize;
  fineData: usize;
  /** i16 [4][rows] */
  scores: usize;
  /** i32 [rows]: rows whose coarse bound does not rule them out */
  hits: usize;
  /** i32 [BATCH] */
  survivors: usize;
  /** i32 [candidates] twice: scores and rows of the first guess */
  candidateScores: usize;
  candidateRows: usize;
  /** i32 [queries][k] */
  distances: usize;
  indices: usize;
  /** i32 [2], added to: rows bounded finely, rows measured */
  counts: usize;
}

/**
 * Four vectors against eight at a time, int16 [pairs][4][2] against [groups][pairs][8][2]. With shift < 0 writes the
 * products as int32, otherwise (norm - 2 * product) >> shift as int16: the squared distance less the query's own norm.
 */
export function tile(
  quad: usize,
  octets: usize,
  norms: usize,
  groups: i32,
  pairs: i32,
  out: usize,
  stride: i32,
  shift: i32,
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
    if (shift < 0) {
      storeWide(out, a00, a01);
      storeWide(out + stride, a10, a11);
      storeWide(out + 2 * stride, a20, a21);
      storeWide(out + 3 * stride, a30, a31);
      out += 32;
    } else {
      const n0 = v128.load(norms),
        n1 = v128.load(norms, 16);
      norms += 32;
      storeNarrow(out, n0, n1, a00, a01, shift);
      storeNarrow(out + stride, n0, n1, a10, a11, shift);
      storeNarrow(out + 2 * stride, n0, n1, a20, a21, shift);
      storeNarrow(out + 3 * stride, n0, n1, a30, a31, shift);
      out += 16;
    }
  }
}

function storeWide(out: usize, a: v128, b: v128): void {
  v128.store(out, a);
  v128.store(out, b, 16);
}

function storeNarrow(out: usize, n0: v128, n1: v128, a: v128, b: v128, shift: i32): void {
  const s0 = i32x4.shr_s(i32x4.sub(n0, i32x4.shl(a, 1)), shift);
  const s1 = i32x4.shr_s(i32x4.sub(n1, i32x4.shl(b, 1)), shift);
  v128.store(out, i16x8.narrow_i32x4_s(s0, s1));
}

/** Embeds rows [from, to) of the index; both are multiples of 8. */
export function embedRows(indexAt: usize, scratchAt: usize, from: i32, to: i32): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  for (let row = from; row < to; row += 4) {
    embedQuad(
      index,
      scratch,
      index.data + <usize>row * index.rowBytes,
      // Row r of a group of eight: [r / 8][coarse / 2][r % 8][2].
      index.coarseData + ((<usize>(row >> 3) * index.coarse) << 4) + ((row & 7) << 2),
      32,
      index.coarseNorms + ((<usize>row) << 2),
      index.fineData + ((<usize>row * index.fine) << 1),
    );
  }
}

/** The first `count` queries of the scratch: their k nearest rows, nearest first, equals by lower row. */
export function search(
  indexAt: usize,
  scratchAt: usize,
  count: i32,
  k: i32,
  candidates: i32,
): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  const stride = index.rows << 1;
  for (let first = 0; first < count; first += 4) {
    const queries = scratch.queries + <usize>first * index.rowBytes;
    embedQuad(
      index,
      scratch,
      queries,
      scratch.coarseData,
      16,
      scratch.coarseNorms,
      scratch.fineData,
    );
    tile(
      scratch.coarseData,
      index.coarseData,
      index.coarseNorms,
      index.rows >> 3,
      index.coarse >> 1,
      scratch.scores,
      stride,
      index.shift,
    );
    const end = min(4, count - first);
    for (let i = 0; i < end; i++) {
      const at = (<usize>((first + i) * k)) << 2;
      searchOne(
        index,
        scratch,
        first + i,
        i,
        k,
        candidates,
        scratch.distances + at,
        scratch.indices + at,
      );
    }
  }
}

/**
 * Four rows -> their embeddings: product with each axis in embedding units, rounded, and as the last coordinate the
 * length of what the axes leave over. `step` is the byte distance from one pair of coarse coordinates to the next.
 */
function embedQuad(
  index: Index,
  scratch: Scratch,
  source: usize,
  coarseOut: usize,
  step: usize,
  normsOut: usize,
  fineOut: usize,
): void {
  packQuad(source, index.rowBytes, index.center, scratch.quad, scratch.quadNorms);
  const axes = index.axes;
  tile(
    scratch.quad,
    index.axisData,
    0,
    axes >> 3,
    index.rowBytes >> 1,
    scratch.products,
    axes << 2,
    -1,
  );
  const coarse = index.coarse,
    fine = index.fine,
    axisUnit = index.axisUnit;
  for (let r = 0; r < 4; r++) {
    const products = scratch.products + ((r * axes) << 2);
    const length = index.unit * index.unit * <f64>load<i32>(scratch.quadNorms + (r << 2));
    let rest = length,
      norm = 0;
    for (let c = 0; c < coarse; c++) {
      let x = axisUnit * <f64>load<i32>(products + (c << 2));
      if (c == coarse - 1) x = sqrt(max(0, rest));
      else rest -= x * x;
      const rounded = <i32>nearest(x);
      norm += rounded * rounded;
      store<i16>(coarseOut + (r << 2) + <usize>(c >> 1) * step + ((c & 1) << 1), <i16>rounded);
    }
    store<i32>(normsOut + (r << 2), norm);
    rest = length;
    for (let c = 0; c < fine; c++) {
      let x = axisUnit * <f64>load<i32>(products + (c << 2));
      if (c == fine - 1) x = sqrt(max(0, rest));
      else rest -= x * x;
      store<i16>(fineOut + ((r * fine + c) << 1), <i16>nearest(x));
    }
  }
}

/** u8 [4][bytes] less the centre -> i16 [bytes / 2][4][2], and the squared length of each. */
function packQuad(source: usize, bytes: i32, center: usize, quad: usize, norms: usize): void {
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

function searchOne(
  index: Index,
  scratch: Scratch,
  query: i32,
  slot: i32,
  k: i32,
  candidates: i32,
  distances: usize,
  indices: usize,
): void {
  const bytes = index.rowBytes,
    data = index.data,
    rows = index.rows;
  const fineBytes = index.fine << 1,
    fineData = index.fineData;
  const q = scratch.queries + <usize>query * bytes;
  const fineQuery = scratch.fineData + <usize>slot * fineBytes;
  const queryNorm = load<i32>(scratch.coarseNorms + (slot << 2));
  const scores = scratch.scores + ((<usize>slot * rows) << 1);
  for (let i = 0; i < k; i++) {
    store<i32>(distances + (i << 2), i32.MAX_VALUE);
    store<i32>(indices + (i << 2), i32.MAX_VALUE);
  }

  // First guess: the rows that look nearest. Their true distances make the threshold that rules out the others.
  let measured = 0;
  const guessed = smallest(
    scores,
    rows,
    candidates,
    scratch.candidateScores,
    scratch.candidateRows,
  );
  for (let i = 0; i < guessed; i++) {
    const row = load<i32>(scratch.candidateRows + (i << 2));
    store<i16>(scores + (row << 1), <i16>NEVER);
    offer(distances, indices, k, exactDistance(q, data + <usize>row * bytes, bytes), row);
    measured++;
  }

  const last = (k - 1) << 2;
  let worst = load<i32>(distances + last);
  const hits = scratch.hits,
    survivors = scratch.survivors;
  const count = collect(scores, rows, narrowLimit(index, worst, queryNorm), hits);
  let limit = limitFor(worst, index.unit, index.fineMargin);
  let touched = 0;
  for (let from = 0; from < count; from += BATCH) {
    const to = min(from + BATCH, count);
    // Rows lie far apart in memory. Asking for a whole batch first lets the waits overlap.
    if (fineBytes) {
      for (let i = from; i < to; i++)
        touched |= touch(fineData + <usize>load<i32>(hits + (i << 2)) * fineBytes, fineBytes);
    }
    let kept = 0;
    for (let i = from; i < to; i++) {
      const row = load<i32>(hits + (i << 2));
      if (
        fineBytes == 0 ||
        fineDistance(fineQuery, fineData + <usize>row * fineBytes, fineBytes) <= limit
      ) {
        store<i32>(survivors + (kept << 2), row);
        kept++;
      }
    }
    for (let i = 0; i < kept; i += GROUP) {
      const end = min(i + GROUP, kept);
      for (let j = i; j < end; j++)
        touched |= touch(data + <usize>load<i32>(survivors + (j << 2)) * bytes, bytes);
      for (let j = i; j < end; j++) {
        const row = load<i32>(survivors + (j << 2));
        offer(distances, indices, k, exactDistance(q, data + <usize>row * bytes, bytes), row);
      }
    }
    measured += kept;
    const now = load<i32>(distances + last);
    if (now < worst) {
      worst = now;
      limit = limitFor(worst, index.unit, index.fineMargin);
    }
  }
  const counts = scratch.counts;
  store<i32>(counts, load<i32>(counts) + count);
  store<i32>(counts, load<i32>(counts, 4) + measured, 4);
  // Written, so that the compiler keeps the loads that fetch ahead.
  store<i32>(survivors, touched);
}

/** The greatest squared embedding distance that a row at true squared distance <= worst can have. */
function limitFor(worst: i32, unit: f64, margin: f64): i32 {
  if (worst == i32.MAX_VALUE) return i32.MAX_VALUE;
  const reach = unit * sqrt(<f64>worst) + margin;
  return <i32>min(ceil(reach * reach) + 1, 2147483647);
}

/** The same as a limit on the shifted int16 scores, which lack the query's own norm. Padding stays above it. */
function narrowLimit(index: Index, worst: i32, queryNorm: i32): i32 {
  const limit = <i64>limitFor(worst, index.unit, index.coarseMargin) - queryNorm;
  return <i32>min(limit >> index.shift, <i64>(NEVER - 1));
}

/** The m smallest scores below NEVER, ascending, equals by lower row. Returns how many there are. */
function smallest(scores: usize, rows: i32, m: i32, outScores: usize, outRows: usize): i32 {
  for (let i = 0; i < m; i++) store<i32>(outScores + (i << 2), NEVER);
  let worst = NEVER,
    found = 0;
  let worsts = i16x8.splat(<i16>worst);
  for (let i = 0; i < rows; i += 16) {
    const p = scores + ((<usize>i) << 1);
    const m0 = i16x8.lt_s(v128.load(p), worsts),
      m1 = i16x8.lt_s(v128.load(p, 16), worsts);
    if (v128.any_true(v128.or(m0, m1))) {
      let bits = i8x16.bitmask(i8x16.narrow_i16x8_s(m0, m1));
      while (bits) {
        const j = ctz(bits);
        bits &= bits - 1;
        const score = <i32>load<i16>(p + (j << 1));
        if (score < worst) {
          insert(outScores, outRows, min(found, m - 1), score, i + j);
          if (found < m) found++;
          worst = load<i32>(outScores + ((m - 1) << 2));
        }
      }
      worsts = i16x8.splat(<i16>worst);
    }
  }
  return found;
}

/** Rows with a score up to the limit, in row order. Returns how many. */
function collect(scores: usize, rows: i32, limit: i32, out: usize): i32 {
  const limits = i16x8.splat(<i16>limit);
  const start = out;
  if (limit < -32768) return 0;
  for (let i = 0; i < rows; i += 16) {
    const p = scores + ((<usize>i) << 1);
    const m0 = i16x8.le_s(v128.load(p), limits),
      m1 = i16x8.le_s(v128.load(p, 16), limits);
    if (v128.any_true(v128.or(m0, m1))) {
      let bits = i8x16.bitmask(i8x16.narrow_i16x8_s(m0, m1));
      while (bits) {
        store<i32>(out, i + ctz(bits));
        out += 4;
        bits &= bits - 1;
      }
    }
  }
  return <i32>((out - start) >> 2);
}

/** Takes a row into the k best if it belongs there: by distance, equals by lower row. */
function offer(distances: usize, indices: usize, k: i32, distance: i32, row: i32): void {
  const last = (k - 1) << 2;
  const worst = load<i32>(distances + last);
  if (distance < worst || (distance == worst && row < load<i32>(indices + last))) {
    insert(distances, indices, k - 1, distance, row);
  }
}

/** Sorted insertion; the entry at `free` is overwritten. */
function insert(keys: usize, rows: usize, free: i32, key: i32, row: i32): void {
  let p = free;
  while (p > 0) {
    const before = (p - 1) << 2;
    const other = load<i32>(keys + before);
    if (other < key || (other == key && load<i32>(rows + before) < row)) break;
    store<i32>(keys + (p << 2), other);
    store<i32>(rows + (p << 2), load<i32>(rows + before));
    p--;
  }
  store<i32>(keys + (p << 2), key);
  store<i32>(rows + (p << 2), row);
}

/** Reads one word of every cache line, so that all lines are on their way at once. */
function touch(at: usize, bytes: i32): i32 {
  let x = 0;
  for (let c = 0; c < bytes; c += 64) x |= load<i32>(at + c);
  return x;
}

/** Squared distance of two u8 rows; bytes is a multiple of 16. Exact: the caller keeps it below 2^31. */
function exactDistance(a: usize, b: usize, bytes: i32): i32 {
  let s0 = i32x4.splat(0),
    s1 = i32x4.splat(0);
  const end = a + bytes;
  while (a < end) {
    const x = v128.load(a),
      y = v128.load(b);
    // |x - y|: one of the two saturating differences is 0.
    const d = v128.or(i8x16.sub_sat_u(x, y), i8x16.sub_sat_u(y, x));
    const lo = i16x8.extend_low_i8x16_u(d),
      hi = i16x8.extend_high_i8x16_u(d);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(lo, lo));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(hi, hi));
    a += 16;
    b += 16;
  }
  return sumOfLanes(i32x4.add(s0, s1));
}

/** Squared distance of two i16 embeddings; bytes is a multiple of 32. */
function fineDistance(a: usize, b: usize, bytes: i32): i32 {
  let s0 = i32x4.splat(0),
    s1 = i32x4.splat(0);
  const end = a + bytes;
  while (a < end) {
    const d0 = i16x8.sub(v128.load(a), v128.load(b)),
      d1 = i16x8.sub(v128.load(a, 16), v128.load(b, 16));
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(d0, d0));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(d1, d1));
    a += 32;
    b += 32;
  }
  return sumOfLanes(i32x4.add(s0, s1));
}

function sumOfLanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) +
    i32x4.extract_lane(v, 1) +
    i32x4.extract_lane(v, 2) +
    i32x4.extract_lane(v, 3)
  );
}
