/** Searches whose number of neighbours is not known beforehand: for more and more of them, until each query has enough. */
import type { Matrix } from './matrix.ts';
import type { PreparedSearch, SearchOptions } from './neighbors.ts';

/** The nearest rows of one query. */
export interface QueryNeighbors {
  readonly indices: Int32Array;
  readonly distances: Float64Array;
  readonly squaredDistances: Int32Array | Float64Array;
}

export interface Until {
  readonly options: SearchOptions;
  /** Whether a query needs no farther rows. */
  readonly isEnough: (found: QueryNeighbors, query: number) => boolean;
  /** Called once for every query, with enough rows or all there are. */
  readonly take: (found: QueryNeighbors, query: number) => void;
  /** Neighbours to begin with. */
  readonly first?: number;
}

const FIRST = 16;
/** By so much the number grows; a search has a cost of its own, whatever the number. */
const GROWTH = 4;

/** @param rows how many can be found. Progress counts queries that are done. */
export async function searchUntil(
  search: Pick<PreparedSearch, 'search'>,
  rows: number,
  queries: Matrix,
  { options: { signal, onProgress }, isEnough, take, first = FIRST }: Until,
): Promise<void> {
  const total = queries.rows;
  let open = Array.from({ length: total }, (_, query) => query);
  for (let k = Math.min(first, rows); ; k = Math.min(k * GROWTH, rows)) {
    const asked = open.length === total ? queries : rowsNumbered(queries, open);
    const found = await search.search(asked, k, { signal });
    open = open.filter((query, i) => {
      const [from, to] = [i * k, (i + 1) * k];
      const own = {
        indices: found.indices.subarray(from, to),
        distances: found.distances.subarray(from, to),
        squaredDistances: found.squaredDistances.subarray(from, to),
      };
      if (k < rows && !isEnough(own, query)) return true;
      take(own, query);
      return false;
    });
    onProgress?.({ done: total - open.length, total });
    if (open.length === 0) return;
  }
}

/** A copy of some rows. */
export function rowsNumbered(
  { data, columns }: Matrix,
  rows: readonly number[] | Int32Array,
): Matrix {
  const out = data.slice(0, rows.length * columns);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { data: out, rows: rows.length, columns };
}
