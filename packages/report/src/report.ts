/**
 * From records to Markdown: a pure function, so that a report can be made again from stored records
 * at any time and two people get the same bytes. It reads no file, no clock and no locale.
 */

import { mustBe } from './checks.ts';
import { parseRecord } from './parse.ts';
import { formatList } from './format.ts';
import { blocks, bullets, code, escapeText, heading } from './markdown.ts';
import type { Figure } from './figures/figure.ts';
import type { RunPredictions } from './predictions.ts';
import type { Published } from './published.ts';
import type { RunRecord } from './record.ts';
import type { ScalingRecord } from './scaling.ts';
import { cnnDetails } from './sections/cnn.ts';
import { comparison, uncompared } from './sections/comparison.ts';
import { figureBlock } from './sections/figure.ts';
import { classGallery, erasingGallery, neighborGallery } from './sections/gallery.ts';
import { gpuEpochs, imitatedGpus } from './sections/gpu-epochs.ts';
import { headToHead } from './sections/head-to-head.ts';
import { kernelDetails } from './sections/kernels.ts';
import { knnDetails } from './sections/knn.ts';
import { cnnName } from './names.ts';
import { perClassTables } from './sections/per-class.ts';
import { protocolNotes } from './sections/protocol.ts';
import {
  dataFacts,
  engineTable,
  expectationTable,
  machineFacts,
  repeatIt,
  softwareFacts,
} from './sections/provenance.ts';
import { publishedGrid } from './sections/published-grid.ts';
import { ownFigures, publishedFigures, publishedNotes } from './sections/published.ts';
import { trainingsTable } from './sections/seeds.ts';
import { scalingTable } from './sections/scaling.ts';
import { sideBySide } from './sections/side-by-side.ts';
import { stretchTable } from './sections/stretches.ts';
import { runLabels, whyNotComparable } from './standing.ts';

/** What a report shows besides the records' numbers. */
export interface ReportExtras {
  readonly predictions?: RunPredictions | null;
  /** From `drawFigures`. */
  readonly figures?: readonly Figure[];
  /** How k-NN scales, measured apart from runs; only for one run. */
  readonly scaling?: ScalingRecord | null;
}

/**
 * Renders one run, or several beside each other, as a Markdown document (GFM).
 *
 * Figures of synthetic, quick or subset runs are never put beside published ones: their table has no
 * such columns, and a sentence says why.
 *
 * @param records one record or more, from `parseRecord`; the order is kept
 * @param published the figures to compare with, from `parsePublished`
 * @param extras predictions of a single run, and the figures that lie in `figures/` beside the report
 * @returns the document, ending in a newline
 * @throws ReportInputError when there is no record, RecordError for what is none
 */
export function renderReport(
  records: RunRecord | readonly RunRecord[],
  published: Published,
  { predictions = null, figures: drawn = [], scaling = null }: ReportExtras = {},
): string {
  const all = (isList(records) ? records : [records]).map((record) => parseRecord(record));
  const [first] = all;
  mustBe('The records', 'at least one', records, first !== undefined);
  if (first === undefined) return '';
  const compared = comparison(all, published);
  const grid = publishedGrid(all, published);
  const beside = compared !== '' || grid !== '';
  const figures = relevant(published, all);
  const single = all.length === 1;
  const document = blocks(
    heading(1, title(all)),
    ...all.map((record) => labels(record, single)),
    single ? origin(first) : bullets(all.map(origin)),
    section(2, 'Comparison', compared),
    section(2, "The published benchmark's protocol", grid),
    section(2, beside ? 'Measured, not compared' : 'Results', uncompared(all)),
    section(
      2,
      'Protocol notes',
      bullets([...protocolNotes(all), ...(beside ? publishedNotes(figures) : [])]),
    ),
    beside ? section(2, 'Published figures', publishedFigures(figures, ownFigures(all))) : '',
    section(
      2,
      'Trainings',
      blocks(
        trainingsTable(all),
        single ? figureBlock(drawn, 'training-curves') : '',
        figureBlock(drawn, 'epoch-times'),
        ...imitatedGpus(all),
      ),
    ),
    section(2, 'GPU epochs', gpuEpochs(all)),
    single ? findings(first, predictions, drawn) : section(2, 'Run by run', sideBySide(all)),
    single && scaling !== null
      ? section(
          2,
          'How k-NN scales',
          blocks(scalingTable(scaling), figureBlock(drawn, 'scaling-knn')),
        )
      : '',
    ...all.map((record) =>
      single
        ? details(record, 2, drawn)
        : blocks(heading(2, `Run ${code(record.run.id)}`), details(record, 3, [])),
    ),
  );
  return `${document}\n`;
}

