/** Figures whose content is pixels: samples of every class, Random Erasing, and neighbours, each a row of images. */

import { decodePixels } from '../encoding.ts';
import type { RunPredictions, SampleImage } from '../predictions.ts';
import type { RunRecord } from '../record.ts';
import type { Figure } from './figure.ts';
import { pngStrip } from './pixels.ts';

/** Images of each class that are shown. */
export const SAMPLES = 8;

/** One row per class: the first training images of it, `class-0`, `class-1`, ... */
export function classStrips({ data }: RunRecord, { images }: RunPredictions): readonly Figure[] {
  return data.classNames.flatMap((name, label) => {
    const own = images
      .filter((image) => image.set === 'train' && image.label === label)
      .sort((a, b) => a.index - b.index)
      .slice(0, SAMPLES);
    return strip(
      `class-${label}`,
      own.map(pixelsOf),
      `${own.length} training images of the class ${name}`,
    );
  });
}

/** Two rows: the same training images before and after Random Erasing. */
export function erasingStrips({ erased, images }: RunPredictions): readonly Figure[] {
  const pairs = erased.flatMap(({ index, pixels }) => {
    const before = find(images, 'train', index);
    return before === undefined ? [] : { before, after: decodePixels(pixels) };
  });
  return [
    ...strip(
      'erasing-before',
      pairs.map(({ before }) => pixelsOf(before)),
      `${pairs.length} training images before Random Erasing`,
    ),
    ...strip(
      'erasing-after',
      pairs.map(({ after }) => after),
      'The same images after Random Erasing: a rectangle of each is filled with one grey level',
    ),
  ];
}

/** One row per query: the query, then its neighbours from the nearest on; `neighbors-0`, ... */
export function neighborStrips(
  { data }: RunRecord,
  { neighbors, images }: RunPredictions,
): readonly Figure[] {
  const name = (label: number): string => data.classNames[label] ?? String(label);
  return neighbors.flatMap((sample, i) => {
    const query = find(images, 'test', sample.index);
    const rows = sample.neighbors.flatMap(({ index }) => find(images, 'train', index) ?? []);
    if (query === undefined || rows.length < sample.neighbors.length) return [];
    return strip(
      `neighbors-${i}`,
      [query, ...rows].map(pixelsOf),
      `A test image of the class ${name(query.label)} and its ${rows.length} nearest training images: ${sample.neighbors.map(({ label }) => name(label)).join(', ')}`,
      1,
    );
  });
}

/** The class of a kept test image, which a neighbour sample does not repeat. */
export function labelOf({ images }: RunPredictions, index: number): number | undefined {
  return find(images, 'test', index)?.label;
}

function strip(
  id: string,
  images: readonly Uint8Array[],
  alt: string,
  wideAfter = 0,
): readonly Figure[] {
  if (images.length === 0) return [];
  return [{ id, file: `${id}.png`, alt, caption: '', content: pngStrip(images, wideAfter) }];
}

function find(
  images: readonly SampleImage[],
  set: SampleImage['set'],
  index: number,
): SampleImage | undefined {
  return images.find((image) => image.set === set && image.index === index);
}

function pixelsOf({ pixels }: SampleImage): Uint8Array {
  return decodePixels(pixels);
}
