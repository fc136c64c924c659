/** One training in detail: recipe, times, marks reached, and every epoch. */

import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatPercent,
  formatPlural,
  formatRange,
  formatSeconds,
  NOTHING,
} from '../format.ts';
import { blocks, code, escapeText, factTable, folded, table } from '../markdown.ts';
import type { AugmentInfo, CnnRun, EpochResult } from '../results.ts';
import { whyUnfinished } from '../standing.ts';
import { quantile } from '../statistics/proportions.ts';

/** More epochs than this are folded away behind a selection. */
const OPEN_EPOCHS = 12;

/** @param marks whether to print when published accuracies were reached: only for runs that may be compared */
export function cnnDetails(run: CnnRun, marks: boolean): string {
  return blocks(
    factTable('Training', [
      [
        'Network',
        `${escapeText(run.network.name)}, ${formatCount(run.network.parameters)} parameters`,
      ],
      [
        'Engine',
        `${code(run.engine)}, ${formatPlural(run.threads, 'thread')}, ${escapeText(run.precision)}`,
      ],
      ['Optimizer', escapeText(optimizerWords(run))],
      ['Loss', escapeText(run.loss)],
      ['Batch', formatCount(run.batchSize)],
      [
        'Images',
        `${formatCount(run.trainCount)} for training${run.total === null ? '' : `, ${formatCount(run.total)} for testing`}`,
      ],
      ['Random Erasing', erasing(run.augment)],
      ['Seed', String(run.seed)],
      ['Epochs', whyUnfinished(run) ?? `${run.epochs.length} of ${run.epochsRequested}`],
      ['Warm-up before the clock', escapeText(run.warmup)],
      ...timeFacts(run, marks),
      ['Peak memory', formatBytes(run.peakMemoryBytes)],
    ]),
    epochTables(run.epochs),
  );
}

function timeFacts(run: CnnRun, marks: boolean): (readonly [string, string])[] {
  const seconds = run.epochs.map((epoch) => epoch.seconds);
  const facts: (readonly [string, string])[] = [
    ['Training time', `${formatSeconds(run.trainSeconds)}, without evaluation`],
  ];
  if (seconds.length > 1) {
    facts.push([
      'Time of an epoch',
      `median ${formatSeconds(quantile(seconds, 0.5))} (n = ${seconds.length}; quartiles ${formatRange(quantile(seconds, 0.25), quantile(seconds, 0.75))}; min to max ${formatRange(Math.min(...seconds), Math.max(...seconds))})`,
    ]);
  }
  for (const { testAccuracy, epoch, trainSeconds } of marks ? run.reached : []) {
    facts.push([
      `First test accuracy of ${testAccuracy.toFixed(3)} or more`,
      epoch === null
        ? 'not reached'
        : `epoch ${epoch}${trainSeconds === null ? '' : `, after ${formatSeconds(trainSeconds)} of training`}`,
    ]);
  }
  if (run.predictSeconds !== null) {
    facts.push(['Prediction of the test images', formatSeconds(run.predictSeconds)]);
  }
  return facts;
}

/** `adam (learningRate 0.001, beta1 0.9)`. Plain text. */
export function optimizerWords({ optimizer: { name, settings } }: CnnRun): string {
  const words = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return words.length === 0 ? name : `${name} (${words.join(', ')})`;
}

function erasing({ mode, p, erased, fraction, areaPixels }: AugmentInfo): string {
  if (mode === 'none') return 'none';
  const when = mode === 'once' ? 'once, before training' : 'anew every epoch';
  const area =
    areaPixels === null
      ? ''
      : `; erased area: median ${formatCount(areaPixels.median)} pixels, quartiles ${formatCount(areaPixels.p25)} to ${formatCount(areaPixels.p75)}`;
  return `${when}${p === null ? '' : `, p = ${p}`}; ${formatPlural(erased, 'image')} erased (${formatPercent(fraction)})${area}`;
}

function epochTables(epochs: readonly EpochResult[]): string {
  if (epochs.length === 0) return 'No epoch was finished.';
  const explanation =
    'Loss and training accuracy are means over the epoch, while the weights change and dropout is on; the test accuracy is taken after it, with dropout off. That is why the latter can be the higher one.';
  if (epochs.length <= OPEN_EPOCHS) return blocks(epochTable(epochs), explanation);
  const selection = epochs.filter(
    ({ epoch }) => epoch === 1 || epoch % 5 === 0 || epoch === epochs.length,
  );
  return blocks(
    epochTable(selection),
    explanation,
    folded(`All ${epochs.length} epochs`, epochTable(epochs)),
  );
}

function epochTable(epochs: readonly EpochResult[]): string {
  return table(
    [
      { title: 'Epoch', align: 'right' },
      { title: 'Time', align: 'right' },
      { title: 'Training loss', align: 'right' },
      { title: 'Training accuracy', align: 'right' },
      { title: 'Test accuracy', align: 'right' },
      { title: 'Evaluation', align: 'right' },
    ],
    epochs.map((epoch) => [
      String(epoch.epoch),
      formatSeconds(epoch.seconds),
      epoch.loss === null ? 'not finite' : epoch.loss.toFixed(4),
      formatAccuracy(epoch.accuracy),
      epoch.testAccuracy === null ? NOTHING : formatAccuracy(epoch.testAccuracy),
      epoch.evaluationSeconds === null ? NOTHING : formatSeconds(epoch.evaluationSeconds),
    ]),
  );
}
