/**
 * The study's prediction plate: test images with the predicted label, its probability in per cent and the true label in
 * brackets, blue when right and red when wrong, and beside each the bar of its ten probabilities.
 */

import { decodeClasses, decodePixels, decodeProbabilities } from '../encoding.ts';
import { formatCount, formatPercent } from '../format.ts';
import { code } from '../markdown.ts';
import type { RunPredictions } from '../predictions.ts';
import type { RunRecord } from '../record.ts';
import type { Figure } from './figure.ts';
import { pixelGroup, SIDE } from './pixels.ts';
import { escapeXml, round, svgFile } from './svg.ts';
import { colour, FONT, FONT_SIZE } from './theme.ts';
import { runWords, warning } from './words.ts';

const SHOWN = 15;
const COLUMNS = 5;
const SCALE = 3;
const IMAGE = SIDE * SCALE;
const BARS = 80;
const CELL = { width: IMAGE + BARS + 26, height: IMAGE + 60 };
/** From the lower edge of an image to the digits of its bars, and to its two lines of text. */
const DIGITS = 11;
const TEXT = 27;
const MARGIN = 14;

interface Shown {
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  readonly pixels: Uint8Array;
}

/** The first test images, and the first that are wrong: two plates, or none without a network's probabilities. */
export function predictionPlates(
  record: RunRecord,
  predictions: RunPredictions,
): readonly Figure[] {
  const [training] = predictions.cnn;
  if (training === undefined) return [];
  const labels = decodeClasses(predictions.labels);
  const predicted = decodeClasses(training.predicted);
  const probabilities = decodeProbabilities(training.probabilities);
  const classes = probabilities.length / labels.length;
  const kept: readonly Shown[] = predictions.images
    .filter(({ set }) => set === 'test')
    .sort((a, b) => a.index - b.index)
    .map(({ index, label, pixels }) => ({
      ...{ index, label, pixels: decodePixels(pixels) },
      predicted: predicted[index]!,
      probabilities: [...probabilities.subarray(index * classes, (index + 1) * classes)],
    }));
  const wrong = labels.reduce((n, label, i) => n + (predicted[i] === label ? 0 : 1), 0);
  const source = `engine ${code(training.engine)}, seed ${training.seed}, batch ${training.batchSize}; ${runWords(record)}`;
  const common = `${warning(record)}Predicted label, its probability and (true label): blue when right, red when wrong; the bars are the ten probabilities in the order of the labels, the predicted one coloured, the true one coloured too where it is another.`;
  return [
    plate({
      ...{ record, id: 'predictions', shown: kept.filter(({ index }) => index < SHOWN) },
      what: 'The first test images in the order of the file',
      caption: `${common} The first images of the test set (n = ${SHOWN} of ${formatCount(labels.length)}), picked by nobody; ${source}.`,
    }),
    plate({
      ...{ record, id: 'mistakes' },
      shown: kept.filter((image) => image.predicted !== image.label).slice(0, SHOWN),
      what: 'The first test images that the network gets wrong',
      caption: `${common} The first that are wrong, of ${formatCount(wrong)} wrong ones among n = ${formatCount(labels.length)}; ${source}.`,
    }),
  ].filter((figure) => figure !== null);
}

interface PlateOptions {
  readonly record: RunRecord;
  readonly id: string;
  readonly shown: readonly Shown[];
  readonly what: string;
  readonly caption: string;
}

function plate({ record, id, shown, what, caption }: PlateOptions): Figure | null {
  if (shown.length === 0) return null;
  const names = record.data.classNames;
  const cells = shown.map((image, i) =>
    cell(
      image,
      names,
      MARGIN + (i % COLUMNS) * CELL.width,
      MARGIN + Math.floor(i / COLUMNS) * CELL.height,
    ),
  );
  const rows = Math.ceil(shown.length / COLUMNS);
  const width = COLUMNS * CELL.width + 2 * MARGIN - 16;
  const height = rows * CELL.height + 2 * MARGIN - 12;
  const words = shown.map(
    ({ label, predicted, probabilities }) =>
      `${names[predicted] ?? ''} ${percent(probabilities[predicted])} (${names[label] ?? ''})`,
  );
  const alt = `${what}, as predicted label, probability (true label): ${words.join(', ')}.`;
  const body = `<rect width="${round(width)}" height="${round(height)}" fill="${colour('surface')}"/><g font-family="${escapeXml(FONT)}" font-size="${FONT_SIZE}">${cells.join('')}</g>`;
  return { id, file: `${id}.svg`, alt, caption, content: svgFile(body, width, height, alt) };
}

function cell(
  { label, predicted, probabilities, pixels }: Shown,
  names: readonly string[],
  x: number,
  y: number,
): string {
  const ink = colour(predicted === label ? 'right' : 'wrong');
  const title = `${names[predicted] ?? ''} ${percent(probabilities[predicted])}`;
  const below = y + IMAGE + TEXT;
  const left = x + IMAGE + 10;
  const step = BARS / probabilities.length;
  const bars = probabilities.map((p, i) => {
    const height = Math.max(0.6, p * (IMAGE - 6));
    const fill = i === predicted ? ink : i === label ? colour('right') : colour('muted');
    return `<rect x="${round(left + i * step)}" y="${round(y + IMAGE - height)}" width="${round(step - 2)}" height="${round(height)}" fill="${fill}"/>`;
  });
  const ticks = probabilities.map(
    (_, i) =>
      `<text x="${round(left + (i + 0.5) * step - 1)}" y="${round(y + IMAGE + DIGITS)}" font-size="9" text-anchor="middle" fill="${colour('muted')}">${i}</text>`,
  );
  return [
    pixelGroup(pixels, x, y, SCALE),
    `<line x1="${round(left - 2)}" x2="${round(left + BARS)}" y1="${round(y + IMAGE)}" y2="${round(y + IMAGE)}" stroke="${colour('muted')}"/>`,
    ...bars,
    ...ticks,
    `<text x="${round(x)}" y="${round(below)}" fill="${ink}">${escapeXml(title)}</text>`,
    `<text x="${round(x)}" y="${round(below + 15)}" fill="${ink}">(${escapeXml(names[label] ?? '')})</text>`,
  ].join('');
}

function percent(p: number | undefined): string {
  return formatPercent(p ?? 0, 0);
}
