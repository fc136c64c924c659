/**
 * What a run is worth beside published figures: its labels (quick, synthetic, subset, interrupted,
 * busy machine, band missed) and the one rule that keeps the comparison honest. Published figures belong to 60,000
 * training and 10,000 test images; nothing measured on other images is ever put beside them.
 */

import { formatCount, formatList, formatPlural } from './format.ts';
import type { RunRecord } from './record.ts';
import type { CnnRun } from './results.ts';
import { differencesOf } from './stretches.ts';

/** The size of Fashion-MNIST, which published figures refer to. */
export const FULL_TRAIN_COUNT = 60_000;
export const FULL_TEST_COUNT = 10_000;

export interface Label {
  /** Short, for a heading or a cell: `synthetic data`. */
  readonly name: string;
  /** Plain sentences: what it means for the figures. */
  readonly meaning: string;
}

/** Everything that a reader must know before the first figure, the gravest first; often empty. */
export function runLabels(
  record: Pick<RunRecord, 'run' | 'data' | 'machine' | 'stretches'>,
): readonly Label[] {
  const { run, data } = record;
  const labels: Label[] = [];
  if (run.synthetic) {
    labels.push({
      name: 'synthetic data',
      meaning:
        'These images were generated, they are not Fashion-MNIST. The figures only show that the program works.',
    });
  }
  if (run.quick) {
    labels.push({
      name: 'quick run',
      meaning: 'This run took the short way (--quick). Its accuracies and times are not results.',
    });
  }
  if (isSubset(record)) {
    labels.push({
      name: 'subset',
      meaning: `Only ${formatCount(data.trainCount)} training and ${formatCount(data.testCount)} test images were used${data.subsetRule === null ? '' : ` (${data.subsetRule})`}, not ${formatCount(FULL_TRAIN_COUNT)} and ${formatCount(FULL_TEST_COUNT)}.`,
    });
  }
  if (run.status === 'interrupted') {
    labels.push({
      name: 'interrupted',
      meaning:
        'This run was stopped before its end. What was measured until then is kept; the rest is missing.',
    });
  }
  const differences = differencesOf(record);
  if (differences.length > 0) {
    labels.push({
      name: 'parts differ',
      meaning: `This run was interrupted and resumed, and its parts differ in ${differences.join('; ')}. Times of one part do not belong beside those of another; the table "Parts of this run" says what was measured where.`,
    });
  }
  const busy = busiest(record);
  if (busy !== null) {
    labels.push({
      name: BUSY,
      meaning: `The load was ${busy.load.toFixed(2)} on ${formatPlural(busy.cores, 'core')} when this run began${record.stretches === undefined ? '' : ' or was resumed'}: other programs computed, too. Its times may be longer than on an idle machine; accuracies do not depend on it.`,
    });
  }
  const missed = run.expectations.filter(({ ok }) => !ok);
  if (missed.length > 0) {
    labels.push({
      name: 'band missed',
      meaning: `Outside its stated band: ${formatList(missed.map(({ name, expected, measured }) => `${name} (measured ${measured}, expected ${expected})`))}.`,
    });
  }
  return labels;
}

const BUSY = 'busy machine';

type Machines = Pick<RunRecord, 'machine' | 'stretches'>;

/** A time of this run for a table: with a word where the machine had more to do than the run. */
export function markedTime(words: string, record: Machines): string {
  return busiest(record) === null ? words : `${words} (${BUSY})`;
}

/**
 * The load average of the last minute before the run, or before a part of it that was resumed, where it exceeds the cores
 * that the run may use; `null` where none does.
 */
function busiest({ machine, stretches }: Machines): {
  readonly load: number;
  readonly cores: number;
} | null {
  const machines = stretches?.map((stretch) => stretch.machine) ?? [machine];
  const loads = machines.map(({ loadAverage, availableCores: cores }) => ({
    load: loadAverage?.[0] ?? 0,
    cores,
  }));
  return loads.find(({ load, cores }) => load > cores) ?? null;
}

/** Why no figure of this run may stand beside published ones, as a sentence; `null` if they may. */
export function whyNotComparable(record: RunRecord): string | null {
  const reasons = [
    record.run.synthetic ? 'the images are synthetic' : '',
    record.run.quick ? 'this was a quick run' : '',
    isSubset(record) ? 'only a subset of the images was used' : '',
  ].filter((reason) => reason !== '');
  return reasons.length === 0
    ? null
    : `The study's and the published figures are left out: ${formatList(reasons)}, and those figures belong to full runs on all ${formatCount(FULL_TRAIN_COUNT)} training and ${formatCount(FULL_TEST_COUNT)} test images of Fashion-MNIST.`;
}

/** What is missing from a training that has no final figure, in a few words; `null` if it has one. */
export function whyUnfinished(run: CnnRun): string | null {
  if (run.status === 'interrupted') {
    return `interrupted after ${run.epochs.length} of ${formatPlural(run.epochsRequested, 'epoch')}`;
  }
  return run.finalTestAccuracy === null ? 'not evaluated' : null;
}

/** The images behind one result in words, if they were not all; `null` if they were. */
export function subsetWords(trainCount: number, testCount: number): string | null {
  if (trainCount === FULL_TRAIN_COUNT && testCount === FULL_TEST_COUNT) return null;
  return `only ${formatCount(trainCount)} training and ${formatCount(testCount)} test images`;
}

function isSubset({ data }: Pick<RunRecord, 'data'>): boolean {
  return !data.synthetic && subsetWords(data.trainCount, data.testCount) !== null;
}
