/** The public border of every search: matrices and counts are looked at here, once, and one search runs at a time. */
import { checkOptions } from './checks.ts';
import { KnnError, KnnInputError } from './errors.ts';
import { checkNeighborCount, checkQueries, isBytes } from './matrix.ts';
import type { CheckedMatrix } from './matrix.ts';
import type { CheckedSearch, PreparedSearch } from './neighbors.ts';
import { oneAtATime } from './threads/one-at-a-time.ts';

/** A search that looks at what it is given and refuses work once it is disposed of, whatever the way. */
export function guarded(train: CheckedMatrix, inner: CheckedSearch): PreparedSearch {
  let disposed: Promise<void> | undefined;
  const isGone = (): boolean => disposed !== undefined;
  const gone = (cause?: unknown): KnnError =>
    new KnnError('disposed', 'The search was disposed of; fit again.', { cause });
  const { rows, columns } = train;
  // The rows themselves need not be kept.
  const shape = { data: isBytes(train) ? new Uint8Array(0) : new Float32Array(0), columns };
  const queued = oneAtATime();
  return {
    algorithm: inner.algorithm,
    path: inner.path,
    search: async (queries, k, options = {}) => {
      checkOptions('search', options);
      if (isGone()) throw gone();
      checkQueries(queries, shape);
      checkNeighborCount(k, rows);
      if (k > inner.maxNeighbors) {
        throw new KnnInputError(
          'neighbors',
          `This way of searching finds up to ${inner.maxNeighbors} neighbours, not ${k}; leave the algorithm to "auto".`,
        );
      }
      try {
        return await queued(() => inner.search(queries, k, options));
      } catch (error) {
        // Native memory that goes while it is searched gives each way's own error.
        throw isGone() && !(error instanceof KnnInputError) ? gone(error) : error;
      }
    },
    dispose: () => (disposed ??= inner.dispose()),
  };
}
