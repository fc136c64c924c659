/** Two runs against each other: what got faster, slower, better or worse, and whether that is more than noise. */

import { decodeClasses } from './encoding.ts';
import { finished, type StoredRun } from './figures/figures.ts';
import { formatAccuracy, formatP, formatPoints, formatRatio, formatSeconds } from './format.ts';
import { blocks, bullets, code, escapeText, heading, table } from './markdown.ts';
import type { CnnRun } from './results.ts';
import { knnName } from './sections/names.ts';
import { recipe } from './sections/seeds.ts';
import { measuredIn } from './sections/side-by-side.ts';
import { runLabels } from './standing.ts';
import { quantile } from './statistics/proportions.ts';
import { meanAndSd } from './statistics/spread.ts';
import { holm, mannWhitney, mcnemar, twoProportions, welch } from './statistics/tests.ts';

/** Below this chance a difference counts as more than noise, after Holm's correction over all rows. */
const LEVEL = 0.05;

type Words = readonly [lower: string, higher: string];

interface Row {
  readonly what: string;
  readonly first: string;
  readonly second: string;
  readonly change: string;
  readonly test: string;
  readonly p: number;
  /** Sign of second minus first. */
  readonly sign: number;
  readonly words: Words;
}

/**
 * Compares the second run with the first, as Markdown.
 *
 * Accuracies on the same images: McNemar's exact test; of several seeds: Welch's t test over their accuracies; where the
 * predictions were not kept: the pooled z test of two proportions. Times: Mann and Whitney's U test over all timed
 * repetitions. p-values are Holm's over all rows of the table.
 */
export function compareRuns(first: StoredRun, second: StoredRun): string {
  const rows = [...knnRows(first, second), ...cnnRows(first, second), ...timeRows(first, second)];
  const adjusted = holm(rows.map(({ p }) => p));
  const judged = rows.map((row, i) => ({ ...row, adjusted: adjusted[i] ?? 1 }));
  const [a, b] = [first.record, second.record];
  return `${blocks(
    heading(1, `${code(a.run.id)} (A) and ${code(b.run.id)} (B)`),
    bullets([origin('A', first), origin('B', second)]),
    rows.length === 0
      ? 'The two runs measured nothing in common.'
      : blocks(
          table(
            [
              { title: 'Measured' },
              { title: 'A', align: 'right' },
              { title: 'B', align: 'right' },
              { title: 'B to A', align: 'right' },
              { title: 'B is' },
              { title: 'p', align: 'right' },
              { title: 'Test' },
            ],
            judged.map((row) => [
              escapeText(row.what),
              row.first,
              row.second,
              row.change,
              verdictOf(row),
              formatP(row.adjusted),
              row.test,
            ]),
          ),
          `A difference counts as more than noise where p < ${LEVEL}; p-values are two-sided and corrected by Holm's method over the ${rows.length} rows. Times are medians. Repetitions in one run share the state of the machine, which these tests cannot see: a second run of each tells more than a smaller p.`,
        ),
  )}\n`;
}

function verdictOf({ adjusted, sign, words }: Row & { readonly adjusted: number }): string {
  if (adjusted >= LEVEL || sign === 0) return 'no more than noise';
  return `**${words[sign < 0 ? 0 : 1]}**`;
}

function origin(name: string, { record }: StoredRun): string {
  const { run, machine } = record;
  const remarks = runLabels(record).map((label) => ` **${label.name}**`);
  return `${name}: ${escapeText(machine.cpuModel)}, fashion-bench ${escapeText(run.version)}, Node ${escapeText(run.nodeVersion)}, seed ${run.seed}${remarks.join(',')}`;
}

const ACCURACY: Words = ['worse', 'better'];

function knnRows(first: StoredRun, second: StoredRun): Row[] {
  return first.record.knn.flatMap((a) => {
    const b = second.record.knn.find(
      (other) => knnName(other) === knnName(a) && other.total === a.total,
    );
    if (b === undefined) return [];
    const key = knnName(a);
    const [pa, pb] = [first, second].map(
      (run) => run.predictions?.knn.find((kept) => knnName(kept) === key)?.predicted,
    );
    return {
      what: `${key}: accuracy`,
      ...accuracyCells(a.accuracy, b.accuracy),
      ...pairedTest(first, second, [pa, pb], [a, b]),
    };
  });
}

function cnnRows(first: StoredRun, second: StoredRun): Row[] {
  const keyOf = (run: CnnRun): string =>
    // The engine may differ: that is what one wants to compare.
    `${recipe({ ...run, engine: '' })} ${run.batchSize}`;
  const keys = new Set(finished(first.record.cnn).map(keyOf));
  return [...keys].flatMap((key) => {
    const [a, b] = [first, second].map(({ record }) =>
      finished(record.cnn).filter((run) => keyOf(run) === key),
    );
    const [one, other] = [a?.[0], b?.[0]];
    if (a === undefined || b === undefined || one === undefined || other === undefined) return [];
    const [accuraciesA, accuraciesB] = [a, b].map((runs) =>
      runs.flatMap(({ finalTestAccuracy }) => finalTestAccuracy ?? []),
    );
    const what = `CNN, batch ${one.batchSize}, ${one.epochsRequested} epochs: accuracy`;
    const overSeeds = welch(accuraciesA ?? [], accuraciesB ?? []);
    if (overSeeds !== null) {
      const [ma, mb] = [meanAndSd(accuraciesA ?? []), meanAndSd(accuraciesB ?? [])];
      return {
        ...{ what, ...accuracyCells(ma.mean, mb.mean), p: overSeeds },
        test: `Welch's t over ${ma.n} and ${mb.n} seeds`,
      };
    }
    if (one.total !== other.total) return [];
    const texts = [[first, one] as const, [second, other] as const].map(
      ([run, { seed, batchSize }]) =>
        run.predictions?.cnn.find((kept) => kept.seed === seed && kept.batchSize === batchSize)
          ?.predicted,
    );
    const scores = [one, other].map(({ correct, total }) => ({
      correct: correct ?? 0,
      total: total ?? 1,
    }));
    return {
      what: `${what} (seeds ${one.seed} and ${other.seed})`,
      ...accuracyCells(one.finalTestAccuracy ?? 0, other.finalTestAccuracy ?? 0),
      ...pairedTest(first, second, texts, scores),
    };
  });
}

