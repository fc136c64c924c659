import { describe, expect, it } from 'vitest';
import { blockLength, blockMedians } from '../src/statistics/blocks.ts';
import { calibration } from '../src/statistics/calibration.ts';
import { perClass, sumOf } from '../src/statistics/per-class.ts';
import { ratioInterval } from '../src/statistics/ratio-interval.ts';
import {
  incompleteBeta,
  logGamma,
  normalTwoSided,
  studentTwoSided,
} from '../src/statistics/special-functions.ts';
import { meanAndSd } from '../src/statistics/spread.ts';
import { holm, mcnemar, twoProportions, welch } from '../src/statistics/tests.ts';

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

describe('ratioInterval', () => {
  it('by hand: 5 against 5 leave out 2 ratios at either end', () => {
    // Of 252 arrangements 1, 1 and 2 have U = 0, 1 and 2: 4 / 252 = 0.016; with U = 3 it is 7 / 252 > 0.025.
    const a = [1, 2, 4, 8, 16];
    // The 25 ratios are 2^6 once, 2^7 twice, ..., 2^10 five times, ..., 2^14 once; the third is 2^7.
    const b = a.map((value) => value * 1024);
    const { ratio, low, high } = ratioInterval(a, b, 0.05);
    expect([low, high]).toEqual([2 ** 7, 2 ** 13]);
    expectClose(ratio, 2 ** 10);
    const [back, other] = [ratioInterval(b, a, 0.05), ratioInterval(a, b, 0.001)];
    expect([back.low, back.high]).toEqual([2 ** -13, 2 ** -7]);
    // 2 / 252 is more than 0.001: no interval of that level exists.
    expect([other.low, other.high]).toEqual([0, Infinity]);
  });

  it('as in Hollander and Wolfe, example 4.3 (human chorioamnion), on logarithms', () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    const { ratio, low, high } = ratioInterval(early.map(Math.exp), term.map(Math.exp), 0.05);
    expect(Math.log(ratio)).toBeCloseTo(0.305, 9);
    // The exact level is 96 %.
    expect([Math.log(low), Math.log(high)].map((log) => log.toFixed(2))).toEqual(['-0.15', '0.76']);
  });

  it('by the normal approximation: the count that Wilcoxon tables give for 20 against 20', () => {
    // The critical value of U at 5 %, two-sided, is 127 in the tables: 127 ratios are left out at either end.
    const a = Array.from({ length: 20 }, (_, i) => 1 + i / 1000);
    const b = a.map((value, i) => value * (1 + i / 7919));
    const ratios = b.flatMap((y) => a.map((x) => y / x)).sort((x, y) => x - y);
    expect(ratioInterval(a, b, 0.05).low).toBe(ratios[127]);
  });
});

describe('blocks', () => {
  it('independent timings stand alone, runs of alike ones count once', () => {
    expect(blockLength([[1, 2, 1, 2, 1, 2, 1, 2]])).toBe(1);
    expect(blockLength([[3, 3, 3]])).toBe(1);
    // Around their mean 8 low and 8 high: r = (14 - 1) / 16, (1 + r) / (1 - r) = 29 / 3.
    expect(blockLength([[1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9]])).toBe(10);
    expect(blockMedians([1, 2, 9, 4, 5, 6, 7], 3)).toEqual([2, 5.5]);
    expect(blockMedians([1, 2], 3)).toEqual([1.5]);
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
