/**
 * Rows as bytes in units of one step, whose distances bound the true ones from below, and the proof.
 *
 * Bytes are their own steps. For floats let s(x) = clip((x - low) / step, 0, 255), column by column with one step for all
 * columns. Clipping and shifting bring no two numbers farther apart, so step * |s(x) - s(y)| <= |x - y|. Rounding s(x) to a
 * byte b(x) moves it by |s(x) - b(x)|; added over the columns that is the row's slack e(x), and so
 *     |x - y| >= step * (|b(x) - b(y)| - e(x) - e(y)).
 * Slacks are rounded up and enlarged by 1, which covers what float64 adds: columns * 255 * 2^-51 is far below 1.
 *
 * `low` is the smallest value of the column in the training rows. What most rows share, such as the background of an image,
 * often is just that, and has no slack then.
 */
import { isBytes } from '../matrix.ts';
import type { Matrix } from '../matrix.ts';

export interface Steps {
  /** [columns] column at each place: the widest spread first, so that the first places tell rows apart */
  readonly order: Int32Array;
  /** [columns] in the caller's order */
  readonly lows: Float64Array;
  /** Units of one step; 1 for bytes. */
  readonly step: number;
}

/** Rows looked at for the width of a step and the order of the columns. */
const SAMPLE_ROWS = 512;
const MOST = 255;

export function learnSteps(train: Matrix): Steps {
  const { columns } = train;
  const bytes = isBytes(train);
  const lows = bytes ? new Float64Array(columns) : lowest(train);
  const sample = sampleOf(train, lows);
  return { order: bySpread(sample, columns), lows, step: bytes ? 1 : stepFor(sample) };
}

/**
 * Writes one row as bytes in the order of the steps.
 *
 * @param out at least [columns]
 * @returns the row's slack in steps
 */
export function stepsInto(
  m: Matrix,
  row: number,
  { order, lows, step }: Steps,
  out: Uint8Array,
): number {
  const { data, columns } = m;
  const from = row * columns;
  if (isBytes(m)) {
    for (let i = 0; i < columns; i++) out[i] = data[from + order[i]!]!;
    return 0;
  }
  let slack = 0;
  for (let i = 0; i < columns; i++) {
    const c = order[i]!;
    const s = Math.min(MOST, Math.max(0, (data[from + c]! - lows[c]!) / step));
    const b = Math.round(s);
    slack += Math.abs(s - b);
    out[i] = b;
  }
  return Math.ceil(slack) + 1;
}

function lowest({ data, rows, columns }: Matrix): Float64Array {
  const lows = new Float64Array(columns).fill(Infinity);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const x = data[r * columns + c]!;
      if (x < lows[c]!) lows[c] = x;
    }
  }
  return lows;
}

/** Evenly spaced rows, each value less its column's lowest. */
function sampleOf({ data, rows, columns }: Matrix, lows: Float64Array): Float64Array {
  const count = Math.min(SAMPLE_ROWS, rows);
  const sample = new Float64Array(count * columns);
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * rows) / count) * columns;
    for (let c = 0; c < columns; c++) sample[i * columns + c] = data[from + c]! - lows[c]!;
  }
  return sample;
}

/** Columns by their mean distance from their own mean, the greatest first. */
function bySpread(sample: Float64Array, columns: number): Int32Array {
  const rows = sample.length / columns;
  const spread = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let i = c; i < sample.length; i += columns) sum += sample[i]!;
    const mean = sum / rows;
    let apart = 0;
    for (let i = c; i < sample.length; i += columns) apart += Math.abs(sample[i]! - mean);
    spread[c] = apart;
  }
  return Int32Array.from(spread.keys()).sort((a, b) => spread[b]! - spread[a]! || a - b);
}

/**
 * The step that loses least: a wide one rounds more, a narrow one clips more. Rounding moves a value by a quarter of a step
 * on average, where it is not at the column's lowest.
 */
export function stepFor(sample: Float64Array): number {
  const sorted = sample.toSorted();
  const above = sorted.length - sorted.findIndex((x) => x > 0);
  let best = { loss: Infinity, step: 1 };
  let tail = 0;
  let next = sorted.length - 1;
  for (const share of [0, 1e-5, 1e-4, 1e-3, 1e-2]) {
    const at = Math.min(sorted.length - 1, Math.floor((1 - share) * sorted.length));
    for (; next > at; next--) tail += sorted[next]!;
    const width = sorted[at]!;
    if (width <= 0) break;
    const clipped = tail - (sorted.length - 1 - at) * width;
    const loss = clipped + (above * width) / MOST / 4;
    if (loss < best.loss) best = { loss, step: width / MOST };
  }
  return best.step;
}
