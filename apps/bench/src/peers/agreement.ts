/** Whether another library found the neighbours that we found: where not, the exact integer distances decide why. */

import { formatCount } from '@fashion-bench/report';

export interface SearchedRows {
  /** [rows * columns] */
  readonly train: Uint8Array;
  /** [queries * columns] */
  readonly queries: Uint8Array;
  readonly columns: number;
  readonly k: number;
}

export interface Agreement {
  /** Queries times k. */
  readonly positions: number;
  /** The same row. */
  readonly equal: number;
  /** Another row at the same distance: a tie that was broken otherwise. */
  readonly tied: number;
  /** Another row at another distance: rounding in float32, or a mistake. */
  readonly different: number;
  /** The largest difference of the squared distances among `different`, relative to ours. */
  readonly largestError: number;
}

/** @param ours, theirs row numbers [queries * k], nearest first */
export function agreementOf(ours: Int32Array, theirs: Int32Array, rows: SearchedRows): Agreement {
  let equal = 0;
  let tied = 0;
  let different = 0;
  let largestError = 0;
  for (let i = 0; i < ours.length; i++) {
    const [a = -1, b = -1] = [ours[i], theirs[i]];
    if (a === b) {
      equal++;
      continue;
    }
    const query = Math.floor(i / rows.k);
    const [mine, other] = [squaredDistance(rows, query, a), squaredDistance(rows, query, b)];
    if (mine === other) tied++;
    else {
      different++;
      largestError = Math.max(largestError, Math.abs(other - mine) / Math.max(mine, 1));
    }
  }
  return { positions: ours.length, equal, tied, different, largestError };
}

export function agreementWords({
  positions,
  equal,
  tied,
  different,
  largestError,
}: Agreement): string {
  const error =
    different === 0 ? '' : ` (at most ${largestError.toExponential(1)} of the squared distance)`;
  return `of ${formatCount(positions)} neighbours ${formatCount(equal)} equal to ours, ${formatCount(tied)} other rows at the same distance, ${formatCount(different)} at another${error}`;
}

/** NaN where there is no such row. */
function squaredDistance(
  { train, queries, columns }: SearchedRows,
  query: number,
  row: number,
): number {
  let sum = 0;
  for (let c = 0; c < columns; c++) {
    sum += (queries[query * columns + c]! - train[row * columns + c]!) ** 2;
  }
  return sum;
}
