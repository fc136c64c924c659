/** All published figures with preprocessing and source, and the notes that make them comparable. */

import { formatAccuracy, NOTHING } from '../format.ts';
import { blocks, escapeText, link, table } from '../markdown.ts';
import type { Published, PublishedFigure } from '../published.ts';

export function publishedFigures(published: Published): string {
  return blocks(
    table(
      [
        { title: 'Classifier' },
        { title: 'Test accuracy', align: 'right' },
        { title: 'Preprocessing' },
        { title: 'Parameters', align: 'right' },
        { title: 'Source' },
      ],
      published.figures.map((figure) => [
        escapeText(figure.classifier),
        accuracy(figure),
        escapeText(figure.preprocessing),
        figure.parameters === null ? NOTHING : escapeText(figure.parameters),
        figure.url === null ? escapeText(figure.source) : link(figure.source, figure.url),
      ]),
    ),
    escapeText(published.caveat),
  );
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
