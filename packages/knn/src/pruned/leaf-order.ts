/**
 * The order in which rows are stored: those that lie near each other share a leaf, so that whole leaves can be ruled out
 * and the rows that are left lie together in memory.
 *
 * Halving at the median of the coordinate that varies most, until a leaf is left, as in a k-d tree (Bentley 1975). The
 * order decides how fast the search is, never what it finds.
 */
import type { Pausing } from '../threads/pauses.ts';

/** Rows looked at to see which coordinate varies most. */
const SAMPLE = 128;
/** A part of so many rows takes about a millisecond. */
const PAUSE_ROWS = 4096;

/**
 * @param keys [count, slots] coordinates, column by column
 * @param rows how many of the slots hold a row
 * @returns [slots] the row for each slot; what is padding comes last, as it stands
 */
export function* leafOrder(
  keys: Int16Array,
  slots: number,
  rows: number,
  leaf: number,
): Pausing<Int32Array> {
  const order = Int32Array.from({ length: slots }, (_, i) => i);
  const values = new Int16Array(rows);
  const columns = Math.floor(keys.length / slots);
  function* split(from: number, to: number): Pausing<void> {
    if (to - from <= leaf) return;
    const leaves = Math.ceil((to - from) / leaf);
    const middle = from + (leaves >> 1) * leaf;
    const column = mostVarying(keys, slots, columns, order, from, to) * slots;
    for (let i = from; i < to; i++) values[i] = keys[column + order[i]!]!;
    partition(values, order, from, to - 1, middle);
    if (to - from > PAUSE_ROWS) yield;
    yield* split(from, middle);
    yield* split(middle, to);
  }
  yield* split(0, rows);
  return order;
}

function mostVarying(
  keys: Int16Array,
  slots: number,
  columns: number,
  order: Int32Array,
  from: number,
  to: number,
): number {
  const step = Math.max(1, Math.floor((to - from) / SAMPLE));
  let most = -1;
  let best = 0;
  for (let c = 0; c < columns; c++) {
    let n = 0;
    let sum = 0;
    let squares = 0;
    for (let i = from; i < to; i += step) {
      const x = keys[c * slots + order[i]!]!;
      n++;
      sum += x;
      squares += x * x;
    }
    const variation = squares - (sum * sum) / n;
    if (variation > most) {
      most = variation;
      best = c;
    }
  }
  return best;
}

/** Hoare's selection: afterwards no value before `middle` is greater than one from there on. */
function partition(
  values: Int16Array,
  order: Int32Array,
  from: number,
  to: number,
  middle: number,
): void {
  let low = from;
  let high = to;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i] = values[j]!;
      values[j] = value;
      const row = order[i]!;
      order[i] = order[j]!;
      order[j] = row;
      i++;
      j--;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
