/**
 * NearestNeighbors in scikit-learn's vocabulary, camelCased: the search alone, without labels. Where queries are left out, the
 * training rows are searched for each other, each without itself.
 */
import { checkOptions, isWhole, mustBe } from './checks.ts';
import { KnnInputError } from './errors.ts';
import { checkInPauses, checkNeighborCount } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import type { EffectiveMetric } from './metric.ts';
import type { NearestOptions } from './nearest.ts';
import { emptyNeighbors } from './neighbors.ts';
import type { Neighbors, PreparedSearch, SearchOptions } from './neighbors.ts';
import { rowsNumbered, searchUntil } from './search-until.ts';
import type { QueryNeighbors } from './search-until.ts';
import { Segments } from './segments.ts';

export interface NearestNeighborsOptions extends NearestOptions {
  /** A whole number from 1. Default 5. */
  readonly nNeighbors?: number | undefined;
  /** A finite number; negative ones make sense for inner products only. Default 1. */
  readonly radius?: number | undefined;
}

/** How rows are searched for, and which. */
export interface FilteredOptions extends SearchOptions {
  /** Whether the row of this number may be a neighbour. Default: every row. */
  readonly filter?: ((row: number) => boolean) | undefined;
}

/** The rows around each query: as many as there are, nearest first, equal distances by lower row. */
export interface RadiusNeighbors {
  /** [queries] lists of training rows */
  readonly indices: readonly Int32Array[];
  /** [queries] lists of their distances */
  readonly distances: readonly Float64Array[];
}

/** A sparse matrix by rows (CSR): row r has data and indices [indptr[r], indptr[r + 1]). */
export interface SparseMatrix {
  readonly data: Float64Array;
  /** the column of each entry */
  readonly indices: Int32Array;
  /** [rows + 1] */
  readonly indptr: Int32Array;
  readonly rows: number;
  readonly columns: number;
}

/** What the entries of a graph are: 1, or the distance. */
export type GraphMode = 'connectivity' | 'distance';

export class NearestNeighbors {
  readonly nNeighbors: number;
  readonly radius: number;
  /** What distances are measured by. */
  readonly effectiveMetric: EffectiveMetric;
  readonly #options: NearestOptions;
  #segments: Segments | undefined;
  /** Numbers of the rows that were removed. */
  #removed = new Set<number>();

  /** @throws KnnInputError 'neighbors' for a count that is no whole number from 1, 'option' for other unknown values. */
  constructor(given: NearestNeighborsOptions = {}) {
    checkOptions('nearestNeighbors', given);
    const { nNeighbors = 5, radius = 1, ...options } = given;
    checkNeighborCount(nNeighbors, Infinity);
    checkRadius(radius);
    this.nNeighbors = nNeighbors;
    this.radius = radius;
    this.effectiveMetric = effectiveMetric(options);
    this.#options = options;
  }

