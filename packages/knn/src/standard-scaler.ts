/**
 * StandardScaler in scikit-learn's vocabulary, camelCased: each column less its mean, divided by its standard deviation.
 *
 * It stands in this package because its input and output are this package's matrices, and because distances are what
 * columns of different scale distort. The scaled matrix is float32, as searches take it; all sums run in float64.
 */
import { KnnInputError } from './errors.ts';
import { checkMatrix } from './matrix.ts';
import type { Matrix } from './matrix.ts';

interface Fitted {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly scale: Float64Array;
}

export class StandardScaler {
  #fitted: Fitted | undefined;

  /** [columns] mean of each column. @throws KnnInputError 'not-fitted'. */
  get mean(): Float64Array {
    return this.#ready().mean;
  }

  /** [columns] variance of each column, over n, not n - 1. @throws KnnInputError 'not-fitted'. */
  get var(): Float64Array {
    return this.#ready().variance;
  }

  /** [columns] what each column is divided by: the root of `var`, or 1 for a constant column. @throws KnnInputError. */
  get scale(): Float64Array {
    return this.#ready().scale;
  }

  /** Learns mean and variance of each column. @throws KnnInputError for an unsound matrix. */
  fit(X: Matrix): this {
    checkMatrix(X, 'The matrix');
    const mean = meanOf(X);
    const variance = varianceOf(X, mean);
    const scale = variance.map((v, c) => (isConstant(v, mean[c]!, X.rows) ? 1 : Math.sqrt(v)));
    this.#fitted = { mean, variance, scale };
    return this;
  }

  /**
   * (x - mean) / scale, in float64 and rounded once.
   *
   * @returns [rows, columns], new memory
   * @throws KnnInputError before `fit`, for a matrix that does not fit, and 'overflow' where a result passes float32.
   */
  transform(X: Matrix): Matrix<Float32Array> {
    const { mean, scale } = this.#ready();
    return this.#apply(X, (x, c) => (x - mean[c]!) / scale[c]!);
  }

  /** `fit` and `transform` of the same matrix. @throws KnnInputError as they do. */
  fitTransform(X: Matrix): Matrix<Float32Array> {
    return this.fit(X).transform(X);
  }

  /** x * scale + mean: the way back, up to float32's rounding. @throws KnnInputError as `transform` does. */
  inverseTransform(X: Matrix): Matrix<Float32Array> {
    const { mean, scale } = this.#ready();
    return this.#apply(X, (x, c) => x * scale[c]! + mean[c]!);
  }

  #apply(X: Matrix, change: (x: number, column: number) => number): Matrix<Float32Array> {
    const { mean } = this.#ready();
    checkMatrix(X, 'The matrix');
    const { data, rows, columns } = X;
    if (columns !== mean.length) {
      throw new KnnInputError(
        'columns',
        `The matrix has ${columns} columns, but the scaler was fitted to ${mean.length}; they must agree.`,
      );
    }
    const out = new Float32Array(data.length);
    for (let r = 0; r < rows; r++) {
      for (let c = 0, i = r * columns; c < columns; c++, i++) out[i] = change(data[i]!, c);
    }
    const far = out.findIndex((x) => !Number.isFinite(x));
    if (far >= 0) {
      throw new KnnInputError(
        'overflow',
        `Row ${Math.floor(far / columns)}, column ${far % columns} passes float32's range when it is scaled; remove or replace it first.`,
      );
    }
    return { data: out, rows, columns };
  }

  #ready(): Fitted {
    if (!this.#fitted) {
      throw new KnnInputError(
        'not-fitted',
        'The scaler knows no columns; call fit before using it.',
      );
    }
    return this.#fitted;
  }
}

function meanOf({ data, rows, columns }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = r * columns; c < columns; c++, i++) sums[c] = sums[c]! + data[i]!;
  }
  return sums.map((sum) => sum / rows);
}

/** In two passes with the correction for the mean's rounding (Chan, Golub and LeVeque, 1983, equation 1.7). */
function varianceOf({ data, rows, columns }: Matrix, mean: Float64Array): Float64Array {
  const squares = new Float64Array(columns);
  const rest = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = r * columns; c < columns; c++, i++) {
      const d = data[i]! - mean[c]!;
      squares[c] = squares[c]! + d * d;
      rest[c] = rest[c]! + d;
    }
  }
  return squares.map((sum, c) => (sum - rest[c]! ** 2 / rows) / rows);
}

/** Whether a variance is no more than rounding makes of equal values (scikit-learn, `_is_constant_feature`). */
function isConstant(variance: number, mean: number, rows: number): boolean {
  return variance <= rows * Number.EPSILON * variance + (rows * mean * Number.EPSILON) ** 2;
}
