/**
 * The published benchmark's protocol: every setting of its grid on standardised pixels, beside its one figure. A table of
 * its own, so that it is never mixed with the study's protocol, which takes raw pixels.
 */

import { formatAccuracy, formatCount, formatPoints, formatSeconds, NOTHING } from '../format.ts';
import { blocks, bullets, code, escapeText, table } from '../markdown.ts';
import type { Published } from '../published.ts';
import type { RunRecord } from '../record.ts';
import type { KnnResult } from '../results.ts';
import { whyNotComparable } from '../standing.ts';
import { wilsonInterval } from '../statistics/proportions.ts';

/** Empty where no run that may be compared has results on standardised pixels. */
export function publishedGrid(records: readonly RunRecord[], published: Published): string {
  const rows = records
    .filter((record) => whyNotComparable(record) === null)
    .flatMap(({ run, knn }) =>
      knn.filter(({ standardised }) => standardised).map((result) => ({ run: run.id, result })),
    );
  if (rows.length === 0) return '';
  const figure = published.figures.find(({ kind, role }) => kind === 'knn' && role === 'benchmark');
  const several = records.length > 1;
  return blocks(
    table(
      [
        ...(several ? [{ title: 'Run' }] : []),
        { title: 'k', align: 'right' },
        { title: 'Votes' },
        { title: 'Distance' },
        { title: 'Published', align: 'right' },
        { title: 'Measured here', align: 'right' },
        { title: '95 % interval' },
        { title: 'Right', align: 'right' },
        { title: 'To published', align: 'right' },
        { title: 'Same to three decimals' },
        { title: 'Search', align: 'right' },
      ],
      rows.map(({ run, result }) => [
        ...(several ? [code(run)] : []),
        String(result.k),
        result.weights,
        distanceName(result),
        figure === undefined ? NOTHING : figure.accuracy.toFixed(3),
        `**${formatAccuracy(result.accuracy)}**`,
        interval(result),
        `${formatCount(result.correct)} of ${formatCount(result.total)}`,
        figure === undefined ? NOTHING : formatPoints(result.accuracy - figure.accuracy),
        figure?.accuracy.toFixed(3) === result.accuracy.toFixed(3) ? 'yes' : 'no',
        formatSeconds(result.searchSeconds),
      ]),
    ),
    bullets([
      'The published figure is one for the whole grid: its page does not say which k, votes and distance it belongs to, so every row stands beside it.',
      'As published: pixels standardised by the mean and the standard deviation of the training images; k 1, 5 and 9; votes uniform and by 1/distance; p 1 (Manhattan) and 2 (Euclidean); all 60,000 and 10,000 images.',
      'Other than published: theirs is the mean of up to two runs of scikit-learn (its harness stops early where the result does not vary), in float64, each on a training set shuffled anew. Ours is one run on the order of the files, because the order decides nothing but equal distances; standardised pixels are float32, and neighbours are exact for these.',
      'The time of a row is one search for 9 neighbours, which all six rows of its distance share, and its own vote, without warm-up. The published page gives fitting and scoring together in whole seconds, which is not compared.',
      ...(figure === undefined ? [] : [`Published: ${escapeText(figure.source)}.`]),
    ]),
  );
}

function interval({ correct, total }: KnnResult): string {
  const { low, high } = wilsonInterval(correct, total);
  return `${formatAccuracy(low)} to ${formatAccuracy(high)}`;
}

function distanceName({ metric }: KnnResult): string {
  const powers: Readonly<Record<string, string>> = { manhattan: ' (p = 1)', euclidean: ' (p = 2)' };
  return `${escapeText(metric)}${powers[metric] ?? ''}`;
}
