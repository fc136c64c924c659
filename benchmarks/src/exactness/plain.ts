/**
 * The plainest exact search there is: two loops over integers for every pair, and an insertion into a sorted list. It shares
 * nothing with the package that it checks.
 */

export interface PlainNeighbors {
  /** [queries * k] */
  readonly indices: Int32Array;
  readonly squaredDistances: Int32Array;
}

/** Queries [from, to) of a row-major byte matrix against all rows; ties by the lower row. Up to 33,025 columns. */
export function plainSearch(
  train: Uint8Array,
  queries: Uint8Array,
  columns: number,
  k: number,
  from: number,
  to: number,
): PlainNeighbors {
  const rows = train.length / columns;
  const indices = new Int32Array((to - from) * k);
  const squaredDistances = new Int32Array((to - from) * k).fill(0x7fffffff);
  // int16 saves a conversion in the innermost loop.
  const query = new Int16Array(columns);
  for (let q = from; q < to; q++) {
    query.set(queries.subarray(q * columns, (q + 1) * columns));
    const at = (q - from) * k;
    for (let t = 0; t < rows; t++) {
      const start = t * columns;
      let sum = 0;
      for (let c = 0; c < columns; c++) {
        const d = (query[c]! - train[start + c]!) | 0;
        sum = (sum + Math.imul(d, d)) | 0;
      }
      let i = at + k - 1;
      if (sum >= squaredDistances[i]!) continue;
      for (; i > at && squaredDistances[i - 1]! > sum; i--) {
        squaredDistances[i] = squaredDistances[i - 1]!;
        indices[i] = indices[i - 1]!;
      }
      squaredDistances[i] = sum;
      indices[i] = t;
    }
  }
  return { indices, squaredDistances };
}
