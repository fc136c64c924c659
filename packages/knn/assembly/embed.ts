/** Rows and queries -> their coordinates (src/pruned/embedding.ts says what they are). */
import { packQuad, tile } from './product';
import { COARSE, HALF, Index, KEYS, LEAF, Scratch } from './structs';

/**
 * The first KEYS coordinates of `count` rows, a multiple of 4: what rows and queries are ordered by. Column by column,
 * i16 [KEYS][stride].
 */
export function embedKeys(
  indexAt: usize,
  scratchAt: usize,
  rows: usize,
  count: i32,
  out: usize,
  stride: i32,
): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  for (let row = 0; row < count; row += 4) {
    multiply(index, scratch, rows + <usize>row * index.rowBytes, KEYS);
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < KEYS; c++) {
        const x = index.axisUnit * <f64>load<i32>(scratch.products + ((r * KEYS + c) << 2));
        store<i16>(out + ((c * stride + row + r) << 1), <i16>nearest(x));
      }
    }
  }
}

/** The embeddings of slots [from, to), a multiple of LEAF each, and the boxes of their leaves. */
export function embedSlots(indexAt: usize, scratchAt: usize, from: i32, to: i32): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  for (let slot = from; slot < to; slot += 4) {
    embedQuad(
      index,
      scratch,
      index.data + <usize>slot * index.rowBytes,
      index.leafData + <usize>(slot / LEAF) * (COARSE * LEAF * 2) + ((slot % LEAF) << 2),
      4,
      LEAF << 2,
      index.leafNorms + ((<usize>slot) << 2),
      index.fineData + <usize>slot * (HALF * 4),
    );
  }
  for (let leaf = from / LEAF; leaf < to / LEAF; leaf++) {
    const there = min(LEAF, index.count - leaf * LEAF);
    closePadding(index, leaf, there);
    writeBox(index, leaf, there);
  }
}

/** Slots without a row get a norm that no limit reaches, and zeros, without which a product could carry it past int32. */
function closePadding(index: Index, leaf: i32, there: i32): void {
  for (let r = there; r < LEAF; r++) {
    store<i32>(index.leafNorms + ((leaf * LEAF + r) << 2), i32.MAX_VALUE);
    for (let p = 0; p < COARSE / 2; p++)
      store<i32>(index.leafData + (((leaf * (COARSE / 2) + p) * LEAF + r) << 2), 0);
  }
}

function writeBox(index: Index, leaf: i32, there: i32): void {
  const least = index.boxes + <usize>leaf * (COARSE * 4);
  for (let c = 0; c < COARSE; c++) {
    let lo: i32 = 32767,
      hi: i32 = -32768;
    const column =
      index.leafData +
      <usize>leaf * (COARSE * LEAF * 2) +
      <usize>(c >> 1) * (LEAF * 4) +
      ((c & 1) << 1);
    for (let r = 0; r < there; r++) {
      const x = <i32>load<i16>(column + (r << 2));
      lo = min(lo, x);
      hi = max(hi, x);
    }
    store<i16>(least + (c << 1), <i16>lo);
    store<i16>(least + ((COARSE + c) << 1), <i16>hi);
  }
}

/** Products of four rows with the first axes -> scratch.products, i32 [4][axes]. */
function multiply(index: Index, scratch: Scratch, source: usize, axes: i32): void {
  packQuad(source, index.rowBytes, index.center, scratch.quad, scratch.quadNorms);
  tile(scratch.quad, index.axisData, axes >> 3, index.rowBytes >> 1, scratch.products, axes << 2);
}

/**
 * Four rows -> their embeddings: product with each axis in embedding units, rounded, and the length of what the axes
 * leave over. Coarse coordinates of row r and pair p go to coarseOut + r * rowStep + p * pairStep.
 */
export function embedQuad(
  index: Index,
  scratch: Scratch,
  source: usize,
  coarseOut: usize,
  rowStep: usize,
  pairStep: usize,
  normsOut: usize,
  fineOut: usize,
): void {
  const axes = index.axes,
    axisUnit = index.axisUnit;
  multiply(index, scratch, source, axes);
  for (let r = 0; r < 4; r++) {
    const products = scratch.products + ((r * axes) << 2);
    const length = index.unit * index.unit * <f64>load<i32>(scratch.quadNorms + (r << 2));
    let rest = length,
      norm = 0;
    for (let c = 0; c < COARSE; c++) {
      let x = axisUnit * <f64>load<i32>(products + (c << 2));
      if (c == COARSE - 1) x = sqrt(max(0, rest));
      else rest -= x * x;
      const rounded = <i32>nearest(x);
      norm += rounded * rounded;
      store<i16>(
        coarseOut + r * rowStep + <usize>(c >> 1) * pairStep + ((c & 1) << 1),
        <i16>rounded,
      );
    }
    store<i32>(normsOut + (r << 2), norm);
    if (!index.fine) continue;
    rest = length;
    let out = fineOut + r * (HALF * 4);
    for (let half = 0; half < 2; half++) {
      for (let c = 0; c < HALF - 1; c++) {
        const x = axisUnit * <f64>load<i32>(products + ((half * (HALF - 1) + c) << 2));
        rest -= x * x;
        store<i16>(out, <i16>nearest(x));
        out += 2;
      }
      store<i16>(out, <i16>nearest(sqrt(max(0, rest))));
      out += 2;
    }
  }
}
