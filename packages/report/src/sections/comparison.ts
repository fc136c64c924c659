/**
 * The table that the project exists for: classifier, the study's figure, the published benchmark,
 * measured here, difference, verdict, time. Runs that must not be compared get a table of their own
 * without the published columns, and a sentence why.
 */

import { finished } from '../figures/figures.ts';
import {
  formatAccuracy,
  formatCount,
  formatList,
  formatPoints,
  formatSeconds,
  NOTHING,
} from '../format.ts';
import { blocks, bullets, code, escapeText, table, type Column } from '../markdown.ts';
import type { Published, PublishedFigure } from '../published.ts';
import type { RunRecord } from '../record.ts';
import type { CnnRun } from '../results.ts';
import { subsetWords, whyNotComparable, whyUnfinished } from '../standing.ts';
import { wilsonInterval } from '../statistics/proportions.ts';
import { cnnDepartures, knnDepartures, verdict } from '../verdict.ts';
import { cnnName, knnName } from './names.ts';
import { meanOver, recipe } from './seeds.ts';

/** One classifier as measured, ready to stand in a table. */
interface Row {
  readonly run: string;
  readonly kind: 'knn' | 'cnn';
  /** Inline Markdown. */
  readonly classifier: string;
  readonly score: { readonly correct: number; readonly total: number } | null;
  /** Preparing or training, and classifying all test images. */
  readonly training: string;
  readonly prediction: string;
  readonly parameters: string;
  /** Mean and sd over repetitions with other seeds, `null` where there are none or chance plays no part. */
  readonly overSeeds: string;
  /** Why it has no final figure. */
  readonly unfinished: string | null;
  /** Which part of the images it saw, if not all. */
  readonly subset: string | null;
  /** What differs from the recipe behind a published figure. */
  readonly departures: (figure: PublishedFigure) => readonly string[];
  /** Whether a figure with a recipe is one of this classifier: for networks, of the same number of parameters. */
  readonly isOf: (figure: PublishedFigure) => boolean;
}

/**
 * Measured beside published, for the runs that may be compared; empty if there is no classifier in them.
 * The others belong to `uncompared`.
 */
export function comparison(records: readonly RunRecord[], published: Published): string {
  const rows = records
    .filter((record) => whyNotComparable(record) === null)
    // Standardised pixels are the published benchmark's protocol: published-grid.ts has its table.
    .map((record) => ({ ...record, knn: record.knn.filter((result) => !result.standardised) }))
    .flatMap(rowsOf);
  return rows.length === 0 ? '' : compared(rows, published, records.length > 1);
}

/** Measured alone, with the reason: synthetic, quick and subset runs; empty if there are none. */
export function uncompared(records: readonly RunRecord[]): string {
  const groups = new Map<string, Row[]>();
  for (const record of records) {
    const reason = whyNotComparable(record);
    if (reason !== null) groups.set(reason, [...(groups.get(reason) ?? []), ...rowsOf(record)]);
  }
  const tables = [...groups]
    .filter(([, rows]) => rows.length > 0)
    .map(([reason, rows]) => alone(rows, reason, records.length > 1));
  return blocks(...tables);
}

function rowsOf(record: RunRecord): Row[] {
  const run = record.run.id;
  return [
    ...record.knn.map((result): Row => ({
      run,
      kind: 'knn',
      classifier: escapeText(knnName(result)),
      score: result,
      training: `fit ${formatSeconds(result.fitSeconds)}`,
      prediction: formatSeconds(result.searchSeconds),
      parameters: NOTHING,
      overSeeds: 'exact, no seed',
      unfinished: null,
      subset: subsetWords(result.trainCount, result.total),
      departures: (figure) =>
        figure.kind === 'knn' && figure.recipe !== null ? knnDepartures(result, figure.recipe) : [],
      isOf: ({ kind }) => kind === 'knn',
    })),
    ...firstOfEachRecipe(record.cnn).map(({ training, repetitions }): Row => {
      const { correct, total, predictSeconds } = training;
      return {
        run,
        kind: 'cnn',
        classifier: escapeText(cnnName(training)),
        score: correct === null || total === null ? null : { correct, total },
        training: formatSeconds(training.trainSeconds),
        prediction: predictSeconds === null ? NOTHING : formatSeconds(predictSeconds),
        parameters: formatCount(training.network.parameters),
        overSeeds: overSeedsCell(repetitions),
        unfinished: whyUnfinished(training),
        subset: total === null ? null : subsetWords(training.trainCount, total),
        departures: (figure) =>
          figure.kind === 'cnn' && figure.recipe !== null
            ? cnnDepartures(training, figure.recipe)
            : [],
        isOf: ({ kind, recipe: published }) =>
          kind === 'cnn' && published?.parameters === training.network.parameters,
      };
    }),
  ];
}

/** Repetitions with other seeds are one row: the first, which was asked for before anything was measured. */
function firstOfEachRecipe(
  trainings: readonly CnnRun[],
): readonly { readonly training: CnnRun; readonly repetitions: readonly CnnRun[] }[] {
  const recipes = new Map<string, CnnRun[]>();
  for (const training of trainings) {
    const key = recipe(training);
    recipes.set(key, [...(recipes.get(key) ?? []), training]);
  }
  return [...recipes.values()].flatMap((repetitions) => {
    const [training] = repetitions;
    return training === undefined ? [] : { training, repetitions };
  });
}

