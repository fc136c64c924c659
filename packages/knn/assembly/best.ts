/** The k best rows of a query, and how far a further one may be. */
import { exactQuad } from './exact';
import { Index, Scratch } from './structs';

/** Empties the lists of the first `count` queries: every row is near enough. */
export function clearBest(scratch: Scratch, count: i32, k: i32): void {
  for (let i = 0; i < count * k; i++) {
    store<f64>(scratch.keys + ((<usize>i) << 3), Infinity);
    store<i32>(scratch.indices + ((<usize>i) << 2), i32.MAX_VALUE);
  }
  for (let q = 0; q < count; q++) {
    store<i32>(scratch.limits + ((<usize>q) << 2), i32.MAX_VALUE);
    store<f64>(scratch.reaches + ((<usize>q) << 3), Infinity);
  }
}

/**
 * Takes the row in a slot at a squared distance of bytes, if it may be one of the best. Of bytes that is the key; a key of
 * floats is computed for four rows at a time.
 *
 * @param pending rows that wait for their keys
 * @returns rows that wait now
 */
export function take(
  index: Index,
  scratch: Scratch,
  q: i32,
  k: i32,
  slot: i32,
  distance: i32,
  pending: i32,
): i32 {
  const row = load<i32>(index.order + ((<usize>slot) << 2));
  if (!index.columns) {
    offer(index, scratch, q, k, <f64>distance, row);
    return 0;
  }
  const slack = <f64>load<f32>(index.slacks + ((<usize>slot) << 2));
  if (sqrt(<f64>distance) > load<f64>(scratch.reaches + ((<usize>q) << 3)) + slack) return pending;
  if (isAmong(scratch.indices + ((<usize>(q * k)) << 2), k, row)) return pending;
  store<i32>(scratch.pending + ((<usize>pending) << 2), row);
  if (pending < 3) return pending + 1;
  return settle(index, scratch, q, k, 4);
}

/** Computes the keys of the rows that wait, and offers them. @returns 0 */
export function settle(index: Index, scratch: Scratch, q: i32, k: i32, pending: i32): i32 {
  if (pending == 0) return 0;
  exactQuad(index, scratch, q, pending);
  for (let i = 0; i < pending; i++) {
    const key = load<f64>(scratch.pendingKeys + ((<usize>i) << 3));
    offer(index, scratch, q, k, key, load<i32>(scratch.pending + ((<usize>i) << 2)));
  }
  const counts = scratch.counts;
  store<i32>(counts, load<i32>(counts, 16) + pending, 16);
  return 0;
}

/** Takes a row into the k best if it belongs there (by key, equals by lower row) and is not there already. */
function offer(index: Index, scratch: Scratch, q: i32, k: i32, key: f64, row: i32): void {
  const keys = scratch.keys + ((<usize>(q * k)) << 3);
  const indices = scratch.indices + ((<usize>(q * k)) << 2);
  const last = <usize>(k - 1);
  const worst = load<f64>(keys + (last << 3));
  if (key > worst || (key == worst && row >= load<i32>(indices + (last << 2)))) return;
  if (isAmong(indices, k, row)) return;
  let p = last;
  while (p > 0) {
    const other = load<f64>(keys + ((p - 1) << 3));
    if (other < key || (other == key && load<i32>(indices + ((p - 1) << 2)) < row)) break;
    store<f64>(keys + (p << 3), other);
    store<i32>(indices + (p << 2), load<i32>(indices + ((p - 1) << 2)));
    p--;
  }
  store<f64>(keys + (p << 3), key);
  store<i32>(indices + (p << 2), row);
  const now = load<f64>(keys + (last << 3));
  if (now < worst) tighten(index, scratch, q, now);
}

/** The k-th key is `worst` from now on. src/floats/steps.ts has the proof. */
function tighten(index: Index, scratch: Scratch, q: i32, worst: f64): void {
  const limit = scratch.limits + ((<usize>q) << 2),
    at = (<usize>q) << 3;
  if (!index.columns) {
    store<i32>(limit, <i32>worst);
    return;
  }
  const squared = max(0, index.keyFactor * worst + load<f64>(scratch.shifts + at));
  const reach = sqrt(squared) * index.reachPerUnit + load<f64>(scratch.slacks + at);
  store<f64>(scratch.reaches + at, reach);
  const most = reach + index.mostSlack;
  store<i32>(limit, <i32>min(ceil(most * most) + 1, 2147483647));
}

function isAmong(indices: usize, k: i32, row: i32): bool {
  for (let i: usize = 0; i < <usize>k; i++) {
    if (load<i32>(indices + (i << 2)) == row) return true;
  }
  return false;
}
