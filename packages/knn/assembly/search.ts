/** The search of one query after the other: box, coarse, near and far bound, then the distance. */
import { clearBest, settle, take } from './best';
import {
  boxDistances,
  exactDistance,
  halfDistance,
  leafScores,
  restSquared,
  touch,
} from './bounds';
import { embedQuad } from './embed';
import { smallest } from './select';
import { COARSE, HALF, Index, LEAF, Scratch } from './structs';

/** How many hits are gathered before they are bounded further. */
const BATCH: i32 = 64;
/** How many survivors are fetched at once: eight rows of a kilobyte fit the first cache. */
const GROUP: i32 = 8;

/**
 * The first `count` queries of the scratch: their k nearest rows, nearest first, equals by lower row. The first threshold
 * comes from the `candidates` rows that look nearest in the `guesses` nearest leaves.
 */
export function search(
  indexAt: usize,
  scratchAt: usize,
  count: i32,
  k: i32,
  guesses: i32,
  candidates: i32,
): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  clearBest(scratch, count, k);
  for (let first = 0; first < count; first += 4) {
    embedQuad(
      index,
      scratch,
      scratch.queries + <usize>first * index.rowBytes,
      scratch.coarseData,
      COARSE * 2,
      4,
      scratch.coarseNorms,
      scratch.fineData,
    );
    for (let q = first; q < min(first + 4, count); q++) {
      guess(index, scratch, q, k, guesses, candidates);
      sweep(index, scratch, q, k);
    }
  }
}

/** Measures the rows that look nearest, so that there is a threshold to begin with. Also leaves the distances to all boxes. */
function guess(
  index: Index,
  scratch: Scratch,
  q: i32,
  k: i32,
  guesses: i32,
  candidates: i32,
): void {
  const leaves = index.slots / LEAF;
  const coarse = scratch.coarseData + (q & 3) * (COARSE * 2);
  boxDistances(coarse, index.boxes, leaves, scratch.boxDistances);
  const near = smallest(
    scratch.boxDistances,
    (leaves + 3) & ~3,
    guesses,
    scratch.guessDistances,
    scratch.guessLeaves,
  );
  for (let i = 0; i < near; i++) {
    const leaf = <usize>load<i32>(scratch.guessLeaves + (i << 2));
    leafScores(
      coarse,
      index.leafData + leaf * (COARSE * LEAF * 2),
      index.leafNorms + leaf * (LEAF * 4),
      scratch.scores + i * (LEAF * 4),
    );
  }
  const chosen = smallest(
    scratch.scores,
    near * LEAF,
    candidates,
    scratch.candidateScores,
    scratch.candidateSlots,
  );
  for (let i = 0; i < chosen; i++) {
    const place = load<i32>(scratch.candidateSlots + (i << 2));
    const row = load<i32>(scratch.guessLeaves + ((place / LEAF) << 2)) * LEAF + (place % LEAF);
    store<i32>(scratch.candidateSlots + (i << 2), row);
  }
  measure(index, scratch, q, k, scratch.candidateSlots, chosen);
}

/** Goes through all leaves that the threshold does not rule out. */
function sweep(index: Index, scratch: Scratch, q: i32, k: i32): void {
  const leaves = index.slots / LEAF;
  const coarse = scratch.coarseData + (q & 3) * (COARSE * 2);
  const norm = load<i32>(scratch.coarseNorms + ((q & 3) << 2));
  const scores = scratch.scores,
    boxes = scratch.boxDistances,
    hits = scratch.hits;
  const worstAt = scratch.limits + ((<usize>q) << 2);
  let worst = load<i32>(worstAt);
  let limit = limitFor(worst, index.unit, index.coarseMargin);
  let limits = i32x4.splat(limit);
  let count = 0,
    bounded = 0;
  for (let group = 0; group < leaves; group += 4) {
    let inside = i32x4.bitmask(i32x4.le_s(v128.load(boxes + (group << 2)), limits));
    while (inside) {
      const leaf = group + ctz(inside);
      inside &= inside - 1;
      if (leaf >= leaves) break;
      leafScores(
        coarse,
        index.leafData + <usize>leaf * (COARSE * LEAF * 2),
        index.leafNorms + <usize>leaf * (LEAF * 4),
        scores,
      );
      bounded++;
      // Padding has the largest score of all.
      const bound = i32x4.splat(min(limit - norm, i32.MAX_VALUE - 1));
      for (let r = 0; r < LEAF; r += 4) {
        let bits = i32x4.bitmask(i32x4.le_s(v128.load(scores + (r << 2)), bound));
        while (bits) {
          store<i32>(hits + (count << 2), leaf * LEAF + r + ctz(bits));
          count++;
          bits &= bits - 1;
        }
      }
      if (count < BATCH) continue;
      refine(index, scratch, q, k, count);
      count = 0;
      const now = load<i32>(worstAt);
      if (now == worst) continue;
      worst = now;
      limit = limitFor(worst, index.unit, index.coarseMargin);
      limits = i32x4.splat(limit);
    }
  }
  refine(index, scratch, q, k, count);
  store<i32>(scratch.counts, load<i32>(scratch.counts) + bounded);
}

