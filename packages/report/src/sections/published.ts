/** All published figures with preprocessing and source, and the notes that make them comparable. */

import { finished } from '../figures/figures.ts';
import { formatAccuracy, formatCount, formatPercent, formatPoints, NOTHING } from '../format.ts';
import { blocks, escapeText, link, table } from '../markdown.ts';
import type { Published, PublishedFigure } from '../published.ts';
import type { RunRecord } from '../record.ts';
import type { AugmentInfo } from '../results.ts';
import { whyNotComparable } from '../standing.ts';
import { meanAndSd } from '../statistics/spread.ts';
import { repetitionsOf, trainingsName } from './comparison-rows.ts';
import { knnName } from '../names.ts';
import { meanOver } from './seeds.ts';

/** A measured row among the published ones. */
export interface OwnFigure {
  readonly kind: 'knn' | 'cnn';
  /** Plain text. */
  readonly classifier: string;
  readonly accuracy: number;
  readonly preprocessing: string;
  readonly parameters: number | null;
}

/** What of a run may stand among the published figures: complete results on all images. */
export function ownFigures(records: readonly RunRecord[]): readonly OwnFigure[] {
  return records
    .filter((record) => whyNotComparable(record) === null)
    .flatMap(({ knn, cnn }): OwnFigure[] => [
      ...knn.map((result) => ({
        kind: 'knn' as const,
        classifier: knnName(result),
        accuracy: result.accuracy,
        preprocessing: result.standardised ? 'standardised pixels' : 'raw pixels',
        parameters: null,
      })),
      ...repetitionsOf(finished(cnn)).map((repetitions) => {
        const [{ augment, network }] = repetitions;
        const shares = repetitions.map((run) => run.augment.fraction);
        return {
          kind: 'cnn' as const,
          classifier: trainingsName(repetitions),
          accuracy: meanOver(repetitions).mean,
          preprocessing: preprocessing({ ...augment, fraction: meanAndSd(shares).mean }),
          parameters: network.parameters,
        };
      }),
    ]);
}

function preprocessing({ mode, fraction }: AugmentInfo): string {
  if (mode === 'none') return 'none but division by 255';
  return `Random Erasing, ${mode === 'once' ? 'once before training' : 'anew every epoch'}, on ${formatPercent(fraction, 1)} of the images`;
}

/** Published and measured in one list, the highest accuracy first; measured rows are bold. */
export function publishedFigures(published: Published, own: readonly OwnFigure[]): string {
  const rows = [
    ...published.figures.map((figure) => ({
      value: figure.accuracy,
      cells: [
        escapeText(figure.classifier),
        accuracy(figure),
        ours(figure, own),
        escapeText(figure.preprocessing),
        figure.parameters === null ? NOTHING : escapeText(figure.parameters),
        figure.url === null ? escapeText(figure.source) : link(figure.source, figure.url),
      ],
    })),
    ...own.map((figure) => ({
      value: figure.accuracy,
      cells: [
        `**${escapeText(figure.classifier)}**`,
        `**${formatAccuracy(figure.accuracy)}**`,
        NOTHING,
        escapeText(figure.preprocessing),
        figure.parameters === null ? NOTHING : formatCount(figure.parameters),
        '**measured here**',
      ],
    })),
  ].sort((a, b) => b.value - a.value);
  return blocks(
    table(
      [
        { title: 'Classifier' },
        { title: 'Test accuracy', align: 'right' },
        { title: 'Ours minus this', align: 'right' },
        { title: 'Preprocessing' },
        { title: 'Parameters', align: 'right' },
        { title: 'Source' },
      ],
      rows.map(({ cells }) => cells),
    ),
    `_Ours minus this_ is in percentage points, for networks our first CNN (of several seeds the mean), for neighbours our k-NN${own.some(({ kind }) => kind === 'knn') ? ` (${escapeText(firstOf(own, 'knn')?.classifier ?? '')})` : ''}. ${escapeText(published.caveat)}`,
  );
}

function ours({ kind, accuracy: theirs }: PublishedFigure, own: readonly OwnFigure[]): string {
  const figure = kind === 'other' ? undefined : firstOf(own, kind);
  return figure === undefined ? NOTHING : formatPoints(figure.accuracy - theirs);
}

/** The first CNN; the k-NN with the study's weights, else the first. */
function firstOf(own: readonly OwnFigure[], kind: 'knn' | 'cnn'): OwnFigure | undefined {
  const same = own.filter((figure) => figure.kind === kind);
  return same.find(({ classifier }) => classifier.includes('distance weights')) ?? same[0];
}

/** The notes of all figures that have one, as bullets. */
export function publishedNotes({ figures }: Published): readonly string[] {
  return figures.flatMap(({ note, classifier, accuracy: value, role }) =>
    note === null
      ? []
      : [
          `**${role === 'study' ? 'Study' : 'Published'}, ${escapeText(classifier)}, ${accuracy({ role, accuracy: value })}:** ${escapeText(note)}`,
        ],
  );
}

/** As many decimals as were published: the study gives four, the benchmark three. */
function accuracy({ role, accuracy: value }: Pick<PublishedFigure, 'role' | 'accuracy'>): string {
  return role === 'study' ? formatAccuracy(value) : value.toFixed(3);
}
