/** What a search spent, gathered from the workers' scratch. */
import type { Layout } from './layout.ts';
import type { WasmMemory } from './wasm.ts';

/** What the last search spent, over all its queries. */
export interface PruningCounts {
  readonly queries: number;
  /** Leaves of 32 rows that the boxes did not rule out. */
  readonly boundedLeaves: number;
  /** Rows that passed the coarse bound. */
  readonly boundedFinely: number;
  /** Of them, rows that passed the next one. */
  readonly boundedFar: number;
  /** Rows measured in all columns. */
  readonly measured: number;
}

export const NO_COUNTS: PruningCounts = {
  queries: 0,
  boundedLeaves: 0,
  boundedFinely: 0,
  boundedFar: 0,
  measured: 0,
};

export function resetCounts(layout: Layout, memory: WasmMemory): void {
  for (const scratch of layout.scratches) new Int32Array(memory.buffer, scratch.counts, 4).fill(0);
}

export function sumCounts(layout: Layout, memory: WasmMemory, queries: number): PruningCounts {
  let boundedLeaves = 0;
  let boundedFinely = 0;
  let boundedFar = 0;
  let measured = 0;
  for (const scratch of layout.scratches) {
    // Unsigned: a worker's share may pass 2^31.
    const [leaves = 0, near = 0, far = 0, full = 0] = new Uint32Array(
      memory.buffer,
      scratch.counts,
      4,
    );
    boundedLeaves += leaves;
    boundedFinely += near;
    boundedFar += far;
    measured += full;
  }
  return { queries, boundedLeaves, boundedFinely, boundedFar, measured };
}
