/** `bench predict MODEL`: the classes of single images with their probabilities. Nothing is measured or written. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { CLASS_NAMES, IMAGE_SIZE, imageCount } from '@fashion-bench/dataset';
import { type Classifier, ModelFileError, openClassifier } from '@fashion-bench/model-files';
import { printable } from '@fashion-bench/report';

import type { Settings } from '../command-line/settings.ts';
import { readPicture } from '../images/decode.ts';
import { fashionImage } from '../images/fashion-image.ts';
import { RECORD_FILE } from '../output/folders.ts';
import { InterruptedError, OutputError, UsageError } from '../process/errors.ts';
import type { Io } from '../process/io.ts';
import { chooseProgress } from '../process/progress.ts';
import type { Services } from '../run/services.ts';

/**
 * @returns what belongs on standard output: as JSON an object for one image, an array of them for several
 * @param operands the model
 * @throws UsageError, ImageError, ModelFileError, OutputError, DatasetError, InterruptedError
 */
export async function predict(
  operands: readonly string[],
  settings: Settings,
  io: Io,
  { loadImages }: Pick<Services, 'loadImages'>,
): Promise<string> {
  const model = modelOf(operands);
  const images = await chosenImages(settings, io, loadImages);
  const classifier = await openClassifier(model);
  try {
    const answers: Answer[] = [];
    for (const image of images) {
      const probabilities = await probabilitiesOf(image.pixels, classifier, model);
      const names = classifier.classNames ?? CLASS_NAMES;
      const classes = Array.from(probabilities, (probability, label) => ({
        label,
        name: names[label] ?? '',
        probability,
      })).sort((a, b) => b.probability - a.probability || a.label - b.label);
      answers.push({
        image,
        classes,
        truth: image.label === null ? null : (names[image.label] ?? ''),
      });
    }
    if (!settings.json) return answers.map((answer) => describe(answer, model)).join('\n');
    const { format } = classifier;
    const all = answers.map(({ image, classes }) => ({
      model,
      format,
      image: image.source,
      blank: isBlank(image),
      trueLabel: image.label,
      classes,
    }));
    return `${JSON.stringify(all.length === 1 ? all[0] : all, null, 2)}\n`;
  } finally {
    await classifier.dispose();
  }
}

interface Answer {
  readonly image: ChosenImage;
  readonly truth: string | null;
  /** The most likely first. */
  readonly classes: readonly {
    readonly label: number;
    readonly name: string;
    readonly probability: number;
  }[];
}

function describe({ image, truth, classes }: Answer, model: string): string {
  const known = truth === null ? '' : `, in truth ${truth}`;
  const lines = classes.map(
    ({ name, probability }) => `${probability.toFixed(4).padStart(8)}  ${printable(name)}`,
  );
  const doubt = isBlank(image)
    ? ['It is nearly of one colour, and shows nothing to classify: the probabilities mean nothing.']
    : [];
  return [printable(`${image.source}${known}, by ${model}:`), ...doubt, ...lines, ''].join('\n');
}

/** Differences below this part of the range from black to white are no article of clothing. */
const FAINT = 0.05;

function isBlank({ pixels }: ChosenImage): boolean {
  return Math.max(...pixels) - Math.min(...pixels) < FAINT * 255;
}

/** Of a run's folder, or its record, the model of its first training (of the others: model-seed43.h5, ...). @throws UsageError, OutputError */
function modelOf(operands: readonly string[]): string {
  const [given = ''] = operands;
  if (given === '' || operands.length > 1) {
    throw new UsageError(
      `'predict' takes one model, but got ${operands.length}: name an .h5 or .onnx file, a folder with model.json, or a run's folder.`,
    );
  }
  const folder = given.endsWith(RECORD_FILE) ? join(given, '..') : given;
  if (!existsSync(join(folder, RECORD_FILE))) return given;
  const model = join(folder, 'model.h5');
  if (existsSync(model)) return model;
  throw new OutputError(
    'not-found',
    `${folder} is a run without a trained network (it has no model.h5): name a run of 'cnn' that was completed, or a model.`,
  );
}

/** @throws ModelFileError for a model of other images or classes, or whose output is no distribution */
async function probabilitiesOf(
  bytes: Uint8Array,
  classifier: Classifier,
  model: string,
): Promise<Float32Array> {
  const { input, classes } = classifier;
  const numbers = input.reduce((product, size) => product * size, 1);
  if (numbers !== IMAGE_SIZE || classes !== CLASS_NAMES.length) {
    throw new ModelFileError(
      'unsupported',
      `${model} takes images of the shape [${input.join(', ')}] and knows ${classes} classes: give a model of 28 x 28 grey pixels and ${CLASS_NAMES.length} classes.`,
    );
  }
  const pixels = Float32Array.from(bytes, (byte) => byte / 255);
  const probabilities = await classifier.predict(pixels, 1);
  const sum = probabilities.reduce((total, p) => total + p, 0);
  if (probabilities.some((p) => p < 0) || Math.abs(sum - 1) > 1e-3) {
    throw new ModelFileError(
      'unsupported',
      `What ${model} says of an image are no probabilities (their sum is ${sum.toPrecision(4)}): give a model that ends in softmax.`,
    );
  }
  return probabilities;
}

interface ChosenImage {
  readonly source: string;
  /** 784 bytes, the background 0. */
  readonly pixels: Uint8Array;
  /** Of a test image; null for a file. */
  readonly label: number | null;
}

async function chosenImages(
  settings: Settings,
  io: Io,
  loadImages: Services['loadImages'],
): Promise<readonly ChosenImage[]> {
  const { image: sources, index, quiet } = settings;
  if (sources.length > 0) {
    const chosen: ChosenImage[] = [];
    // One after the other: a photograph takes up to a GiB while it is decoded.
    for (const source of sources) {
      chosen.push({ source, pixels: fashionImage(await readPicture(source)), label: null });
    }
    return chosen;
  }
  const stop = new AbortController();
  const unsubscribe = io.onStop((signal) => {
    stop.abort(new InterruptedError(signal));
  });
  const progress = chooseProgress(quiet, io);
  const hooks = { env: io.env, progress, signal: stop.signal };
  const { test } = await loadImages(settings, hooks).finally(unsubscribe);
  stop.signal.throwIfAborted();
  if (index >= imageCount(test)) {
    throw new UsageError(
      `--index must be at most ${imageCount(test) - 1}, the last test image, not ${index}.`,
    );
  }
  const pixels = test.images.subarray(index * IMAGE_SIZE, (index + 1) * IMAGE_SIZE);
  return [{ source: `test image ${index}`, pixels, label: test.labels[index]! }];
}
