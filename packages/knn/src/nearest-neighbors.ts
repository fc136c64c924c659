/**
 * NearestNeighbors in scikit-learn's vocabulary, camelCased: the search alone, without labels. Where queries are left out, the
 * training rows are searched for each other, each without itself.
 */
import { checkOptions, mustBe } from './checks.ts';
import { KnnInputError } from './errors.ts';
import { checkNeighborCount } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { effectiveMetric } from './metric.ts';
import type { EffectiveMetric } from './metric.ts';
import { nearestNeighbors } from './nearest.ts';
import type { NearestOptions } from './nearest.ts';
import type { Neighbors, PreparedSearch, SearchOptions } from './neighbors.ts';
import { searchUntil } from './search-until.ts';

export interface NearestNeighborsOptions extends NearestOptions {
  /** A whole number from 1. Default 5. */
  readonly nNeighbors?: number | undefined;
  /** A finite number; negative ones make sense for inner products only. Default 1. */
  readonly radius?: number | undefined;
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
  #fitted: { readonly search: PreparedSearch; readonly train: Matrix } | undefined;

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
    const search = await nearestNeighbors(X, this.#options);
    await this.dispose();
    this.#fitted = { search, train: X };
    return this;
  }

  /** How many training rows there are. @throws KnnInputError 'not-fitted'. */
  get rows(): number {
    return this.#ready().train.rows;
  }

  /** What `algorithm` came to. @throws KnnInputError 'not-fitted'. */
  get algorithm(): PreparedSearch['algorithm'] {
    return this.#ready().search.algorithm;
  }

  /** How neighbours are searched for, in words for a report. @throws KnnInputError 'not-fitted'. */
  get path(): string {
    return this.#ready().search.path;
  }

  /**
   * The nearest training rows of each query.
   *
   * @param X the queries; undefined: the training rows, each without itself.
   * @param nNeighbors from 1 to the number of training rows, less one where X is left out.
   * @throws KnnInputError for queries or a count that do not fit, or before `fit`; the signal's reason.
   */
  async kneighbors(
    X?: Matrix,
    nNeighbors: number = this.nNeighbors,
    options: SearchOptions = {},
  ): Promise<Neighbors> {
    const { search, train } = this.#ready();
    if (X !== undefined) return search.search(X, nNeighbors, options);
    checkNeighborCount(nNeighbors, train.rows - 1, 'other training rows');
    return withoutSelf(await search.search(train, nNeighbors + 1, options));
  }

  /**
   * The training rows at a distance of at most `radius` from each query.
   *
   * @param X the queries; undefined: the training rows, each without itself.
   * @throws KnnInputError for queries or a radius that do not fit, or before `fit`; the signal's reason.
   */
  async radiusNeighbors(
    X?: Matrix,
    radius: number = this.radius,
    options: SearchOptions = {},
  ): Promise<RadiusNeighbors> {
    checkRadius(radius);
    const { search, train } = this.#ready();
    const indices: Int32Array[] = [];
    const distances: Float64Array[] = [];
    await searchUntil(search, train.rows, X ?? train, {
      options,
      isEnough: (found) => found.distances[found.distances.length - 1]! > radius,
      take: (found, query) => {
        const isNear = (i: number): boolean =>
          found.distances[i]! <= radius && (X !== undefined || found.indices[i] !== query);
        indices[query] = found.indices.filter((_, i) => isNear(i));
        distances[query] = found.distances.filter((_, i) => isNear(i));
      },
    });
    return { indices, distances };
  }

  /**
   * `kneighbors` as a sparse matrix, [queries, training rows], with as many entries in every row. @throws as `kneighbors` does.
   */
  async kneighborsGraph(
    X?: Matrix,
    nNeighbors: number = this.nNeighbors,
    mode: GraphMode = 'connectivity',
    options: SearchOptions = {},
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
      columns: this.rows,
    };
  }

  /** Frees threads and native memory; it must be fitted again before use. */
  async dispose(): Promise<void> {
    const fitted = this.#fitted;
    this.#fitted = undefined;
    await fitted?.search.dispose();
  }

  #ready(): { readonly search: PreparedSearch; readonly train: Matrix } {
    if (!this.#fitted) {
      throw new KnnInputError(
        'not-fitted',
        'There are no training rows to search; call fit before using it.',
      );
    }
    return this.#fitted;
  }
}

function checkRadius(radius: number): void {
  mustBe('The radius', radius, 'a finite number', Number.isFinite(radius), 'option');
}

/** Each query is the training row of its number. Among many equal rows it may be missing: then the last goes. */
function withoutSelf({ indices, distances, squaredDistances, k, queries }: Neighbors): Neighbors {
  const skipped = Int32Array.from({ length: queries }, (_, query) => {
    const at = indices.subarray(query * k, (query + 1) * k).indexOf(query);
    return at < 0 ? k - 1 : at;
  });
  const stays = (_: number, i: number): boolean => i % k !== skipped[Math.floor(i / k)];
  return {
    ...{ k: k - 1, queries },
    indices: indices.filter(stays),
    distances: distances.filter(stays),
    squaredDistances: squaredDistances.filter(stays),
  };
}
