import { describe, expect, it } from 'vitest';
import { judgeTimes, type TimeVerdict } from '../src/compare/times.ts';
import { compareRuns, type RunRecord, type StoredRun } from '../src/index.ts';
import { fullRecord, storedRun, withRun } from './fixture.ts';

/** mulberry32: the same numbers in every run of these tests. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Timing {
  readonly sequences: number;
  readonly repetitions: number;
  /** Standard deviation of the logarithm of one timing. */
  readonly sd: number;
  /** Lag-1 autocorrelation. */
  readonly alike: number;
  /** Standard deviation between trainings or runs, which share the state of the machine. */
  readonly between: number;
  readonly rows: number;
}

/** Verdicts in per cent, over simulated pairs of runs of which the second takes `factor` times as long. */
function verdicts(timing: Timing, factor: number, pairs: number): Record<string, number> {
  const next = uniform(42);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const { sequences, repetitions, sd, alike, between, rows } = timing;
  const run = (level: number): number[][] =>
    Array.from({ length: sequences }, () => {
      const own = level * Math.exp(between * normal());
      let z = normal();
      return Array.from({ length: repetitions }, () => {
        z = alike * z + Math.sqrt(1 - alike ** 2) * normal();
        // One timing in twenty is up to twice as long: something else ran.
        return own * Math.exp(sd * z) * (next() < 0.05 ? 1 + next() : 1);
      });
    });
  const counts = new Map<TimeVerdict['verdict'], number>();
  for (let pair = 0; pair < pairs; pair++) {
    const { verdict } = judgeTimes(run(1), run(factor), rows);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return Object.fromEntries(
    [...counts].map(([verdict, count]) => [verdict, Math.round((100 * count) / pairs)]),
  );
}

describe('judgeTimes, by simulation', () => {
  const once = { sequences: 1, sd: 0.05, alike: 0, between: 0 };
  const cases: readonly (readonly [string, Timing, readonly number[]])[] = [
    // What a full run has; in per cent: false alarms, then found at 1.2, 1.5 and 2 times.
    ['18 searches, 2 rows', { ...once, repetitions: 18, rows: 2 }, [0, 97, 100, 100]],
    ['5 searches, 2 rows', { ...once, repetitions: 5, rows: 2 }, [0, 31, 82, 93]],
    ['50 calls, 9 rows', { ...once, sd: 0.15, repetitions: 50, rows: 9 }, [0, 40, 100, 100]],
    [
      '3 trainings of 50 epochs that are alike, 3 % between trainings',
      { sequences: 3, repetitions: 50, sd: 0.06, alike: 0.7, between: 0.03, rows: 1 },
      [0, 99, 100, 100],
    ],
    [
      '18 searches, 3 % between runs',
      { ...once, between: 0.03, repetitions: 18, rows: 2 },
      [0, 80, 100, 100],
    ],
  ];
  it.each(cases)('%s', (_, timing, expected) => {
    const found = [1, 1.2, 1.5, 2].map((factor) => {
      const { faster = 0, slower = 0 } = verdicts(timing, factor, timing.sequences > 1 ? 100 : 400);
      return factor === 1 ? faster + slower : slower;
    });
    expect(found).toEqual(expected);
  });

  it('says that it cannot tell where no interval of the level exists, and sees ten times with 5', () => {
    const few = { ...once, repetitions: 3, rows: 2 };
    expect(verdicts(few, 10, 100)).toEqual({ 'cannot be told': 100 });
    expect(verdicts({ ...few, repetitions: 5 }, 10, 100)).toEqual({ slower: 100 });
    // A part with 15 rows, as in a run of every engine, still sees it with the seven calls of a kernel.
    expect(verdicts({ ...few, repetitions: 7, rows: 15 }, 10, 100)).toEqual({ slower: 100 });
  });
});

describe('compareRuns', () => {
  const stored = (record: RunRecord): StoredRun => ({ record, predictions: null });
  const cnnOnly = (change: Partial<RunRecord['cnn'][number]>): StoredRun => {
    const record = withRun({ id: 'other' });
    return stored({
      ...{ ...record, knn: [], kernels: [] },
      cnn: record.cnn.map((run) => ({ ...run, ...change })),
    });
  };

  it('sees a search that became ten times slower', () => {
    const record = fullRecord();
    const five = [0.602, 0.569, 0.595, 0.585, 0.596];
    const withTimes = (factor: number): StoredRun =>
      stored({
        ...record,
        knn: record.knn.map((result) => ({ ...result, repetitions: five.map((s) => s * factor) })),
      });
    const text = compareRuns(withTimes(1), withTimes(10));
    expect(
      text.match(/search .*\| x 10\.0 \| +9\.\d\d to 10\.\d +\| \*\*slower\*\* /gu),
    ).toHaveLength(2);
    expect(compareRuns(withTimes(1), withTimes(1))).not.toMatch(/\*\*(?:slower|faster)/u);
  });

  it('names the settings by which two trainings differ', () => {
    const augment = { mode: 'none', p: null, erased: 0, fraction: 0, areaPixels: null } as const;
    const text = compareRuns(cnnOnly({}), cnnOnly({ batchSize: 128, augment }));
    expect(text).toContain('The two runs measured nothing with the same settings.');
    expect(text).toContain(
      '- CNN, batch 32, 50 epochs (A) and CNN, batch 128, 50 epochs (B) differ in batch (32 and 128) and Random Erasing (once, p = 0.15 and none): not compared.',
    );
  });

  it('compares the epochs of trainings of another length, not their accuracies, and not other networks', () => {
    const longer = compareRuns(cnnOnly({}), cnnOnly({ epochsRequested: 60, engine: 'tensorflow' }));
    expect(longer).toContain('| CNN, batch 32: epoch |');
    expect(longer).not.toContain('## Accuracy');
    expect(longer).toContain(
      'differ in epochs (50 and 60): their times are compared, their accuracies are not.',
    );
    const network = { name: '2 Conv+pooling', parameters: 3_274_634 };
    expect(compareRuns(cnnOnly({}), cnnOnly({ network }))).not.toContain('## Time');
  });

  it('says what only one run measured, what other means were used, and never mixes data sets', () => {
    const record = fullRecord();
    const other = compareRuns(
      stored({ ...record, cnn: [] }),
      stored({ ...record, knn: record.knn.slice(0, 1).map((r) => ({ ...r, threads: 7 })) }),
    );
    expect(other).toContain('- k-NN, k = 5, uniform weights: other threads (');
    expect(other).toContain('and 7).');
    expect(other).toContain(
      'k-NN, k = 5, distance weights (A) and k-NN, k = 5, uniform weights (B) differ in votes (distance and uniform): not compared.',
    );
    expect(other).toContain('- Only B measured: CNN, batch 32, 50 epochs.');
    const drawn = {
      ...record,
      run: { ...record.run, synthetic: true },
      data: { ...record.data, name: 'synthetic-fashion' as const, synthetic: true },
    };
    expect(compareRuns(stored(record), stored(drawn))).toContain(
      'differ in images (fashion-mnist and synthetic-fashion): not compared.',
    );
  });

  it('cannot tell a small difference of accuracies, and says the same where they are', () => {
    const run = storedRun();
    expect(compareRuns(run, run)).toMatch(/\| 0\.00 points \| the same \|/u);
    const other = stored({
      ...run.record,
      cnn: run.record.cnn.map((c) => ({ ...c, correct: 9242, finalTestAccuracy: 0.9242 })),
    });
    expect(compareRuns(run, other)).toMatch(/\+0\.01 points \| cannot be told \|/u);
  });
});
