/**
 * A row-major matrix of bytes or floats, and the checks at the border: inside the package every matrix is sound.
 * Data is never copied here; whoever changes it during a search gets what they asked for.
 */
import { types } from 'node:util';
import { isObject, mustBe, shown } from './checks.ts';
import { KnnInputError } from './errors.ts';
import { withPauses, withoutPauses } from './threads/pauses.ts';
import type { Pausing } from './threads/pauses.ts';

type Numbers = Uint8Array | Float32Array;

/** Row-major: row r is data[r * columns .. (r + 1) * columns). */
export interface Matrix<T extends Numbers = Numbers> {
  /** [rows * columns]; floats must be finite */
  readonly data: T;
  /** at least 1 */
  readonly rows: number;
  /** at least 1 */
  readonly columns: number;
}

declare const checked: unique symbol;

/** A matrix that was looked at, at the public border: inside the package no other goes from hand to hand. */
export type CheckedMatrix<T extends Numbers = Numbers> = Matrix<T> & { readonly [checked]: true };

/** For what is made of checked matrices. */
export function asChecked<T extends Numbers>(m: Matrix<T>): CheckedMatrix<T> {
  return m as CheckedMatrix<T>;
}

/** As `checkMatrix`, with pauses for long matrices. */
export async function checkInPauses(m: Matrix, what: string): Promise<CheckedMatrix> {
  checkShape(m, what);
  await withPauses(checkFinite(m, what));
  return asChecked(m);
}

/**
 * A checked matrix over the caller's memory (not a copy).
 *
 * @throws KnnInputError 'matrix' where the sizes are no whole numbers from 1 or do not make the length of `data`;
 * 'type' for other arrays; 'not-finite' naming row and column of the first NaN or Infinity.
 */
export function matrix<T extends Uint8Array | Float32Array>(
  data: T,
  rows: number,
  columns: number,
): Matrix<T> {
  const made = { data, rows, columns };
  checkMatrix(made, 'The matrix');
  return made;
}

/** @param what begins the message, as in "The training matrix". @throws KnnInputError as `matrix` does. */
export function checkMatrix<T extends Numbers>(
  m: Matrix<T>,
  what: string,
): asserts m is CheckedMatrix<T> {
  checkShape(m, what);
  withoutPauses(checkFinite(m, what));
}

/** All but whether the numbers are finite. @throws KnnInputError as `matrix` does. */
export function checkShape(m: Matrix, what: string): void {
  mustBe(what, m, '{ data, rows, columns }, as `matrix` makes it', isObject(m));
  const { data, rows, columns } = m;
  if (!isBytes(m) && !isFloats(m)) {
    throw new KnnInputError(
      'type',
      `${what} must hold its data in a Uint8Array or a Float32Array, not ${shown(data)}.`,
    );
  }
  for (const [name, size] of [
    ['rows', rows],
    ['columns', columns],
  ] as const) {
    if (!Number.isInteger(size) || size < 1) {
      throw new KnnInputError(
        'matrix',
        `${what} has ${shown(size)} ${name}, but needs a whole number from 1.`,
      );
    }
  }
  if (data.length !== rows * columns) {
    throw new KnnInputError(
      'matrix',
      `${what} has ${data.length} elements, but ${rows} rows of ${columns} columns need ${rows * columns}.`,
    );
  }
}

/** Numbers looked at between two pauses. */
const LOOKED_AT = 2 ** 18;

/** @throws KnnInputError 'not-finite' naming row and column of the first NaN or Infinity. */
function* checkFinite({ data, columns }: Matrix, what: string): Pausing<void> {
  if (isBytes({ data })) return;
  for (let from = 0; from < data.length; from += LOOKED_AT) {
    const part = data.subarray(from, from + LOOKED_AT);
    // 0 times x is 0 for every finite x, NaN for the others. Four sums, so that none waits for the one before.
    let [a, b, c, d] = [0, 0, 0, 0];
    let i = 0;
    for (; i + 3 < part.length; i += 4) {
      a += part[i]! * 0;
      b += part[i + 1]! * 0;
      c += part[i + 2]! * 0;
      d += part[i + 3]! * 0;
    }
    for (; i < part.length; i++) a += part[i]! * 0;
    if (a + b + c + d !== 0) {
      const at = part.findIndex((x) => !Number.isFinite(x));
      const place = from + at;
      throw new KnnInputError(
        'not-finite',
        `${what} holds ${part[at]!} in row ${Math.floor(place / columns)}, column ${place % columns}; remove or replace such values first.`,
      );
    }
    yield;
  }
}

/** @throws KnnInputError where queries cannot be measured against these rows. */
export function checkQueries(
  queries: Matrix,
  train: Pick<Matrix, 'data' | 'columns'>,
): asserts queries is CheckedMatrix {
  checkMatrix(queries, 'The query matrix');
  checkFits(queries, train, 'The query matrix');
}

/** @throws KnnInputError where two matrices cannot be compared. @param what begins the message */
export function checkFits(
  queries: Matrix,
  train: Pick<Matrix, 'data' | 'columns'>,
  what: string,
): void {
  if (queries.columns !== train.columns) {
    throw new KnnInputError(
      'columns',
      `${what} has ${queries.columns} columns, but the training matrix has ${train.columns}; they must agree.`,
    );
  }
  if (isBytes(queries) !== isBytes(train)) {
    throw new KnnInputError(
      'type',
      `${what} holds ${nameOf(queries)} values and the training matrix ${nameOf(train)} values; convert one of them.`,
    );
  }
}

/** @throws KnnInputError 'neighbors' unless k is a whole number from 1 to `most`, which is the number of `what`. */
export function checkNeighborCount(k: number, most: number, what = 'training rows'): void {
  if (!Number.isInteger(k) || k < 1 || k > most) {
    throw new KnnInputError(
      'neighbors',
      `The number of neighbours is ${shown(k)}, but must be a whole number from 1 to ${most}, the number of ${what}.`,
    );
  }
}

/** Arrays of another realm (Jest, `vm`) count as well: `instanceof` would not know them. */
export function isBytes<M extends Pick<Matrix, 'data'>>(
  m: M,
): m is M & { readonly data: Uint8Array } {
  return types.isUint8Array(m.data);
}

export function isFloats<M extends Pick<Matrix, 'data'>>(
  m: M,
): m is M & { readonly data: Float32Array } {
  return types.isFloat32Array(m.data);
}

/** Rows [from, to) as a view of the same memory. */
export function rowsOf(m: CheckedMatrix, from: number, to: number): CheckedMatrix {
  return asChecked({
    data: m.data.subarray(from * m.columns, to * m.columns),
    rows: to - from,
    columns: m.columns,
  });
}

/** |row|^2 in float64, [rows]; exact for bytes. */
export function squaredNorms(m: Matrix): Float64Array {
  const { data, rows, columns } = m;
  const norms = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = r * columns; c < (r + 1) * columns; c++) {
      const x = data[c]!;
      sum += x * x;
    }
    norms[r] = sum;
  }
  return norms;
}

function nameOf(m: Pick<Matrix, 'data'>): string {
  return isBytes(m) ? 'Uint8Array' : 'Float32Array';
}
