/** The plates of images: what the classes look like, what Random Erasing does, what k-NN found. */

import type { Figure } from '../figures/figure.ts';
import { labelOf, SAMPLES } from '../figures/strips.ts';
import { runWords, warning } from '../figures/words.ts';
import { formatPercent } from '../format.ts';
import { blocks, escapeText, table } from '../markdown.ts';
import type { RunPredictions } from '../predictions.ts';
import type { RunRecord } from '../record.ts';
import { image } from './figure.ts';

/** A row of images for each class. */
export function classGallery(record: RunRecord, figures: readonly Figure[]): string {
  const rows = record.data.classNames.flatMap((name, label) => {
    const figure = byId(figures, `class-${label}`);
    return figure === undefined ? [] : [[`${label} ${escapeText(name)}`, image(figure)]];
  });
  if (rows.length === 0) return '';
  return blocks(
    table([{ title: 'Class' }, { title: 'Training images' }], rows),
    `${warning(record)}The first ${SAMPLES} training images of each class in the order of the file, picked by nobody; ${runWords(record)}.`,
  );
}

export function erasingGallery(record: RunRecord, figures: readonly Figure[]): string {
  const before = byId(figures, 'erasing-before');
  const after = byId(figures, 'erasing-after');
  const [training] = record.cnn;
  if (before === undefined || after === undefined || training === undefined) return '';
  const { augment, seed } = training;
  return blocks(
    table(
      [{ title: '' }, { title: 'Training images' }],
      [
        ['Before', image(before)],
        ['After', image(after)],
      ],
    ),
    `${warning(record)}The first training images that were erased with seed ${seed}${augment.mode === 'epoch' ? ', as they were in the first epoch' : ''}: one rectangle each, filled with one random grey level. ${formatPercent(augment.fraction)} of the images were erased (p = ${augment.p ?? 0}); ${runWords(record)}.`,
  );
}

export function neighborGallery(
  record: RunRecord,
  predictions: RunPredictions,
  figures: readonly Figure[],
): string {
  const name = (label: number | undefined): string =>
    escapeText(record.data.classNames[label ?? -1] ?? '');
  const rows = predictions.neighbors.flatMap(({ index, predicted, neighbors }, i) => {
    const figure = byId(figures, `neighbors-${i}`);
    const label = labelOf(predictions, index);
    if (figure === undefined) return [];
    return [
      [
        name(label),
        `${name(predicted)}${label === predicted ? '' : ' (**wrong**)'}`,
        image(figure),
        neighbors.map((n) => `${name(n.label)} ${n.distance.toFixed(0)}`).join(', '),
      ],
    ];
  });
  const [first] = predictions.neighbors;
  if (rows.length === 0 || first === undefined) return '';
  return blocks(
    table(
      [
        { title: 'True' },
        { title: 'Predicted' },
        { title: 'Image, and its neighbours from the nearest on' },
        { title: 'Their classes and distances' },
      ],
      rows,
    ),
    `${warning(record)}The first test images that k-NN (${first.weights} weights) gets right, and the first that it gets wrong, with their ${first.neighbors.length} nearest training images. Distances are Euclidean, in grey levels from 0 to 255; the search is exact and has no seed; ${runWords(record)}.`,
  );
}

function byId(figures: readonly Figure[], id: string): Figure | undefined {
  return figures.find((figure) => figure.id === id);
}
