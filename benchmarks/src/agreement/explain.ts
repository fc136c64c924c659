/**
 * Why two exact searches may predict differently, for one query: another choice among rows that are equally far from it, or
 * so nearly that float32 rounding decides; or votes that are equal up to rounding. Everything else is unexplained.
 *
 * A reason counts only if it leads to the other's prediction: every choice among the rows in question is voted on, and the
 * prediction must be among the winners.
 */

export type Reason = 'distance tie' | 'float rounding' | 'vote tie' | 'unexplained';

export interface Question {
  /** [rows] distances of the query from every row, in float64 */
  readonly distances: Float64Array;
  /** [rows] class of every row, counted from 0 */
  readonly codes: ArrayLike<number>;
  readonly classes: number;
  readonly k: number;
  readonly weights: 'uniform' | 'distance';
  /** Distances this near to each other may have changed places by rounding; 0 for exact ones. */
  readonly tolerance: number;
  /** What the other predicts. */
  readonly predicted: number;
}

/** Votes are sums of a few float64: equal ones may differ by so much, relatively. */
const VOTE_ROUNDING = 1e-12;
/** More ways to choose than this are not tried. */
const MOST_CHOICES = 10_000;

export function explain(question: Question): Reason {
  const { distances, k, tolerance, predicted } = question;
  const order = Array.from(distances.keys()).sort((a, b) => at(a) - at(b) || a - b);
  const edge = at(order[k - 1] ?? 0);
  const certain = order.filter((row) => at(row) < edge - tolerance);
  const doubtful = order.filter((row) => Math.abs(at(row) - edge) <= tolerance);
  const exact = doubtful.every((row) => at(row) === edge);
  const missing = k - certain.length;
  let tried = 0;
  for (const chosen of choices(doubtful, missing)) {
    if (++tried > MOST_CHOICES) break;
    if (!winners([...certain, ...chosen], question).includes(predicted)) continue;
    if (doubtful.length === missing) return tolerance === 0 ? 'vote tie' : 'float rounding';
    return exact ? 'distance tie' : 'float rounding';
  }
  return 'unexplained';

  function at(row: number): number {
    return distances[row]!;
  }
}

/** Every way to take so many of the rows. */
function* choices(rows: readonly number[], count: number): Generator<readonly number[]> {
  const [first, ...rest] = rows;
  if (count === 0) yield [];
  if (count === 0 || first === undefined || rows.length < count) return;
  for (const more of choices(rest, count - 1)) yield [first, ...more];
  yield* choices(rest, count);
}

/** The classes with the most votes, up to rounding of distances and votes. */
function winners(
  rows: readonly number[],
  { distances, codes, classes, weights, tolerance }: Question,
): readonly number[] {
  const hasZero = rows.some((row) => distances[row] === 0);
  const votes = new Array<number>(classes).fill(0);
  let rounding = VOTE_ROUNDING;
  for (const row of rows) {
    const distance = distances[row]!;
    const code = codes[row]!;
    let vote = 1;
    if (weights === 'distance') {
      vote = hasZero ? Number(distance === 0) : 1 / distance;
      rounding = Math.max(rounding, hasZero ? 0 : tolerance / distance);
    }
    votes[code] = (votes[code] ?? 0) + vote;
  }
  const most = Math.max(...votes);
  return votes.flatMap((vote, code) => (vote >= most * (1 - 2 * rounding) ? [code] : []));
}