/** A run of k-NN alone is not a place for the figures of networks, and the other way round. */
function relevant(published: Published, records: readonly RunRecord[]): Published {
  const measured = {
    knn: records.some(({ knn }) => knn.length > 0),
    cnn: records.some(({ cnn }) => cnn.length > 0),
    other: true,
  };
  return { ...published, figures: published.figures.filter(({ kind }) => measured[kind]) };
}

function title(records: readonly RunRecord[]): string {
  const synthetic = records.every(({ run }) => run.synthetic);
  return `${synthetic ? 'Synthetic images' : 'Fashion-MNIST'}: k nearest neighbours and a small convolutional network`;
}

/** The warnings, before any figure. */
function labels(record: RunRecord, single: boolean): string {
  const found = runLabels(record);
  const where = single ? '' : ` (run ${code(record.run.id)})`;
  return found
    .map(({ name, meaning }) => `> **${name.toUpperCase()}**${where}: ${escapeText(meaning)}`)
    .join('\n>\n');
}

/** Which run, when, on what, in one sentence. */
function origin({ run, machine }: RunRecord): string {
  const engines = `${escapeText(machine.cpuModel)}, ${machine.availableCores} cores available${machine.gpu === null ? '' : `, ${escapeText(machine.gpu.name)}`}`;
  return `Run ${code(run.id)}: ${escapeText(run.startedAt.slice(0, 10))}, fashion-bench ${escapeText(run.version)}, Node ${escapeText(run.nodeVersion)}, seed ${run.seed}, on ${engines}.`;
}

/** What one run shows about the classifiers: class by class, image by image. */
function findings(
  record: RunRecord,
  predictions: RunPredictions | null,
  drawn: readonly Figure[],
): string {
  const stored = (make: (kept: RunPredictions) => string): string =>
    predictions === null ? '' : make(predictions);
  return blocks(
    section(
      2,
      'Class by class',
      blocks(perClassTables(record), figureBlock(drawn, 'confusion-matrices')),
    ),
    section(2, 'k-NN against the CNN', stored(headToHead)),
    section(2, 'Predictions', figureBlock(drawn, 'predictions')),
    section(2, 'Mistakes', figureBlock(drawn, 'mistakes')),
    section(2, 'Calibration', figureBlock(drawn, 'reliability')),
    section(
      2,
      'Neighbours',
      stored((kept) => neighborGallery(record, kept, drawn)),
    ),
    section(2, 'The classes', classGallery(record, drawn)),
    section(2, 'Random Erasing', erasingGallery(record, drawn)),
  );
}

/** Everything about one run, from results to provenance. */
function details(record: RunRecord, level: number, drawn: readonly Figure[]): string {
  const { knn, cnn, kernels } = record;
  const left = [
    ...(knn.length === 0 ? ['k-NN'] : []),
    ...(cnn.length === 0 ? ['the CNN'] : []),
    ...(kernels.length === 0 ? ['the kernel timings'] : []),
  ];
  return blocks(
    left.length === 0 ? '' : `Not part of this run: ${formatList(left)}.`,
    section(level, 'Stated bands', expectationTable(record)),
    section(level, 'k nearest neighbours', blocks(knnDetails(knn), figureBlock(drawn, 'k-curve'))),
    ...cnn.map((run) =>
      section(
        level,
        cnn.length === 1
          ? 'Convolutional network'
          : `Convolutional network: ${escapeText(cnnName(run))}`,
        cnnDetails(run, whyNotComparable(record) === null),
      ),
    ),
    section(
      level,
      'Distance kernels',
      blocks(kernelDetails(kernels), figureBlock(drawn, 'kernel-throughput')),
    ),
    section(level, 'Parts of this run', stretchTable(record)),
    section(level, 'Engines', engineTable(record.engines)),
    section(
      level,
      'Machine, software and data',
      blocks(machineFacts(record.machine), softwareFacts(record), dataFacts(record)),
    ),
    section(level, 'How to repeat it', repeatIt(record)),
  );
}

function section(level: number, name: string, body: string): string {
  return body === '' ? '' : blocks(heading(level, name), body);
}

function isList(records: RunRecord | readonly RunRecord[]): records is readonly RunRecord[] {
  return Array.isArray(records);
}
