/** `bench predict MODEL`: the classes of one image with their probabilities. Nothing is measured or written. */

import { CLASS_NAMES, IMAGE_SIZE, imageCount } from '@fashion-bench/dataset';
import { type Classifier, ModelFileError, openClassifier } from '@fashion-bench/model-files';
import { printable } from '@fashion-bench/report';

import { InterruptedError, UsageError } from '../errors.ts';
import { readPicture } from '../images/decode.ts';
import { fashionImage } from '../images/fashion-image.ts';
import type { Io } from '../io.ts';
import { chooseProgress } from '../progress.ts';
import type { Services } from '../services.ts';
import { type RawOptions, readIndex, type Settings } from '../settings.ts';

export interface PredictSettings {
  readonly model: string;
  /** Path of a PNG or JPEG file, or null for an image of the test set. */
  readonly image: string | null;
  readonly index: number;
  /** Where the test set is. */
  readonly run: Settings;
}

/** @throws UsageError */
export function readPredictSettings(
  words: readonly string[],
  raw: RawOptions,
  run: Settings,
): PredictSettings {
  const [model] = words;
  if (model === undefined || model === '' || words.length > 1) {
    throw new UsageError(
      `'predict' takes one model, but got ${words.length}: name an .h5 or .onnx file, or a folder with model.json.`,
    );
  }
  if (raw.image !== undefined && raw.index !== undefined) {
    throw new UsageError('--image and --index exclude each other: choose one.');
  }
  if (raw.image === '') throw new UsageError("--image must be the path of an image, not ''.");
  return { model, image: raw.image ?? null, index: readIndex(raw.index) ?? 0, run };
}

/**
 * @returns what belongs on standard output
 * @throws ImageError, ModelFileError, DatasetError, InterruptedError; UsageError for an index beyond the test set
 */
export async function predict(
  settings: PredictSettings,
  io: Io,
  { loadImages }: Pick<Services, 'loadImages'>,
): Promise<string> {
  const { model, run } = settings;
  const image = await chosenImage(settings, io, loadImages);
  const classifier = await openClassifier(model);
  try {
    const probabilities = await probabilitiesOf(image.pixels, classifier, model);
    const names = classifier.classNames ?? CLASS_NAMES;
    const classes = Array.from(probabilities, (probability, label) => ({
      ...{ label, name: names[label] ?? '', probability },
    })).sort((a, b) => b.probability - a.probability || a.label - b.label);
    if (run.json) {
      const { format } = classifier;
      const { source, label } = image;
      return `${JSON.stringify({ model, format, image: source, trueLabel: label, classes }, null, 2)}\n`;
    }
    const truth = image.label === null ? '' : `, in truth ${names[image.label] ?? ''}`;
    const lines = classes.map(
      ({ name, probability }) => `${probability.toFixed(4).padStart(8)}  ${printable(name)}`,
    );
    return [printable(`${image.source}${truth}, by ${model}:`), ...lines, ''].join('\n');
  } finally {
    await classifier.dispose();
  }
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

async function chosenImage(
  { image, index, run }: PredictSettings,
  io: Io,
  loadImages: Services['loadImages'],
): Promise<ChosenImage> {
  if (image !== null) {
    return { source: image, pixels: fashionImage(await readPicture(image)), label: null };
  }
  const stop = new AbortController();
  const unsubscribe = io.onStop((signal) => {
    stop.abort(new InterruptedError(signal));
  });
  const progress = chooseProgress(run.quiet, io);
  const hooks = { env: io.env, progress, signal: stop.signal };
  const { test } = await loadImages(run, hooks).finally(unsubscribe);
  stop.signal.throwIfAborted();
  if (index >= imageCount(test)) {
    throw new UsageError(
      `--index must be at most ${imageCount(test) - 1}, the last test image, not ${index}.`,
    );
  }
  return {
    source: `test image ${index}`,
    pixels: test.images.subarray(index * IMAGE_SIZE, (index + 1) * IMAGE_SIZE),
    label: test.labels[index] ?? null,
  };
}
