/** Whether data fit a network, and are what the types promise; one sentence where they do not. */
import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { isTrainerEngine, type ImageArray, type LabelledSet } from '@fashion-bench/training';
import { CnnError, type CnnErrorCode } from './errors.ts';

/** What a model takes and gives. */
interface Ports {
  readonly shape: readonly number[];
  readonly classes: number;
}

function mustBe(
  code: CnnErrorCode,
  what: string,
  value: unknown,
  accepted: string,
  fits: boolean,
): void {
  if (!fits) throw new CnnError(code, `${what} must be ${accepted}, not ${shown(value)}.`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** @throws CnnError 'options' for what is no object. */
export function checkObject(what: string, value: unknown): void {
  mustBe('options', what, value, 'an object', isObject(value));
}

/** @throws CnnError 'options' for what is neither true nor false. */
export function checkFlag(what: string, value: unknown): void {
  mustBe('options', what, value, 'true or false', typeof value === 'boolean');
}

/** @throws CnnError 'options' for what is no name of an engine. */
export function checkEngine(engine: unknown): void {
  const fits = typeof engine === 'string' && isTrainerEngine(engine);
  mustBe('options', 'The option engine', engine, 'the name of an engine', fits);
}

/** @throws CnnError 'options' for what is no object, or has other options than these. */
export function checkOptions(options: unknown, known: readonly string[]): void {
  checkObject(`The options (${known.join(', ')})`, options);
  const unknown = isObject(options) && Object.keys(options).find((name) => !known.includes(name));
  if (typeof unknown !== 'string') return;
  throw new CnnError('options', `There is no option "${unknown}"; there are ${known.join(', ')}.`);
}

/** Arrays of another realm (Jest, `vm`) count as well: `instanceof` would not know them. */
export const isBytes: (images: unknown) => images is Uint8Array = types.isUint8Array;

/**
 * How many images of the network's input these are.
 * @throws CnnError 'images' for an incomplete image or a value that is not finite.
 */
export function countImages({ shape }: Ports, images: ImageArray): number {
  const fits = isBytes(images) || types.isFloat32Array(images);
  mustBe('images', 'The images', images, 'a Uint8Array or a Float32Array', fits);
  const size = shape.reduce((product, length) => product * length, 1);
  if (images.length % size !== 0) {
    throw new CnnError(
      'images',
      `The images have ${images.length} values, which is no multiple of the ${size} that the model takes for each (${shape.join(' x ')}).`,
    );
  }
  const wrong = isBytes(images) ? -1 : images.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return images.length / size;
  throw new CnnError(
    'images',
    `Value ${wrong} of the given images is ${images[wrong]!}; every pixel must be a finite number.`,
  );
}

/** @throws CnnError 'images' or 'labels' for a set that is empty or does not fit. */
export function checkSet(model: Ports, set: LabelledSet): void {
  mustBe('images', 'The set', set, '{ images, labels }', isObject(set));
  const { images, labels } = set;
  const count = countImages(model, images);
  if (count === 0) throw new CnnError('images', 'There are no images to evaluate the model on.');
  mustBe('labels', 'The labels', labels, 'a Uint8Array of classes', isBytes(labels));
  if (labels.length !== count) {
    throw new CnnError(
      'labels',
      `There are ${count} images, but ${labels.length} labels; every image needs one.`,
    );
  }
  const wrong = labels.findIndex((label) => label >= model.classes);
  if (wrong >= 0) {
    throw new CnnError(
      'labels',
      `Label ${wrong} is ${labels[wrong]!}, but the model knows the classes 0 to ${model.classes - 1}.`,
    );
  }
}
