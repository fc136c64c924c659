/** A few products of small float64 matrices, row-major: the part of learning axes that integers are too coarse for. */

/** a [m, n] times b [n, l] -> [m, l]. Four rows at a time, so that each row of b is read once for all of them. */
export function productOf(
  a: Float64Array,
  b: Float64Array,
  m: number,
  n: number,
  l: number,
): Float64Array {
  // Padded, so that the last rows need no loop of their own.
  const padded = Math.ceil(m / 4) * 4;
  const left = new Float64Array(padded * n);
  left.set(a);
  const out = new Float64Array(padded * l);
  for (let i = 0; i < padded; i += 4) {
    const o1 = (i + 1) * l;
    const o2 = (i + 2) * l;
    const o3 = (i + 3) * l;
    for (let k = 0; k < n; k++) {
      const x0 = left[i * n + k]!;
      const x1 = left[(i + 1) * n + k]!;
      const x2 = left[(i + 2) * n + k]!;
      const x3 = left[(i + 3) * n + k]!;
      for (let j = 0; j < l; j++) {
        const y = b[k * l + j]!;
        out[i * l + j] = out[i * l + j]! + x0 * y;
        out[o1 + j] = out[o1 + j]! + x1 * y;
        out[o2 + j] = out[o2 + j]! + x2 * y;
        out[o3 + j] = out[o3 + j]! + x3 * y;
      }
    }
  }
  return out.subarray(0, m * l);
}

/** m [rows, columns] times its transpose -> [rows, rows]. */
export function gramOf(m: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = dot(m, i * columns, j * columns, columns);
      out[i * rows + j] = sum;
      out[j * rows + i] = sum;
    }
  }
  return out;
}

/** Rows to length 1, in place; zero rows stay. */
export function scaleRows(m: Float64Array, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) {
    const norm = Math.sqrt(dot(m, r * columns, r * columns, columns));
    const scale = norm > 0 ? 1 / norm : 0;
    for (let c = r * columns; c < (r + 1) * columns; c++) m[c] = m[c]! * scale;
  }
}

/** What a row of length 1 must keep beside the rows before it; less counts as dependent on them. */
const INDEPENDENT = 1e-11;

/**
 * Gram matrix [n, n] of rows of length 1 -> the inverse of its Cholesky factor, [n, n]: times the rows it makes them
 * orthonormal. Rows that depend on earlier ones become zero.
 */
export function inverseFactor(gram: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    let left = gram[i * n + i]!;
    for (let j = 0; j < i; j++) {
      const pivot = factor[j * n + j]!;
      if (pivot === 0) continue;
      let x = gram[i * n + j]!;
      for (let k = 0; k < j; k++) x -= factor[i * n + k]! * factor[j * n + k]!;
      x /= pivot;
      factor[i * n + j] = x;
      left -= x * x;
    }
    if (left <= INDEPENDENT) {
      factor.fill(0, i * n, i * n + i);
      continue;
    }
    const pivot = Math.sqrt(left);
    factor[i * n + i] = pivot;
    for (let j = 0; j < i; j++) {
      let x = 0;
      for (let k = j; k < i; k++) x -= factor[i * n + k]! * inverse[k * n + j]!;
      inverse[i * n + j] = x / pivot;
    }
    inverse[i * n + i] = 1 / pivot;
  }
  return inverse;
}

function dot(m: Float64Array, a: number, b: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += m[a + i]! * m[b + i]!;
    s1 += m[a + i + 1]! * m[b + i + 1]!;
    s2 += m[a + i + 2]! * m[b + i + 2]!;
    s3 += m[a + i + 3]! * m[b + i + 3]!;
  }
  for (; i < length; i++) s0 += m[a + i]! * m[b + i]!;
  return s0 + s1 + s2 + s3;
}