  /**
   * Takes the training rows; a second call replaces the first.
   *
   * @param X must not change while it is searched.
   * @throws KnnInputError for an unsound matrix.
   */
  async fit(X: Matrix): Promise<this> {
    const train = await checkInPauses(X, 'The training matrix');
    const segments = new Segments(this.#options, this.effectiveMetric);
    await segments.add(train);
    await this.dispose();
    this.#segments = segments;
    return this;
  }

  /**
   * More training rows, behind those there are. No other call may be under way.
   *
   * @returns the number of the first of them: rows are numbered through, and keep their numbers
   * @throws KnnInputError for an unsound matrix, or one of other columns or another kind; or before `fit`.
   */
  async add(X: Matrix): Promise<number> {
    const segments = this.#ready();
    const first = segments.rows;
    await segments.add(await checkInPauses(X, 'The matrix of new rows'));
    return first;
  }

  /** Takes rows out. Their numbers are not used again. @throws KnnInputError 'option' for a number that no row has. */
  remove(rows: Iterable<number>): void {
    const all = this.#ready().rows;
    const numbers = [...rows];
    const wrong = numbers.find((row) => !isWhole(row, 0, all - 1) || this.#removed.has(row));
    const accepted = `the number of a row that is there, from 0 to ${all - 1}`;
    mustBe('A row to remove', wrong, accepted, wrong === undefined, 'option');
    for (const row of numbers) this.#removed.add(row);
  }

  /** How many training rows there are. @throws KnnInputError 'not-fitted'. */
  get rows(): number {
    return this.#ready().rows - this.#removed.size;
  }

  /** What `algorithm` came to, for the rows of `fit`. @throws KnnInputError 'not-fitted'. */
  get algorithm(): PreparedSearch['algorithm'] {
    return this.#ready().first.algorithm;
  }

  /** How neighbours are searched for, in words for a report. @throws KnnInputError 'not-fitted'. */
  get path(): string {
    return this.#ready().first.path;
  }

  /**
   * The nearest training rows of each query.
   *
   * @param X the queries; undefined: the training rows in their order, each without itself.
   * @param nNeighbors from 1 to the number of training rows (that pass the filter), less one where X is left out.
   * @throws KnnInputError for queries or a count that do not fit, or before `fit`; the signal's reason.
   */
  async kneighbors(
    X?: Matrix,
    nNeighbors: number = this.nNeighbors,
    { filter, ...options }: FilteredOptions = {},
  ): Promise<Neighbors> {
    const segments = this.#ready();
    const most = X === undefined ? this.rows - 1 : this.rows;
    checkNeighborCount(nNeighbors, most, X === undefined ? 'other training rows' : 'training rows');
    if (X !== undefined && filter === undefined && this.#removed.size === 0)
      return segments.search(X, nNeighbors, options);
    const { queries, accepts } = this.#asked(X, filter);
    const k = nNeighbors;
    const result = emptyNeighbors(queries, k);
    const accepted = ({ indices }: QueryNeighbors, query: number): number[] =>
      [...indices.keys()].filter((i) => accepts(indices[i]!, query)).slice(0, k);
    await searchUntil(segments, segments.rows, queries, {
      options,
      first: k + 1,
      isEnough: (found, query) => accepted(found, query).length === k,
      take: (found, query) => {
        const places = accepted(found, query);
        if (places.length < k) {
          throw new KnnInputError(
            'neighbors',
            `Query row ${query} has ${places.length} training rows that pass the filter, fewer than the ${k} asked for.`,
          );
        }
        places.forEach((place, i) => {
          result.indices[query * k + i] = found.indices[place]!;
          result.distances[query * k + i] = found.distances[place]!;
          result.squaredDistances[query * k + i] = found.squaredDistances[place]!;
        });
      },
    });
    return result;
  }

  /**
   * The training rows at a distance of at most `radius` from each query.
   *
   * @param X the queries; undefined: the training rows in their order, each without itself.
   * @throws KnnInputError for queries or a radius that do not fit, or before `fit`; the signal's reason.
   */
  async radiusNeighbors(
    X?: Matrix,
    radius: number = this.radius,
    { filter, ...options }: FilteredOptions = {},
  ): Promise<RadiusNeighbors> {
    checkRadius(radius);
    const segments = this.#ready();
    const indices: Int32Array[] = [];
    const distances: Float64Array[] = [];
    const { queries, accepts } = this.#asked(X, filter);
    await searchUntil(segments, segments.rows, queries, {
      options,
      isEnough: (found) => found.distances[found.distances.length - 1]! > radius,
      take: (found, query) => {
        const isNear = (_: number, i: number): boolean =>
          found.distances[i]! <= radius && accepts(found.indices[i]!, query);
        indices[query] = found.indices.filter(isNear);
        distances[query] = found.distances.filter(isNear);
      },
    });
    return { indices, distances };
  }

  /**
   * `kneighbors` as a sparse matrix, [queries, training rows, removed ones too], with as many entries in every row. @throws as `kneighbors` does.
   */
  async kneighborsGraph(
    X?: Matrix,
    nNeighbors: number = this.nNeighbors,
    mode: GraphMode = 'connectivity',
    options: FilteredOptions = {},
  ): Promise<SparseMatrix> {
    const known: readonly unknown[] = ['connectivity', 'distance'];
    const accepted = 'connectivity or distance';
    mustBe('The mode of the graph', mode, accepted, known.includes(mode), 'option');
    const { indices, distances, k, queries } = await this.kneighbors(X, nNeighbors, options);
    return {
      data: mode === 'distance' ? distances : new Float64Array(indices.length).fill(1),
      indices,
      indptr: Int32Array.from({ length: queries + 1 }, (_, row) => row * k),
      rows: queries,
      columns: this.#ready().rows,
    };
  }

  /** Frees threads and native memory; it must be fitted again before use. */
  async dispose(): Promise<void> {
    const segments = this.#segments;
    this.#segments = undefined;
    this.#removed = new Set();
    await segments?.dispose();
  }

  /** The queries, and which rows may be neighbours of which. */
  #asked(
    X: Matrix | undefined,
    filter: ((row: number) => boolean) | undefined,
  ): { queries: Matrix; accepts: (row: number, query: number) => boolean } {
    const there = (row: number): boolean => !this.#removed.has(row);
    const passes = (row: number): boolean => there(row) && filter?.(row) !== false;
    if (X !== undefined) return { queries: X, accepts: passes };
    const { all, rows } = this.#ready();
    const own = Int32Array.from({ length: rows }, (_, row) => row).filter(there);
    return {
      queries: this.#removed.size === 0 ? all : rowsNumbered(all, own),
      accepts: (row, query) => row !== own[query] && passes(row),
    };
  }

  #ready(): Segments {
    if (!this.#segments) {
      throw new KnnInputError(
        'not-fitted',
        'There are no training rows to search; call fit before using it.',
      );
    }
    return this.#segments;
  }
}

function checkRadius(radius: number): void {
  mustBe('The radius', radius, 'a finite number', Number.isFinite(radius), 'option');
}
