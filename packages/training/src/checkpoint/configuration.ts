/**
 * What two trainings must share for one to go on where the other stopped, as flat names and values, so that a
 * difference can be named. Data counts by its SHA-256: where it lies does not matter.
 */
import { createHash } from 'node:crypto';
import { kindOf, mustBe } from '../checks.ts';
import { hasScalars } from './checks.ts';
import { CheckpointError } from '../errors.ts';
import { checkFitShape, imageCount, type FitOptions, type TrainingSet } from '../loop/options.ts';

export type ConfigurationValue = string | number | boolean | null;

export interface Configuration {
  readonly seed: number;
  /** Training images. */
  readonly trainCount: number;
  readonly [name: string]: ConfigurationValue;
}

/** Of the numbers as they lie in memory, with their type and count. */
function sha256Of(...arrays: readonly (Uint8Array | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) {
    hash.update(`${kindOf(array)} ${array.length}\n`);
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}

function hashOfSet(set: TrainingSet | undefined): string | null {
  return set === undefined ? null : sha256Of(set.images, set.labels);
}

/** TensorFlow.js numbers the names of layers through the process, so that equal networks differ in them. */
function withoutNames(key: string, value: unknown): unknown {
  return key === 'name' ? undefined : value;
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Every plain value among the options, so that an option added later counts as well. */
function scalarsOf(options: object): Record<string, ConfigurationValue> {
  const scalars: Record<string, ConfigurationValue> = {};
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (isScalar(value)) {
      scalars[name] = value;
    }
  }
  return scalars;
}

/**
 * The configuration of a training, with the hashes of its data (0.2 s for Fashion-MNIST).
 * @throws TrainingError for options of another kind than `fit` takes.
 * @param more what else must be equal: how the images of each epoch were made, say.
 */
export function configurationOf(
  options: FitOptions,
  more: Readonly<Record<string, ConfigurationValue>> = {},
): Configuration {
  checkFitShape(options);
  const fits = hasScalars(more);
  mustBe('What else must be equal', more, 'an object of texts, numbers, true, false or null', fits);
  const { network, weights, optimizer, train, test, imagesOfEpoch, seed, callbacks } = options;
  return {
    ...scalarsOf(options),
    seed,
    trainCount: imageCount(train, network),
    ...Object.fromEntries(
      Object.entries(optimizer).map(([name, value]: [string, unknown]) => [
        `optimizer ${name}`,
        isScalar(value) ? value : JSON.stringify(value),
      ]),
    ),
    input: JSON.stringify(network.input),
    loss: network.loss,
    ...(network.lossOptions && { 'loss options': JSON.stringify(network.lossOptions) }),
    ...Object.fromEntries(
      network.layers.map((layer, i) => [`layer ${i + 1}`, JSON.stringify(layer, withoutNames)]),
    ),
    'initial weights': sha256Of(weights),
    'training data': hashOfSet(train),
    'test data': hashOfSet(test),
    ...(callbacks && { callbacks: JSON.stringify(callbacks) }),
    'other images every epoch': imagesOfEpoch !== undefined,
    ...more,
  };
}

function shown(value: ConfigurationValue | undefined): string {
  if (value === undefined || value === null) return 'not given';
  return /^[0-9a-f]{64}$/.test(String(value))
    ? `SHA-256 ${String(value).slice(0, 12)}…`
    : `${value}`;
}

/** @throws CheckpointError 'different', naming every difference. */
export function checkSameConfiguration(there: Configuration, here: Configuration): void {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])];
  const different = names.filter((name) => there[name] !== here[name]);
  if (different.length === 0) return;
  const list = different.map(
    (name) => `${name} (${shown(there[name])} there, ${shown(here[name])} here)`,
  );
  throw new CheckpointError(
    'different',
    `The checkpoint belongs to another training, which differs in ${list.join(', ')}; go on with the same configuration and data, or start anew in another folder.`,
  );
}
