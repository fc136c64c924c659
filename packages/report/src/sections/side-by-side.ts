/** Several runs beside each other: what was measured in more than one of them, with its ratio to the first. */

import { formatAccuracy, formatPoints, formatRatio, formatSeconds, NOTHING } from '../format.ts';
import { blocks, code, escapeText, table } from '../markdown.ts';
import type { RunRecord } from '../record.ts';
import { quantile } from '../statistics/proportions.ts';
import { timesOfTheFirst } from '../stretches.ts';
import { knnName, networkName } from '../names.ts';
import { recipe } from './seeds.ts';

/** One thing measured in one run. */
interface Measured {
  /** The same words in two runs mean the same thing. */
  readonly what: string;
  /** Accuracies belong beside each other only where this is the same, too. */
  readonly recipe: string;
  readonly engine: string;
  readonly seed: number | null;
  /** Fraction right; `null` where only time was measured. */
  readonly accuracy: number | null;
  /** Every timed repetition, in seconds. */
  readonly seconds: readonly number[];
}

/** k-NN searches, epochs of the network and kernel calls of a run. */
function measuredIn({ knn, cnn, kernels }: RunRecord): readonly Measured[] {
  return [
    ...knn.map((result) => ({
      what: `${knnName(result)}, ${result.trainCount} x ${result.total} images: search`,
      recipe: '',
      engine: result.engine,
      seed: null,
      accuracy: result.accuracy,
      seconds: result.repetitions,
    })),
    ...cnn.map((training) => {
      const { engine, batchSize, seed, trainCount, finalTestAccuracy, epochs } = training;
      return {
        what: `${networkName(training)}, batch ${batchSize}, ${trainCount} images: epoch`,
        recipe: recipe({ ...training, engine: '' }),
        ...{ engine, seed, accuracy: finalTestAccuracy },
        seconds: epochs.map((epoch) => epoch.seconds),
      };
    }),
    ...kernels.map(({ kernel, engine, queries, rows, sampleSeconds }) => ({
      what: `kernel ${kernel}, ${queries} x ${rows}: call`,
      ...{ recipe: '', engine, seed: null, accuracy: null, seconds: sampleSeconds },
    })),
  ];
}

/** Empty for one run, and where no two runs measured the same. */
export function sideBySide(records: readonly RunRecord[]): string {
  const all = records.flatMap((record) =>
    measuredIn(timesOfTheFirst(record)).map((entry) => ({ record, ...entry })),
  );
  const rows = [...new Set(all.map(({ what }) => what))].flatMap((what) => {
    const same = all.filter((entry) => entry.what === what && entry.seconds.length > 0);
    const [first] = same;
    if (first === undefined || new Set(same.map(({ record }) => record)).size < 2) return [];
    const base = quantile(first.seconds, 0.5);
    return same.map(({ record, recipe: own, engine, seed, accuracy, seconds }) => {
      const median = quantile(seconds, 0.5);
      return [
        escapeText(what),
        code(record.run.id),
        escapeText(record.machine.cpuModel),
        code(engine),
        seed === null ? NOTHING : String(seed),
        accuracy === null ? NOTHING : formatAccuracy(accuracy),
        accuracy === null || first.accuracy === null || own !== first.recipe
          ? NOTHING
          : formatPoints(accuracy - first.accuracy),
        `${formatSeconds(median)} (n = ${seconds.length})`,
        formatRatio(median / base),
      ];
    });
  });
  if (rows.length === 0) return '';
  return blocks(
    table(
      [
        { title: 'Measured' },
        { title: 'Run' },
        { title: 'Machine' },
        { title: 'Engine' },
        { title: 'Seed', align: 'right' },
        { title: 'Accuracy', align: 'right' },
        { title: 'To the first', align: 'right' },
        { title: 'Median time', align: 'right' },
        { title: 'Times the first', align: 'right' },
      ],
      rows,
    ),
    'Accuracy differences are in percentage points, times are ratios of medians, both to the first run of their kind in the table; accuracies after another number of epochs are not compared. `pnpm bench compare A B` says whether they are more than noise.',
  );
}