/** Bounds the first `count` hits with 64 and then with 127 coordinates, and measures what is left. */
function refine(index: Index, scratch: Scratch, q: i32, k: i32, count: i32): void {
  if (!index.fine) {
    measure(index, scratch, q, k, scratch.hits, count);
    return;
  }
  const fine = scratch.fineData + (q & 3) * (HALF * 4),
    fineData = index.fineData;
  const hits = scratch.hits,
    survivors = scratch.survivors,
    bounds = scratch.survivorBounds;
  const worst = load<i32>(scratch.limits + ((<usize>q) << 2));
  // Rows may lie apart in memory. Asking for many first lets the waits overlap.
  let touched = 0;
  for (let i = 0; i < count; i++)
    touched |= touch(fineData + <usize>load<i32>(hits + (i << 2)) * (HALF * 4), HALF * 2);
  let limit = limitFor(worst, index.unit, index.nearMargin);
  let near = 0;
  for (let i = 0; i < count; i++) {
    const row = load<i32>(hits + (i << 2));
    const at = fineData + <usize>row * (HALF * 4);
    const bound = halfDistance(fine, at);
    if (bound > limit) continue;
    store<i32>(survivors + (near << 2), row);
    store<i32>(bounds + (near << 2), bound - restSquared(fine, at));
    near++;
  }
  for (let i = 0; i < near; i++)
    touched |= touch(
      fineData + <usize>load<i32>(survivors + (i << 2)) * (HALF * 4) + HALF * 2,
      HALF * 2,
    );
  limit = limitFor(worst, index.unit, index.farMargin);
  let far = 0;
  for (let i = 0; i < near; i++) {
    const row = load<i32>(survivors + (i << 2));
    const at = fineData + <usize>row * (HALF * 4) + HALF * 2;
    if (load<i32>(bounds + (i << 2)) + halfDistance(fine + HALF * 2, at) > limit) continue;
    store<i32>(survivors + (far << 2), row);
    far++;
  }
  measure(index, scratch, q, k, survivors, far);
  const counts = scratch.counts;
  store<i32>(counts, load<i32>(counts, 4) + count, 4);
  store<i32>(counts, load<i32>(counts, 8) + near, 8);
  // Written, so that the compiler keeps the loads that fetch ahead.
  store<i32>(bounds, touched);
}

/** Measures the rows in the given slots and takes those that may be among the best. */
function measure(index: Index, scratch: Scratch, q: i32, k: i32, slots: usize, count: i32): void {
  const bytes = index.rowBytes,
    data = index.data;
  const query = scratch.queries + <usize>q * bytes;
  let touched = 0,
    pending = 0;
  for (let i = 0; i < count; i += GROUP) {
    const end = min(i + GROUP, count);
    for (let j = i; j < end; j++)
      touched |= touch(data + <usize>load<i32>(slots + (j << 2)) * bytes, bytes);
    for (let j = i; j < end; j++) {
      const slot = load<i32>(slots + (j << 2));
      const distance = exactDistance(query, data + <usize>slot * bytes, bytes);
      pending = take(index, scratch, q, k, slot, distance, pending);
    }
  }
  settle(index, scratch, q, k, pending);
  const counts = scratch.counts;
  store<i32>(counts, load<i32>(counts, 12) + count, 12);
  store<i32>(scratch.survivorBounds, touched);
}

/** The greatest squared embedding distance that a row at true squared distance <= worst can have. */
function limitFor(worst: i32, unit: f64, margin: f64): i32 {
  if (worst == i32.MAX_VALUE) return i32.MAX_VALUE;
  const reach = unit * sqrt(<f64>worst) + margin;
  return <i32>min(ceil(reach * reach) + 1, 2147483647);
}
