/**
 * Rows that grow: every addition is a segment with a search of its own, and neighbouring segments of like size are joined, so
 * that a row is prepared again a logarithmic number of times (as in a log-structured merge-tree: O'Neil et al., 1996).
 * Rows are numbered through, so that the k best of all segments, ties included, are those of one search over all rows.
 */
import { KnnInputError } from './errors.ts';
import { asChecked, checkFits, checkNeighborCount, checkQueries, isFloats } from './matrix.ts';
import type { CheckedMatrix, Matrix } from './matrix.ts';
import type { EffectiveMetric } from './metric.ts';
import { searchOver } from './nearest.ts';
import type { NearestOptions } from './nearest.ts';
import type { Neighbors, PreparedSearch, SearchOptions } from './neighbors.ts';
import { RunningBest } from './running-best.ts';

interface Segment {
  readonly train: CheckedMatrix;
  readonly search: PreparedSearch;
}

export class Segments {
  readonly #options: NearestOptions;
  readonly #metric: EffectiveMetric;
  #segments: readonly Segment[] = [];

  constructor(options: NearestOptions, metric: EffectiveMetric) {
    this.#options = options;
    this.#metric = metric;
  }

  /** Rows that were added. */
  get rows(): number {
    return this.#segments.reduce((sum, { train }) => sum + train.rows, 0);
  }

  /** The search over the first rows. */
  get first(): PreparedSearch {
    return this.#some()[0].search;
  }

  /** All rows, in their order. */
  get all(): CheckedMatrix {
    const [{ train }, ...more] = this.#some();
    return more.reduce((rows, segment) => joined(rows, segment.train), train);
  }

  /** @throws KnnInputError for rows of other columns or another kind. */
  async add(rows: CheckedMatrix): Promise<void> {
    const kept = [...this.#segments];
    const [segment] = kept;
    if (segment) checkFits(rows, segment.train, 'The matrix of new rows');
    let train = rows;
    const gone: Segment[] = [];
    for (let last = kept.at(-1); last && last.train.rows < 2 * train.rows; last = kept.at(-1)) {
      train = joined(last.train, train);
      gone.push(last);
      kept.pop();
    }
    this.#segments = [...kept, { train, search: await searchOver(train, this.#options) }];
    await Promise.all(gone.map(({ search }) => search.dispose()));
  }

  /** As `PreparedSearch.search`, over the rows of all segments. */
  async search(queries: Matrix, k: number, options: SearchOptions = {}): Promise<Neighbors> {
    const [only, ...more] = this.#some();
    if (more.length === 0) return only.search.search(queries, k, options);
    checkQueries(queries, only.train);
    checkNeighborCount(k, this.rows);
    const { signal, onProgress } = options;
    const best = new RunningBest(queries, k, this.#metric);
    for (const { train, search } of this.#segments) {
      best.add(await search.search(queries, Math.min(k, train.rows), { signal }), train.rows);
    }
    onProgress?.({ done: queries.rows, total: queries.rows });
    return best.finish();
  }

  #some(): readonly [Segment, ...Segment[]] {
    const [first, ...more] = this.#segments;
    if (!first) throw new KnnInputError('not-fitted', 'There are no rows to search.');
    return [first, ...more];
  }

  async dispose(): Promise<void> {
    const segments = this.#segments;
    this.#segments = [];
    await Promise.all(segments.map(({ search }) => search.dispose()));
  }
}

function joined(a: CheckedMatrix, b: CheckedMatrix): CheckedMatrix {
  const length = a.data.length + b.data.length;
  const data = isFloats(a) ? new Float32Array(length) : new Uint8Array(length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return asChecked({ data, rows: a.rows + b.rows, columns: a.columns });
}
