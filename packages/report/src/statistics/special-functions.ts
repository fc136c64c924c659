/**
 * The three special functions behind the tests' p-values, in float64. Checked against SciPy in the tests.
 */

/** Coefficients of Lanczos' approximation with g = 7, n = 9: P. Godfrey's, relative error below 1e-14. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function, for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const t = z + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method).
 *
 * Source: W. H. Press et al., "Numerical Recipes", 3rd edition (2007), section 6.4.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast only on this side of the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  return (front * betaFraction(x, a, b)) / a;
}

const TINY = 1e-300;
const PRECISION = 1e-15;
const MOST_TERMS = 10_000;

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return h;
}

/** Keeps a denominator from being zero. */
function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Chance that |Z| exceeds |z|, Z standard normal: from the t distribution's limit, P(|Z| > z) = Q(1/2, z²/2). */
export function normalTwoSided(z: number): number {
  return upperGammaHalf((z * z) / 2);
}

/** Chance that |T| exceeds |t|, T Student's t: I_{df / (df + t²)}(df / 2, 1 / 2). */
export function studentTwoSided(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** The regularised upper incomplete gamma function Q(1/2, x) = erfc(√x): series below 1.5, fraction above (as above, 6.2). */
function upperGammaHalf(x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(-x + 0.5 * Math.log(x) - logGamma(0.5));
  if (x < 1.5) {
    let term = 2;
    let sum = 2;
    for (let n = 1; n <= MOST_TERMS && term > sum * PRECISION; n++) {
      term *= x / (0.5 + n);
      sum += term;
    }
    return 1 - sum * front;
  }
  let b = x + 0.5;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i <= MOST_TERMS; i++) {
    const an = -i * (i - 0.5);
    b += 2;
    d = 1 / away(an * d + b);
    c = away(b + an / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return front * h;
}
