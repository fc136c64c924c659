/** Two runs against each other: what got faster, slower, better or worse, and what cannot be told. */

import type { StoredRun } from '../figures/figures.ts';
import {
  formatAccuracy,
  formatP,
  formatPercent,
  formatPoints,
  formatRatio,
  formatSeconds,
  NOTHING,
} from '../format.ts';
import { blocks, bullets, code, escapeText, heading, table } from '../markdown.ts';
import { isObject, mustBe } from '../checks.ts';
import { parsePredictions } from '../parse-predictions.ts';
import { parseRecord } from '../parse.ts';
import { runLabels } from '../standing.ts';
import { quantile } from '../statistics/proportions.ts';
import { holm } from '../statistics/tests.ts';
import { timesOfTheFirst } from '../stretches.ts';
import { accuracyPair, type AccuracyPair } from './accuracies.ts';
import { differences } from './differences.ts';
import { keyOf, type Measured, measuredBy, PARTS } from './measured.ts';
import { INTERESTING, judgeTimes, type TimeVerdict } from './times.ts';

/** Below this chance a difference of accuracies counts, after Holm's correction over the rows of a part. */
const LEVEL = 0.05;

/** Of an accuracy of two runs. */
export interface AccuracyVerdict extends AccuracyPair {
  /** `p` is corrected by Holm's method over the rows of a part. */
  readonly verdict: 'better' | 'worse' | 'the same' | 'cannot be told';
}

/** Of a time of two runs: medians in seconds, and what `judgeTimes` says. */
export interface TimePair extends TimeVerdict {
  readonly what: string;
  readonly first: number;
  readonly second: number;
}

export interface Comparison {
  readonly accuracies: readonly AccuracyVerdict[];
  readonly times: readonly TimePair[];
  /** Sentences on what has no like in the other run, Markdown. */
  readonly differences: readonly string[];
}

/**
 * Compares the second run with the first: accuracies by the tests of `accuracyPair`, times by `judgeTimes`. k-NN, the network and
 * the kernels are a family each.
 */
export function comparisonOf(first: StoredRun, second: StoredRun): Comparison {
  for (const run of [first, second]) {
    mustBe('A run', 'a record with its predictions', run, isObject(run));
    parseRecord(run.record);
    if (run.predictions !== null) parsePredictions(run.predictions);
  }
  const ofOneMachine = (run: StoredRun): readonly Measured[] =>
    measuredBy({ ...run, record: timesOfTheFirst(run.record) });
  const [a, b] = [ofOneMachine(first), ofOneMachine(second)];
  const parts = PARTS.map((part) => [of(part, a), of(part, b)] as const);
  return {
    accuracies: parts.flatMap(([own, other]) => judgedAccuracies(own, other, [first, second])),
    times: parts.flatMap(([own, other]) => judgedTimes(own, other)),
    differences: differences(a, b),
  };
}

/** A comparison as Markdown. What has no like in the other run is listed with the settings that differ. */
export function compareRuns(first: StoredRun, second: StoredRun): string {
  const { accuracies, times, differences: apart } = comparisonOf(first, second);
  return `${blocks(
    heading(1, `${code(first.record.run.id)} (A) and ${code(second.record.run.id)} (B)`),
    bullets([origin('A', first), origin('B', second)]),
    accuracies.length + times.length === 0
      ? 'The two runs measured nothing with the same settings.'
      : '',
    ...section('Accuracy', accuracyTable(accuracies.map(accuracyRow))),
    ...section('Time', timeTable(times.map(timeRow))),
    ...section('What differs', bullets([...apart])),
  )}\n`;
}

function of(part: Measured['part'], all: readonly Measured[]): readonly Measured[] {
  return all.filter((measured) => measured.part === part);
}

function section(name: string, body: string): string[] {
  return body === '' ? [] : [heading(2, name), body];
}

function origin(name: string, { record }: StoredRun): string {
  const { run, machine } = record;
  const remarks = runLabels(record).map((label) => ` **${label.name}**`);
  return `${name}: ${escapeText(machine.cpuModel)}, fashion-bench ${escapeText(run.version)}, Node ${escapeText(run.nodeVersion)}, seed ${run.seed}${remarks.map((remark) => `,${remark}`).join('')}${timesOfTheFirst(record) === record ? '' : ' (times of part 1 alone)'}`;
}

