import { describe, expect, it } from 'vitest';
import { calibration } from '../src/statistics/calibration.ts';
import { perClass, sumOf } from '../src/statistics/per-class.ts';
import {
  incompleteBeta,
  logGamma,
  normalTwoSided,
  studentTwoSided,
} from '../src/statistics/special-functions.ts';
import { meanAndSd } from '../src/statistics/spread.ts';
import { holm, mannWhitney, mcnemar, twoProportions, welch } from '../src/statistics/tests.ts';

/** Relative, for values far below 1 as well. */
function expectClose(actual: number, expected: number, tolerance = 1e-10): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected));
}

// Expected values: SciPy 1.17.1, unless worked out in the comment.

describe('special functions', () => {
  it.each([
    [0.5, 0.5723649429247],
    [3.7, 1.428072326665388],
    [20, 39.339884187199495],
    [10_000.5, 82104.32265412837],
  ])('logGamma(%d): gammaln', (x, expected) => {
    expectClose(logGamma(x), expected, 1e-12);
  });

  it.each([
    [0.4, 2, 3, 0.5248],
    [0.1, 0.5, 0.5, 0.20483276469913345],
    [0.52, 500, 480, 0.7300884694932804],
    [0.9, 14, 1, 0.2287679245496101],
    [0, 1, 1, 0],
    [1, 1, 1, 1],
  ])('incompleteBeta(%d, %d, %d): betainc', (x, a, b, expected) => {
    expectClose(incompleteBeta(x, a, b), expected);
  });

  it.each([
    [0, 1],
    [0.1, 0.920344325445942],
    [1, 0.31731050786291415],
    [-1.96, 0.04999579029644087],
    [5, 5.733031437583866e-7],
    [10, 1.523970604832094e-23],
  ])('normalTwoSided(%d): 2 norm.sf', (z, expected) => {
    expectClose(normalTwoSided(z), expected);
  });

  it.each([
    [2.5, 3.7, 0.07182202291182678],
    [0.3, 1, 0.8144528418445154],
    [-12, 4, 0.000276428548502973],
  ])('studentTwoSided(%d, %d): 2 t.sf', (t, df, expected) => {
    expectClose(studentTwoSided(t, df), expected);
  });
});

describe('mcnemar', () => {
  /** Predictions with these counts of images that both, one, and none get right. */
  function pair(both: number, first: number, second: number, neither: number): number[][] {
    const fill = (n: number, value: number): number[] => new Array<number>(n).fill(value);
    return [
      fill(both + first + second + neither, 1),
      [...fill(both + first, 1), ...fill(second + neither, 0)],
      [...fill(both, 1), ...fill(first, 0), ...fill(second, 1), ...fill(neither, 0)],
    ];
  }

  it.each([
    [12, 28, 0.01658900337497471],
    [300, 800, 5.322064946874462e-53],
    [5, 5, 1],
    [0, 1, 1],
    [0, 0, 1],
  ])('%d against %d: binomtest', (first, second, p) => {
    const [labels = [], a = [], b = []] = pair(7, first, second, 3);
    const result = mcnemar(labels, a, b);
    expect(result).toMatchObject({ both: 7, onlyFirst: first, onlySecond: second, neither: 3 });
    expectClose(result.p, p, 1e-9);
  });

  it('needs the same images', () => {
    expect(() => mcnemar([1, 2], [1], [1, 2])).toThrow('not 2 labels with 1 and 2');
  });
});

describe('mannWhitney: mannwhitneyu', () => {
  const upTo = (n: number, plus = 0): number[] => Array.from({ length: n }, (_, i) => i + 1 + plus);
  it.each([
    ['exact', [1.51, 1.43, 1.71, 1.55, 1.49], [1.6, 1.47, 1.68, 1.66, 1.75], 0.30952380952380953],
    // 2 of the 35 arrangements are as extreme.
    ['exact, apart', [1, 2, 3], [4, 5, 6, 7], 2 / 35],
    ['normal', upTo(20), upTo(15, 4.5), 0.3254434096483142],
    ['ties', [1, 2, 2, 3, 3, 3, 4, 5, 6], [2, 3, 3, 4, 5, 5, 6, 7, 7, 8], 0.0625161836598883],
    ['all the same', [1, 1], [1, 1, 1], 1],
    ['nothing', [], [1], 1],
  ] as const)('%s', (_, a, b, expected) => {
    expectClose(mannWhitney(a, b), expected);
    expectClose(mannWhitney(b, a), expected);
  });
});

