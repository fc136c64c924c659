/** Our predictions beside theirs, and the reason of every difference. */

import {
  encodeLabels,
  KNeighborsClassifier,
  type Matrix,
  matrix,
  StandardScaler,
} from '@fashion-bench/knn';

import { explain } from './explain.ts';
import type { Setting } from './record.ts';

export interface Images {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** One setting with the predictions of the other program, a digit for each query. */
export interface Theirs {
  readonly pixels: 'raw' | 'standardised';
  readonly p: 1 | 2;
  readonly weights: 'uniform' | 'distance';
  readonly k: number;
  readonly predicted: string;
}

interface Pixels {
  /** As our classifier searches them. */
  readonly rows: Matrix;
  readonly queries: Matrix;
  /** One value as exactly as float64 has it: what distances are explained by. */
  readonly exactRow: (row: number, column: number) => number;
  readonly exactQuery: (query: number, column: number) => number;
}

export async function compare(
  train: Images,
  test: Images,
  columns: number,
  theirs: readonly Theirs[],
): Promise<Setting[]> {
  const rows = matrix(train.images, train.labels.length, columns);
  const queries = matrix(test.images, test.labels.length, columns);
  const scaler = new StandardScaler().fit(rows);
  const { mean, scale } = scaler;
  const standard =
    (m: Matrix) =>
    (i: number, c: number): number =>
      (m.data[i * columns + c]! - mean[c]!) / scale[c]!;
  const plain =
    (m: Matrix) =>
    (i: number, c: number): number =>
      m.data[i * columns + c]!;
  const pixels: Record<Theirs['pixels'], Pixels> = {
    raw: { rows, queries, exactRow: plain(rows), exactQuery: plain(queries) },
    standardised: {
      rows: scaler.transform(rows),
      queries: scaler.transform(queries),
      ...{ exactRow: standard(rows), exactQuery: standard(queries) },
    },
  };
  const settings: Setting[] = [];
  for (const their of theirs)
    settings.push(await compareOne(their, pixels[their.pixels], train.labels));
  return settings;
}

async function compareOne(their: Theirs, pixels: Pixels, labels: Uint8Array): Promise<Setting> {
  const { k, p, weights } = their;
  const classifier = new KNeighborsClassifier({ nNeighbors: k, p, weights });
  await classifier.fit(pixels.rows, labels);
  const predicted = await classifier.predict(pixels.queries);
  await classifier.dispose();
  if (their.predicted.length !== predicted.length) {
    throw new Error(
      `scikit-learn gave ${their.predicted.length} predictions for ${predicted.length} queries.`,
    );
  }
  const differences = predicted.flatMap((ours, query) => {
    const other = Number(their.predicted[query]);
    return ours === other ? [] : [{ query, ours, theirs: other, reason: reasonOf(query, other) }];
  });
  const compared = predicted.length;
  return {
    ...{ pixels: their.pixels, metric: p === 1 ? 'manhattan' : 'euclidean', weights, k, compared },
    ...{ equal: compared - differences.length, differences },
  };

  function reasonOf(query: number, other: number): ReturnType<typeof explain> {
    const { classes, codes } = encodeLabels(labels);
    const { distances, tolerance } = exactDistances(
      pixels,
      query,
      p,
      their.pixels === 'standardised',
    );
    const predictedCode = classes.indexOf(other);
    const rest = { codes, classes: classes.length, k, weights, predicted: predictedCode };
    return explain({ distances, tolerance, ...rest });
  }
}

/**
 * Distances in float64, and how far rounding may move one: every standardised value is rounded to float32 once, by 2^-24 of
 * itself at most, so a distance moves by 2^-24 of both rows' lengths at most (in the same norm), and two of them by twice that.
 */
function exactDistances(
  { rows, exactRow, exactQuery }: Pixels,
  query: number,
  p: 1 | 2,
  rounded: boolean,
): { distances: Float64Array; tolerance: number } {
  const { columns } = rows;
  const asked = Float64Array.from({ length: columns }, (_, c) => exactQuery(query, c));
  const size = (x: number): number => (p === 1 ? Math.abs(x) : x * x);
  const root = (x: number): number => (p === 1 ? x : Math.sqrt(x));
  const own = root(asked.reduce((sum, x) => sum + size(x), 0));
  const lengths: number[] = [];
  const distances = Float64Array.from({ length: rows.rows }, (_, r) => {
    let sum = 0;
    let length = 0;
    for (let c = 0; c < columns; c++) {
      const x = exactRow(r, c);
      sum += size(asked[c]! - x);
      length += size(x);
    }
    lengths.push(root(length));
    return root(sum);
  });
  // Neighbours are no longer than the query and their distance together; the longest row would be far too generous.
  const near = Math.min(...distances);
  const typical = lengths.filter((_, r) => distances[r]! <= 2 * near + own * 1e-3);
  const longest = Math.max(own, ...typical);
  return { distances, tolerance: rounded ? 2 * 2 ** -24 * (own + longest) : 0 };
}
