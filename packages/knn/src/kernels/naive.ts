/**
 * The definition, as two loops over rows and one over columns: slow, obvious, and what every other kernel is
 * checked against. Bytes give exact int32 distances; floats are summed in float64 in column order.
 */
import { types } from 'node:util';
import { isBytes } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import { checkByteColumns, refuseOutput } from './kernel.ts';
import type { DistanceArray, CheckedKernel, CheckedPreparedKernel } from './kernel.ts';

/** The kernel `naive`. Its output is int32 for bytes and float64 for floats. */
export function naiveKernel(): CheckedKernel {
  return { id: 'naive', prepare: (train) => settle(() => prepare(train)) };
}

function prepare(train: CheckedMatrix): CheckedPreparedKernel {
  const bytes = isBytes(train);
  if (bytes) checkByteColumns(train.columns);
  const kernel: CheckedPreparedKernel = {
    id: 'naive',
    path: bytes ? 'two loops, int32' : 'two loops, float64',
    rows: train.rows,
    columns: train.columns,
    output: bytes ? 'int32' : 'float64',
    relativeError: 0,
    squaredDistancesInto: (queries, out) =>
      settle(() => {
        const fits = bytes ? types.isInt32Array(out) : types.isFloat64Array(out);
        if (!fits || out.length !== queries.rows * train.rows) refuseOutput(kernel, queries, out);
        allPairs(queries, train, out);
      }),
    dispose: () => Promise.resolve(),
  };
  return kernel;
}

/** Runs at once; what is thrown becomes a rejection, as with the other kernels. */
function settle<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(run());
  });
}

function allPairs(queries: Matrix, train: CheckedMatrix, out: DistanceArray): void {
  for (let q = 0; q < queries.rows; q++) {
    for (let t = 0; t < train.rows; t++)
      out[q * train.rows + t] = squaredDistance(queries, q, train, t);
  }
}

/** |a[i] - b[j]|^2 in float64, in column order: exact for bytes. The definition of a distance in this package. */
export function squaredDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  const { columns } = a;
  const x = a.data;
  const y = b.data;
  const xAt = i * columns;
  const yAt = j * columns;
  let sum = 0;
  for (let c = 0; c < columns; c++) {
    const d = x[xAt + c]! - y[yAt + c]!;
    sum += d * d;
  }
  return sum;
}