it('welch: ttest_ind(equal_var=False)', () => {
  const a = [0.9271, 0.9258, 0.924];
  const b = [0.9232, 0.9225, 0.9219, 0.9241];
  expectClose(welch(a, b) ?? NaN, 0.0732293060167313, 1e-8);
  expect(welch([1], [1, 2])).toBeNull();
  expect(welch([1, 1], [2, 2])).toBeNull();
});

it('twoProportions: the pooled z test', () => {
  const [a, b] = [
    { correct: 9271, total: 10_000 },
    { correct: 9232, total: 10_000 },
  ];
  expectClose(twoProportions(a, b), 0.29465378549805654, 1e-9);
  expect(twoProportions({ correct: 0, total: 5 }, { correct: 0, total: 7 })).toBe(1);
});

it('holm multiplies the smallest by n, the next by n - 1, and never falls', () => {
  // 0.01 x 3; max(0.03, 0.02 x 2); max(0.04, 0.04 x 1)
  expect(holm([0.04, 0.01, 0.02])).toEqual([0.04, 0.03, 0.04]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
});

it('meanAndSd takes n - 1', () => {
  // mean 5, squares 9 + 1 + 1 + 9 = 20, 20 / 3
  expect(meanAndSd([2, 4, 6, 8])).toEqual({ n: 4, mean: 5, sd: Math.sqrt(20 / 3) });
  expect(meanAndSd([3])).toEqual({ n: 1, mean: 3, sd: 0 });
  expect(() => meanAndSd([])).toThrow(RangeError);
});

describe('perClass', () => {
  // scikit-learn 1.9.1, precision_recall_fscore_support of
  // [0,0,0,1,1,2,2,2,2] and [0,1,0,1,0,2,1,1,2].
  const matrix = [
    [2, 1, 0],
    [1, 1, 0],
    [0, 2, 2],
  ];

  it('agrees with scikit-learn', () => {
    const scores = perClass(matrix);
    expect(scores.map(({ precision }) => precision)).toEqual([2 / 3, 0.25, 1]);
    expect(scores.map(({ recall }) => recall)).toEqual([2 / 3, 0.5, 0.5]);
    [2 / 3, 1 / 3, 2 / 3].forEach((f1, i) => {
      expect(scores[i]?.f1).toBeCloseTo(f1, 12);
    });
    expect(scores.map(({ support }) => support)).toEqual([3, 2, 4]);
    expect(scores.map(({ takenFor }) => takenFor)).toEqual([
      { label: 1, count: 1 },
      { label: 0, count: 1 },
      { label: 1, count: 2 },
    ]);
  });

  it('a class that is never predicted, never there, or never mistaken', () => {
    expect(
      perClass([
        [0, 0],
        [0, 0],
      ])[0],
    ).toEqual({
      ...{ precision: 0, recall: 0, f1: 0, support: 0, takenFor: null },
    });
  });

  it('sums trainings', () => {
    expect(sumOf([matrix, matrix])[2]).toEqual([0, 4, 4]);
  });
});

it('calibration: bins, their gaps and the expected calibration error, by hand', () => {
  // Confidences 0.9 (right), 0.9 (wrong), 0.6 (right), 0.55 (right).
  const probabilities = [0.9, 0.1, 0.9, 0.1, 0.4, 0.6, 0.55, 0.45];
  const { bins, ece, accuracy, meanConfidence } = calibration(
    probabilities,
    [0, 0, 1, 0],
    [0, 1, 1, 0],
  );
  expect(bins.map(({ low, high, n, accuracy: right }) => [low, high, n, right])).toEqual([
    [0.5, 0.6, 2, 1],
    [0.8, 0.9, 2, 0.5],
  ]);
  // (|2 - 1.15| + |1 - 1.8|) / 4
  expect(ece).toBeCloseTo((0.85 + 0.8) / 4, 12);
  expect(accuracy).toBe(0.75);
  expect(meanConfidence).toBeCloseTo(2.95 / 4, 12);
});