function judgedAccuracies(
  a: readonly Measured[],
  b: readonly Measured[],
  runs: readonly [StoredRun, StoredRun],
): readonly AccuracyVerdict[] {
  const pairs = a.flatMap((own) => {
    const like = b.find(({ settings }) => keyOf(settings) === keyOf(own.settings));
    return like === undefined ? [] : (accuracyPair([own, like], runs) ?? []);
  });
  const adjusted = holm(pairs.map(({ p }) => p));
  return pairs.map((pair, i) => {
    const { first, second } = pair;
    const p = adjusted[i] ?? 1;
    const told = second > first ? 'better' : 'worse';
    const verdict = first === second ? 'the same' : p < LEVEL ? told : 'cannot be told';
    return { ...pair, p, verdict };
  });
}

function accuracyRow({ what, first, second, verdict, p, test }: AccuracyVerdict): string[] {
  return [
    escapeText(what),
    formatAccuracy(first),
    formatAccuracy(second),
    `${formatPoints(second - first)} points`,
    emphasised(verdict, ['better', 'worse']),
    formatP(p),
    test,
  ];
}

/** What can be told, in bold. */
function emphasised(verdict: string, told: readonly string[]): string {
  return told.includes(verdict) ? `**${verdict}**` : verdict;
}

function accuracyTable(rows: readonly string[][]): string {
  if (rows.length === 0) return '';
  return blocks(
    table(
      [
        { title: 'Accuracy of' },
        { title: 'A', align: 'right' },
        { title: 'B', align: 'right' },
        { title: 'B minus A', align: 'right' },
        { title: 'B is' },
        { title: 'p', align: 'right' },
        { title: 'Test' },
      ],
      rows,
    ),
    `A difference counts where p < ${LEVEL}; p-values are two-sided and corrected by Holm's method over the rows of k-NN and over those of the network. Where it does not count, whether there is one cannot be told from these runs.`,
  );
}

function judgedTimes(a: readonly Measured[], b: readonly Measured[]): readonly TimePair[] {
  const [own, other] = [byWork(a), byWork(b)];
  const pairs = [...own].flatMap(([key, first]) => {
    const second = other.get(key);
    return second === undefined ? [] : [{ first, second }];
  });
  const median = ({ sequences }: Measured): number => quantile(sequences.flat(), 0.5);
  return pairs.map(({ first, second }) => ({
    ...{ what: first.timed, first: median(first), second: median(second) },
    ...judgeTimes(first.sequences, second.sequences, pairs.length),
  }));
}

function timeRow({ what, first, second, ratio, low, high, verdict, n, block }: TimePair): string[] {
  return [
    escapeText(what),
    formatSeconds(first),
    formatSeconds(second),
    `x ${formatRatio(ratio)}`,
    Number.isFinite(high) ? `${formatRatio(low)} to ${formatRatio(high)}` : NOTHING,
    emphasised(verdict, ['faster', 'slower']),
    `${n.join(' and ')}${block === 1 ? '' : ` blocks of ${block}`}`,
  ];
}

/** Trainings that differ in nothing that takes time are timed together. */
function byWork(all: readonly Measured[]): ReadonlyMap<string, Measured> {
  const groups = new Map<string, Measured>();
  for (const measured of all) {
    const key = keyOf(measured.timeSettings);
    const sequences = [...(groups.get(key)?.sequences ?? []), ...measured.sequences]
      // A clock that saw no time pass has no ratio.
      .map((seconds) => seconds.filter((value) => value > 0))
      .filter((seconds) => seconds.length > 0);
    if (sequences.length > 0) groups.set(key, { ...measured, sequences });
  }
  return groups;
}

function timeTable(rows: readonly string[][]): string {
  if (rows.length === 0) return '';
  const percent = formatPercent(INTERESTING - 1, 0);
  return blocks(
    table(
      [
        { title: 'Time of' },
        { title: 'A', align: 'right' },
        { title: 'B', align: 'right' },
        { title: 'B to A', align: 'right' },
        { title: '95 % interval' },
        { title: 'B is' },
        { title: 'n' },
      ],
      rows,
    ),
    `Times are medians, ratios Hodges and Lehmann's with the interval of Mann and Whitney's test; those of k-NN, of the network and of the kernels hold together at 95 %. _Faster_ and _slower_ are said where the whole interval lies beyond ${percent}, _the same_ where it lies within, else the data cannot tell; without an interval there are too few repetitions. Repetitions that follow each other and are alike count in blocks. All repetitions in one run share the state of the machine, which no test of them can see: a second run of each tells more than a narrower interval.`,
  );
}