function overSeedsCell(repetitions: readonly CnnRun[]): string {
  const done = finished(repetitions);
  if (done.length < 2) return NOTHING;
  const { n, mean, sd } = meanOver(done);
  const batches = new Set(done.map(({ batchSize }) => String(batchSize)));
  const mixed = batches.size > 1 ? `, batch ${formatList([...batches])}` : '';
  return `${formatAccuracy(mean)} ± ${formatAccuracy(sd)} (n = ${n}${mixed})`;
}

function compared(rows: readonly Row[], published: Published, several: boolean): string {
  const otherRecipes = new Set<string>();
  const cells = rows.map((row) => {
    const figures = published.figures.filter(({ kind }) => kind === row.kind);
    const study = figures.find(
      (figure) => figure.role === 'study' && (figure.recipe === null || row.isOf(figure)),
    );
    const benchmarks = figures.filter(({ role }) => role === 'benchmark');
    const comparable = obstacle(row) === null;
    // What its own recipe can be asked of: the study's figure, else the published one of this very network.
    const yardstick =
      study ?? benchmarks.find((figure) => figure.recipe !== null && row.isOf(figure));
    const departures = yardstick === undefined || !comparable ? [] : row.departures(yardstick);
    if (departures.length > 0) {
      otherRecipes.add(
        `_Other recipe_ in “${row.classifier}”: ${escapeText(departures.join('; '))}.`,
      );
    }
    return [
      ...runCell(row, several),
      row.classifier,
      comparable && study !== undefined ? formatAccuracy(study.accuracy) : NOTHING,
      (comparable && benchmarks.map(benchmarkCell).join(' / ')) || NOTHING,
      ...scoreCells(row),
      study === undefined ? NOTHING : difference(row, [study]),
      difference(row, benchmarks),
      judgement(row, yardstick, departures.length > 0),
      row.overSeeds,
      row.training,
      row.prediction,
      row.parameters,
    ];
  });
  return blocks(
    table(
      [
        ...runColumn(several),
        { title: 'Classifier' },
        { title: 'Study', align: 'right' },
        { title: 'Published benchmark', align: 'right' },
        { title: 'Measured here', align: 'right' },
        { title: '95 % interval' },
        { title: 'To study', align: 'right' },
        { title: 'To benchmark', align: 'right' },
        { title: 'Verdict' },
        { title: 'Mean ± sd over seeds' },
        { title: 'Training', align: 'right' },
        { title: 'Prediction', align: 'right' },
        { title: 'Parameters', align: 'right' },
      ],
      cells,
    ),
    '_To study_ and _To benchmark_ are our figure minus theirs, in percentage points. The verdict compares with the study, another network with the published figure of that very network: _reproduced exactly_ means equal to four decimals, _within the interval_ that their figure lies inside our 95 % interval, _above_ and _below_ that our figure lies on that side and theirs outside the interval. _Prediction_ is the time for all test images.',
    bullets([...otherRecipes]),
  );
}

function benchmarkCell({ accuracy, qualifier }: PublishedFigure): string {
  return `${accuracy.toFixed(3)}${qualifier === null ? '' : ` (${escapeText(qualifier)})`}`;
}

/** Ours minus each of theirs, in points; nothing for a row that may not be compared. */
function difference(row: Row, figures: readonly PublishedFigure[]): string {
  const { score } = row;
  if (score === null || obstacle(row) !== null || figures.length === 0) return NOTHING;
  return figures
    .map(({ accuracy }) => formatPoints(score.correct / score.total - accuracy))
    .join(' / ');
}

function judgement(row: Row, yardstick: PublishedFigure | undefined, otherRecipe: boolean): string {
  const reason = obstacle(row);
  if (reason !== null) return `not compared: ${reason}`;
  if (yardstick === undefined || row.score === null) return NOTHING;
  const words = verdict(row.score.correct, row.score.total, yardstick.accuracy);
  return otherRecipe ? `${words}, other recipe` : words;
}

function obstacle({ unfinished, subset }: Row): string | null {
  return unfinished ?? subset;
}

function alone(rows: readonly Row[], reason: string, several: boolean): string {
  return blocks(
    `**${reason}**`,
    table(
      [
        ...runColumn(several),
        { title: 'Classifier' },
        { title: 'Measured here', align: 'right' },
        { title: '95 % interval' },
        { title: 'Right', align: 'right' },
        { title: 'Mean ± sd over seeds' },
        { title: 'Training', align: 'right' },
        { title: 'Prediction', align: 'right' },
        { title: 'Parameters', align: 'right' },
      ],
      rows.map((row) => [
        ...runCell(row, several),
        row.unfinished === null ? row.classifier : `${row.classifier} (${row.unfinished})`,
        ...scoreCells(row),
        row.score === null
          ? NOTHING
          : `${formatCount(row.score.correct)} of ${formatCount(row.score.total)}`,
        row.overSeeds,
        row.training,
        row.prediction,
        row.parameters,
      ]),
    ),
  );
}

function scoreCells({ score }: Row): [accuracy: string, interval: string] {
  if (score === null) return [NOTHING, NOTHING];
  const { low, high } = wilsonInterval(score.correct, score.total);
  return [
    `**${formatAccuracy(score.correct / score.total)}**`,
    `${formatAccuracy(low)} to ${formatAccuracy(high)}`,
  ];
}

function runColumn(several: boolean): Column[] {
  return several ? [{ title: 'Run' }] : [];
}

function runCell({ run }: Row, several: boolean): string[] {
  return several ? [code(run)] : [];
}
