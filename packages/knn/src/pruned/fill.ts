/** Brings the training rows into the shared memory, in an order in which neighbours lie together, with their bounds. */
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import type { EffectiveMetric } from '../metric.ts';
import { learnFloatSteps } from '../floats/steps.ts';
import type { WasmMemory } from '../threads/memory.ts';
import { withPauses } from '../threads/pauses.ts';
import type { Pausing } from '../threads/pauses.ts';
import type { KernelPool } from '../threads/pool.ts';
import { KEYS, learnEmbedding } from './embedding.ts';
import { LEAF_ROWS, writeEmbedding, writeNumbers } from './layout.ts';
import type { IndexNumbers, Layout } from './layout.ts';
import { leafOrder } from './leaf-order.ts';
import { SAMPLE_ROWS } from './principal-axes.ts';

/** The shared memory and who works on it. */
export interface SearchIndex {
  readonly layout: Layout;
  readonly memory: WasmMemory;
  readonly pool: KernelPool;
}

/** Rows in one call; a multiple of LEAF_ROWS. */
const CALL_ROWS = 2048;

/** The rows in their own order: all that a scan needs. */
export async function fillRows(
  index: SearchIndex,
  train: CheckedMatrix,
  metric: EffectiveMetric,
): Promise<IndexNumbers> {
  const { layout, memory } = index;
  const numbers: IndexNumbers = {
    ...{ unit: 0, axisUnit: 0, coarseMargin: 0, nearMargin: 0, farMargin: 0 },
    ...{ stepsPerUnit: 0, reachPerUnit: 0, keyFactor: 0, mostSlack: 0, longest: 0 },
  };
  const { floats, rows, bytes } = layout.shape;
  if (floats === 0) {
    const target = new Uint8Array(
      memory.buffer,
      layout.arrays.data,
      layout.slots * layout.rowBytes,
    );
    await withPauses(copyRows(train, target, layout.rowBytes));
  } else {
    const target = new Float32Array(memory.buffer, layout.arrays.floats, rows * floats);
    await withPauses(copyRows(train, target, floats));
    if (metric !== 'euclidean') {
      await overRows(index, rows, 'lengths');
      const lengths = new Float64Array(memory.buffer, layout.arrays.lengths, rows);
      numbers.longest =
        metric === 'innerProduct' ? lengths.reduce((a, b) => Math.max(a, b)) ** 2 : 0;
    }
    const { lows, stepsPerUnit } = learnFloatSteps(train, bytes, metric, numbers.longest);
    // Of the inner product the last byte stands behind the floats, padded or not.
    const places = new Float64Array(memory.buffer, layout.arrays.lows, layout.rowBytes);
    places.set(lows.subarray(0, train.columns));
    if (metric === 'innerProduct') places[floats] = lows[bytes - 1]!;
    numbers.stepsPerUnit = stepsPerUnit;
    numbers.reachPerUnit = stepsPerUnit * (1 + 2 ** -26 + (train.columns + 8) * 2 ** -50);
    numbers.keyFactor = metric === 'euclidean' ? 1 : 2;
  }
  writeNumbers(layout, memory.buffer, numbers);
  if (floats > 0) await quantise(index, numbers);
  return numbers;
}

/** Sorts the rows into leaves and bounds them. */
export async function fillBounds(
  index: SearchIndex,
  train: CheckedMatrix,
  numbers: IndexNumbers,
): Promise<void> {
  const { layout, memory } = index;
  const { arrays, slots, rowBytes, shape } = layout;
  const { buffer } = memory;
  const embedding = await withPauses(learnEmbedding(sampleOf(index)));
  const { unit, axisUnit, coarse, near, far } = embedding;
  Object.assign(numbers, {
    ...{ unit, axisUnit, coarseMargin: coarse.margin },
    ...{ nearMargin: near.margin, farMargin: far.margin },
  });
  writeNumbers(layout, buffer, numbers);
  writeEmbedding(layout, buffer, embedding);
  await overScratch(index, (struct, from, to) => [
    'embedKeys',
    layout.index,
    struct,
    arrays.data + from * rowBytes,
    to - from,
    arrays.leafData + from * 2,
    slots,
  ]);
  const keys = new Int16Array(buffer, arrays.leafData, KEYS * slots);
  const order = await withPauses(leafOrder(keys, slots, shape.rows, LEAF_ROWS));
  new Int32Array(buffer, arrays.order, slots).set(order);
  if (shape.floats === 0) {
    const target = new Uint8Array(buffer, arrays.data, slots * rowBytes);
    await withPauses(copyRows(train, target, rowBytes, order));
  } else {
    await quantise(index, numbers);
  }
  await overScratch(index, (struct, from, to) => ['embedSlots', layout.index, struct, from, to]);
}

async function quantise(index: SearchIndex, numbers: IndexNumbers): Promise<void> {
  const { layout, memory } = index;
  await overRows(index, layout.slots, 'quantiseRows');
  const slacks = new Float32Array(memory.buffer, layout.arrays.slacks, layout.slots);
  numbers.mostSlack = slacks.reduce((a, b) => Math.max(a, b));
  writeNumbers(layout, memory.buffer, numbers);
}

/** Evenly spaced rows as they are in memory, in the order of the rows. */
function sampleOf({ layout, memory }: SearchIndex): Matrix<Uint8Array> {
  const { shape, rowBytes, arrays } = layout;
  const rows = Math.min(SAMPLE_ROWS, shape.rows);
  const columns = shape.bytes;
  const data = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const from = arrays.data + Math.floor((i * shape.rows) / rows) * rowBytes;
    data.set(new Uint8Array(memory.buffer, from, columns), i * columns);
  }
  return { data, rows, columns };
}

function overRows({ layout, pool }: SearchIndex, count: number, name: string): Promise<void> {
  return pool.map(Math.ceil(count / CALL_ROWS), (i, _, call) =>
    call(name, layout.index, i * CALL_ROWS, Math.min((i + 1) * CALL_ROWS, count)),
  );
}

function overScratch(
  { layout, pool }: SearchIndex,
  callFor: (struct: number, from: number, to: number) => [string, ...number[]],
): Promise<void> {
  return pool.map(Math.ceil(layout.slots / CALL_ROWS), (i, worker, call) => {
    const struct = layout.scratches[worker]?.struct ?? 0;
    return call(...callFor(struct, i * CALL_ROWS, Math.min((i + 1) * CALL_ROWS, layout.slots)));
  });
}

/** Numbers copied between two pauses. */
const COPIED = 2 ** 20;

/**
 * Copies rows to `out`, padding each to `width`; `out` holds zeros in the padding.
 *
 * @param order row for each place; default: as they come
 */
function* copyRows(
  { data, rows, columns }: CheckedMatrix,
  out: Uint8Array | Float32Array,
  width: number,
  order?: Int32Array,
): Pausing<void> {
  const block = Math.max(1, Math.floor(COPIED / columns));
  for (let from = 0; from < rows; from += block) {
    const to = Math.min(rows, from + block);
    if (columns === width && !order) {
      out.set(data.subarray(from * columns, to * columns), from * columns);
    } else {
      for (let place = from; place < to; place++) {
        const row = order ? order[place]! : place;
        out.set(data.subarray(row * columns, (row + 1) * columns), place * width);
      }
    }
    yield;
  }
}
