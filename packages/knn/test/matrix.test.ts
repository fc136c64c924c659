import { describe, expect, it } from 'vitest';
import { KnnInputError, matrix } from '../src/index.ts';
import { checkNeighborCount, checkQueries } from '../src/matrix.ts';

describe('matrix', () => {
  it('is a view of the memory it was given', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const m = matrix(data, 2, 3);
    expect(m).toEqual({ data, rows: 2, columns: 3 });
    expect(m.data).toBe(data);
  });

  it.each([
    [5, 2, 3, 'The matrix has 5 elements, but 2 rows of 3 columns need 6.'],
    [0, 0, 3, 'The matrix has 0 rows, but needs a whole number from 1.'],
    [3, 2, 1.5, 'The matrix has 1.5 columns, but needs a whole number from 1.'],
    [3, NaN, 1, 'The matrix has NaN rows, but needs a whole number from 1.'],
    [2, -1, -2, 'The matrix has -1 rows, but needs a whole number from 1.'],
  ])('refuses %d elements as %d x %d', (length, rows, columns, message) => {
    expect(() => matrix(new Uint8Array(length), rows, columns)).toThrow(
      new KnnInputError('matrix', message),
    );
  });

  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('refuses %d among floats, naming its place', (value, shown) => {
    const data = new Float32Array(12);
    data[7] = value;
    expect(() => matrix(data, 3, 4)).toThrow(
      new KnnInputError(
        'not-finite',
        `The matrix holds ${shown} in row 1, column 3; remove or replace such values first.`,
      ),
    );
  });

  it('takes the largest and the smallest floats', () => {
    const data = Float32Array.of(3.4028234e38, -3.4028234e38, 1e-45, -0);
    expect(matrix(data, 2, 2).data).toBe(data);
  });
});

describe('checkQueries', () => {
  const train = matrix(new Uint8Array(6), 2, 3);

  it('refuses other columns', () => {
    expect(() => {
      checkQueries(matrix(new Uint8Array(8), 2, 4), train);
    }).toThrow(
      new KnnInputError(
        'columns',
        'The query matrix has 4 columns, but the training matrix has 3; they must agree.',
      ),
    );
  });

  it('refuses another kind of numbers', () => {
    expect(() => {
      checkQueries(matrix(new Float32Array(6), 2, 3), train);
    }).toThrow(
      new KnnInputError(
        'type',
        'The query matrix holds Float32Array values and the training matrix Uint8Array values; convert one of them.',
      ),
    );
  });
});

describe('checkNeighborCount', () => {
  it.each([0, -1, 2.5, 11, NaN, Infinity])('refuses %d of 10', (k) => {
    expect(() => {
      checkNeighborCount(k, 10);
    }).toThrow(
      new KnnInputError(
        'neighbors',
        `The number of neighbours is ${k}, but must be a whole number from 1 to 10, the number of training rows.`,
      ),
    );
  });

  it.each([1, 10])('takes %d of 10', (k) => {
    expect(() => {
      checkNeighborCount(k, 10);
    }).not.toThrow();
  });
});
