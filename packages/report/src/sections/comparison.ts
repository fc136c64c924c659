/**
 * The table that the project exists for: classifier, measured here, the study's figure, the published benchmark, verdict,
 * time; what else there is to say of the same rows stands in a second one. Runs that must not be compared get a table of their own
 * without the published columns, and a sentence why.
 */

import { formatAccuracy, formatCount, formatPoints, NOTHING } from '../format.ts';
import { blocks, bullets, code, escapeText, table, type Column } from '../markdown.ts';
import type { Published, PublishedFigure } from '../published.ts';
import type { RunRecord } from '../record.ts';
import { whyNotComparable } from '../standing.ts';
import { wilsonInterval } from '../statistics/proportions.ts';
import { verdict } from '../verdict.ts';
import { type Row, rowsOf } from './comparison-rows.ts';

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
    const verdictCell = judgement(row, yardstick, departures.length > 0);
    return {
      first: [
        ...runCell(row, several),
        row.classifier,
        measuredCell(row),
        comparable && study !== undefined ? formatAccuracy(study.accuracy) : NOTHING,
        (comparable && benchmarks.map(benchmarkCell).join(' / ')) || NOTHING,
        verdictCell,
        row.prediction,
      ],
      second: [
        ...runCell(row, several),
        row.classifier,
        intervalCell(row),
        study === undefined ? NOTHING : difference(row, [study]),
        difference(row, benchmarks),
        row.seeds,
        row.training,
        row.parameters,
      ],
    };
  });
  return blocks(
    table(
      [
        ...runColumn(several),
        { title: 'Classifier' },
        { title: 'Measured here', align: 'right' },
        { title: 'Study', align: 'right' },
        { title: 'Published benchmark', align: 'right' },
        { title: 'Verdict' },
        { title: 'Prediction', align: 'right' },
      ],
      cells.map(({ first }) => first),
    ),
    'Of several seeds the mean ± sample standard deviation stands here, and the mean is what is compared. The verdict compares with the study, another network with the published figure of that very network: _reproduced exactly_ means equal to four decimals, _within the interval_ that their figure lies inside our 95 % interval, _above_ and _below_ that our figure lies on that side and theirs outside the interval. _Prediction_ is the time for all test images, of several seeds the median.',
    bullets([...otherRecipes]),
    table(
      [
        ...runColumn(several),
        { title: 'Classifier' },
        { title: '95 % interval' },
        { title: 'To study', align: 'right' },
        { title: 'To benchmark', align: 'right' },
        { title: 'Each seed' },
        { title: 'Training', align: 'right' },
        { title: 'Parameters', align: 'right' },
      ],
      cells.map(({ second }) => second),
    ),
    '_To study_ and _To benchmark_ are our figure minus theirs, in percentage points.',
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
        { title: 'Training', align: 'right' },
        { title: 'Prediction', align: 'right' },
        { title: 'Parameters', align: 'right' },
      ],
      rows.map((row) => [
        ...runCell(row, several),
        row.unfinished === null ? row.classifier : `${row.classifier} (${row.unfinished})`,
        measuredCell(row),
        intervalCell(row),
        row.score === null
          ? NOTHING
          : `${formatCount(row.score.correct)} of ${formatCount(row.score.total)}`,
        row.training,
        row.prediction,
        row.parameters,
      ]),
    ),
  );
}

function measuredCell({ score, spread }: Row): string {
  if (score === null) return NOTHING;
  return [`**${formatAccuracy(score.correct / score.total)}**`, spread].join(' ').trim();
}

function intervalCell({ score }: Row): string {
  if (score === null) return NOTHING;
  const { low, high } = wilsonInterval(score.correct, score.total);
  return `${formatAccuracy(low)} to ${formatAccuracy(high)}`;
}

function runColumn(several: boolean): Column[] {
  return several ? [{ title: 'Run' }] : [];
}

function runCell({ run }: Row, several: boolean): string[] {
  return several ? [code(run)] : [];
}
