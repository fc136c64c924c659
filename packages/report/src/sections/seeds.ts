/** The trainings beside each other: accuracy, times until the marks, time of an epoch, memory; and their mean and sd. */

import { finished } from '../figures/figures.ts';
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatRange,
  formatSeconds,
  NOTHING,
} from '../format.ts';
import { blocks, code, table } from '../markdown.ts';
import type { RunRecord } from '../record.ts';
import type { CnnRun } from '../results.ts';
import { whyNotComparable, whyUnfinished } from '../standing.ts';
import { quantile, wilsonInterval } from '../statistics/proportions.ts';
import { meanAndSd } from '../statistics/spread.ts';

interface Training {
  readonly run: string;
  readonly marks: boolean;
  readonly training: CnnRun;
}

/** Empty without a training. */
export function trainingsTable(records: readonly RunRecord[]): string {
  const rows: readonly Training[] = records.flatMap((record) =>
    record.cnn.map((training) => ({
      ...{ run: record.run.id, training },
      marks: whyNotComparable(record) === null,
    })),
  );
  if (rows.length === 0) return '';
  const several = records.length > 1;
  const marks = rows.some((row) => row.marks)
    ? [...new Set(rows.flatMap(({ training }) => training.reached.map((r) => r.testAccuracy)))]
    : [];
  return blocks(
    table(
      [
        ...(several ? [{ title: 'Run' }] : []),
        { title: 'Seed', align: 'right' },
        { title: 'Batch', align: 'right' },
        { title: 'Engine' },
        { title: 'Epochs', align: 'right' },
        { title: 'Test accuracy', align: 'right' },
        { title: '95 % interval' },
        ...marks.map((mark) => ({ title: `First at ${mark.toFixed(3)}` })),
        { title: 'Time of an epoch, median (quartiles)' },
        { title: 'Training', align: 'right' },
        { title: 'Prediction', align: 'right' },
        { title: 'Peak memory', align: 'right' },
      ],
      rows.map((row) => cells(row, marks, several)),
    ),
    ...overSeeds(rows.map(({ training }) => training)),
  );
}

function cells(
  { run, marks: comparable, training }: Training,
  marks: readonly number[],
  several: boolean,
): string[] {
  const { correct, total, epochs, predictSeconds } = training;
  const seconds = epochs.map((epoch) => epoch.seconds);
  const interval = correct === null || total === null ? null : wilsonInterval(correct, total);
  const unfinished = whyUnfinished(training);
  return [
    ...(several ? [code(run)] : []),
    String(training.seed),
    formatCount(training.batchSize),
    code(training.engine),
    unfinished ?? String(epochs.length),
    training.finalTestAccuracy === null ? NOTHING : formatAccuracy(training.finalTestAccuracy),
    interval === null
      ? NOTHING
      : `${formatAccuracy(interval.low)} to ${formatAccuracy(interval.high)}`,
    ...marks.map((mark) => (comparable ? firstAt(training, mark) : NOTHING)),
    seconds.length === 0
      ? NOTHING
      : `${formatSeconds(quantile(seconds, 0.5))} (${formatRange(quantile(seconds, 0.25), quantile(seconds, 0.75))}, n = ${seconds.length})`,
    formatSeconds(training.trainSeconds),
    predictSeconds === null ? NOTHING : formatSeconds(predictSeconds),
    formatBytes(training.peakMemoryBytes),
  ];
}

function firstAt({ reached }: CnnRun, mark: number): string {
  const found = reached.find(({ testAccuracy }) => testAccuracy === mark);
  if (found === undefined) return NOTHING;
  if (found.epoch === null) return 'not reached';
  return `epoch ${found.epoch}${found.trainSeconds === null ? '' : `, ${formatSeconds(found.trainSeconds)}`}`;
}

/** One sentence for each recipe that was trained more than once; recipes that differ in the batch also together. */
function overSeeds(trainings: readonly CnnRun[]): string[] {
  const done = finished(trainings);
  const groups = grouped(done, ({ batchSize, ...rest }) => `${recipe(rest)} ${batchSize}`);
  const mixed = grouped(done, recipe).filter(
    (group) => new Set(group.map(({ batchSize }) => batchSize)).size > 1,
  );
  return [
    ...groups.filter((group) => group.length > 1).map((group) => meanSentence(group, '')),
    ...mixed.map((group) =>
      meanSentence(
        group,
        ' These trainings differ in their batch, so this is a spread over recipes as much as over seeds.',
      ),
    ),
  ];
}

function meanSentence(group: readonly CnnRun[], remark: string): string {
  const { n, mean, sd } = meanOver(group);
  const batches = [...new Set(group.map(({ batchSize }) => batchSize))].join(' and ');
  const seeds = group.map(({ seed }) => seed).join(', ');
  return `**Test accuracy over seeds: ${formatAccuracy(mean)} ± ${formatAccuracy(sd)}** (mean and sample standard deviation, n = ${n}, seeds ${seeds}, batch ${batches}, engine ${code(group[0]?.engine ?? '')}).${remark}`;
}

/** Mean and sd of the final test accuracies. @throws RangeError without a finished training */
export function meanOver(trainings: readonly CnnRun[]): ReturnType<typeof meanAndSd> {
  return meanAndSd(finished(trainings).flatMap(({ finalTestAccuracy }) => finalTestAccuracy ?? []));
}

/** What two trainings share that are repetitions of each other but for seed and batch. */
export function recipe({
  engine,
  epochsRequested,
  augment,
  network,
  optimizer,
  trainCount,
}: Pick<
  CnnRun,
  'engine' | 'epochsRequested' | 'augment' | 'network' | 'optimizer' | 'trainCount'
>): string {
  return [
    ...[engine, epochsRequested, augment.mode, network.name, network.parameters, trainCount],
    ...[optimizer.name, ...Object.values(optimizer.settings)],
  ].join(' ');
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}