function accuracyCells(a: number, b: number): Omit<Row, 'what' | 'test' | 'p'> {
  return {
    first: formatAccuracy(a),
    second: formatAccuracy(b),
    change: `${formatPoints(b - a)} points`,
    sign: Math.sign(b - a),
    words: ACCURACY,
  };
}

function pairedTest(
  first: StoredRun,
  second: StoredRun,
  [a, b]: readonly (string | undefined)[],
  [one, other]: readonly { readonly correct: number; readonly total: number }[],
): Pick<Row, 'test' | 'p'> {
  const labels = first.predictions?.labels;
  if (
    a !== undefined &&
    b !== undefined &&
    labels !== undefined &&
    labels === second.predictions?.labels
  ) {
    const { p } = mcnemar(decodeClasses(labels), decodeClasses(a), decodeClasses(b));
    return { p, test: 'McNemar, exact, same images' };
  }
  if (one === undefined || other === undefined) return { p: 1, test: '' };
  return { p: twoProportions(one, other), test: 'two proportions (predictions not kept)' };
}

function timeRows(first: StoredRun, second: StoredRun): Row[] {
  const times = ({ record }: StoredRun): Map<string, number[]> => {
    const byName = new Map<string, number[]>();
    for (const { what, seconds } of measuredIn(record)) {
      byName.set(what, [...(byName.get(what) ?? []), ...seconds]);
    }
    return byName;
  };
  const others = times(second);
  return [...times(first)].flatMap(([what, a]) => {
    const b = others.get(what);
    if (b === undefined || a.length === 0 || b.length === 0) return [];
    const [ma, mb] = [quantile(a, 0.5), quantile(b, 0.5)];
    return {
      what,
      first: formatSeconds(ma),
      second: formatSeconds(mb),
      change: `x ${formatRatio(mb / ma)}`,
      test: `Mann-Whitney, n = ${a.length} and ${b.length}`,
      p: mannWhitney(a, b),
      sign: Math.sign(mb - ma),
      words: ['faster', 'slower'] as const,
    };
  });
}
