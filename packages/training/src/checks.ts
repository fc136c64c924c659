/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { z } from 'zod';
import { TrainingError } from './errors.ts';
import type { NetworkSpec } from './network/network.ts';

/** @throws TrainingError in one sentence: what it is, what it got, and what is accepted. */
export function mustBe(what: string, value: unknown, accepted: string, fits: boolean): void {
  if (!fits) throw new TrainingError(`${what} is ${shown(value)}, but must be ${accepted}.`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export function isWhole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

function isNumber(value: unknown, least: number, below: number): boolean {
  return typeof value === 'number' && value >= least && value < below;
}

/** Arrays of another realm (Jest, `vm`) count as well: `instanceof` would not know them. */
export function isImages(value: unknown): value is Uint8Array | Float32Array {
  return types.isUint8Array(value) || types.isFloat32Array(value);
}

export function kindOf(images: Uint8Array | Float32Array): 'uint8' | 'float32' {
  return types.isUint8Array(images) ? 'uint8' : 'float32';
}

/** More threads than any machine gains from: starting a million takes a minute in which nothing answers. */
const MOST_THREADS = 256;
const count = (least: number, most?: number): z.ZodType =>
  z.custom(
    (value) => isWhole(value, least, most),
    `a whole number ${most === undefined ? `of at least ${least}` : `from ${least} to ${most}`}`,
  );
const floats = z.custom(types.isFloat32Array, 'a Float32Array');

const size = z.strictObject({ rows: count(1), columns: count(1), channels: count(1) });
const tensor = z.looseObject({ name: z.string(), offset: count(0), size: count(1) });
const layer = z.looseObject({ name: z.string(), kind: z.string(), input: size, output: size });
const networkSchema = z.looseObject({
  input: size,
  classes: count(1),
  layers: z.array(layer),
  weights: z.array(tensor),
  parameters: count(0),
});
const state = z.looseObject({ weights: floats, slots: z.array(floats), step: count(0) });
const position = z.looseObject({
  ...{ epoch: count(1), step: count(0), correct: count(0) },
  ...{ lossSum: z.number(), seconds: z.number() },
});

const rate = z.custom((value) => isNumber(value, Number.MIN_VALUE, Infinity), 'a number above 0');
const decay = z.custom((value) => isNumber(value, 0, 1), 'a number from 0 to below 1');
const optimizers = {
  adam: z.strictObject({
    ...{ name: z.literal('adam'), learningRate: rate, beta1: decay, beta2: decay, epsilon: rate },
  }),
  sgd: z.strictObject({ name: z.literal('sgd'), learningRate: rate }),
};

/** @throws TrainingError for an option that is unknown or has a value it may not have. */
export function checkOptimizer(name: keyof typeof optimizers, config: unknown): void {
  check(optimizers[name], config);
}

export function isOptimizer(value: unknown): boolean {
  return Object.values(optimizers).some((schema) => schema.safeParse(value).success);
}

/** Whether a `checkpoint` event may have brought it. */
function isSnapshot(value: unknown): boolean {
  return (
    isObject(value) && isState(value['state']) && position.safeParse(value['position']).success
  );
}

/** Texts, numbers, true, false and null by name. */
export function hasScalars(value: unknown): value is Readonly<Record<string, unknown>> {
  const isScalar = (item: unknown): boolean =>
    item === null || ['string', 'number', 'boolean'].includes(typeof item);
  return (
    isObject(value) &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    Object.values(value).every(isScalar)
  );
}

const configuration = z.custom(
  (value) => hasScalars(value) && isWhole(value['seed'], 0) && isWhole(value['trainCount'], 0),
  'what configurationOf(options) gives',
);
const callback = z.custom(isFunction, 'a function').optional();
const keepSchema = z.strictObject({
  folder: z.custom((value) => isObject(value) && isFunction(value['save']), 'a CheckpointFolder'),
  configuration,
  environment: z.record(z.string(), z.string(), 'an object of texts').optional(),
  streams: callback,
  history: z
    .array(
      z.custom((value) => isObject(value) && value['type'] === 'epoch', 'an event of type epoch'),
      'a list of events of type epoch',
    )
    .optional(),
  onSaved: callback,
  onProblem: callback,
});
const checkpointSchema = z.looseObject({
  snapshot: z.custom(isSnapshot, 'the snapshot of a checkpoint event'),
  configuration,
  environment: z.record(z.string(), z.string(), 'an object of texts'),
  streams: z.array(
    z.custom((value) => isObject(value) && typeof value['name'] === 'string', 'a stream'),
    'a list of streams',
  ),
  order: z.custom((value) => value === null || types.isUint32Array(value), 'a Uint32Array or null'),
  history: z.array(z.unknown(), 'a list of events'),
});

/** @throws TrainingError for what is none, naming the part that is wrong. */
export function checkCheckpoint(value: unknown): void {
  check(checkpointSchema, value, 'checkpoint');
}

/** @throws TrainingError for an option of `keepCheckpoints` that is unknown or has a value it may not have. */
export function checkKeepOptions(options: unknown): void {
  check(keepSchema, options);
}

/** @throws TrainingError unless `configurationOf` may have given it. */
export function checkConfiguration(value: unknown): void {
  const fits = configuration.safeParse(value).success;
  mustBe('The configuration', value, 'what configurationOf(options) gives', fits);
}

export function isState(value: unknown): boolean {
  return state.safeParse(value).success;
}

/** @throws TrainingError unless `networkOf` may have given it. */
export function checkNetwork(value: unknown): void {
  const fits = networkSchema.safeParse(value).success;
  const isModel = isObject(value) && isFunction(value['getClassName']);
  if (isModel) {
    throw new TrainingError(
      'The option network is a model of TensorFlow.js, but must be what networkOf(model) gives.',
    );
  }
  mustBe('The option network', value, 'what networkOf(model) gives', fits);
}

const imageArray = z.custom(isImages, 'a Uint8Array or a Float32Array');
const labelArray = z.custom(
  types.isUint8Array,
  'a Uint8Array of the class of each image, from 0 to the number of classes - 1',
);
const labelledSet = z.looseObject(
  { images: imageArray, labels: labelArray },
  '{ images, labels }, two typed arrays',
);
const common = {
  network: z.unknown().optional(),
  weights: z.custom(types.isFloat32Array, 'a Float32Array, as weightsOf(model) gives'),
  optimizer: z.custom(isOptimizer, 'what adam() or sgd() gives'),
  batchSize: count(1),
  seed: count(0, 2 ** 32 - 1),
  threads: count(1, MOST_THREADS).optional(),
};
const fitSchema = z.strictObject({
  ...common,
  engine: z.unknown().optional(),
  train: labelledSet,
  test: labelledSet.optional(),
  epochs: count(1),
  imagesOfEpoch: z.custom(isFunction, 'a function').optional(),
  signal: z
    .custom((value) => isObject(value) && isFunction(value['addEventListener']), 'an AbortSignal')
    .optional(),
  checkpoint: z
    .strictObject(
      { everyEpochs: count(1).optional(), everySteps: count(1).optional() },
      'an object of everyEpochs and everySteps',
    )
    .optional(),
  resume: z.custom(isSnapshot, 'the snapshot of a checkpoint event').optional(),
});
const trainerSchema = z.strictObject({
  ...common,
  images: z.custom((value) => value === 'uint8' || value === 'float32', 'uint8 or float32'),
  scale: z.custom(Number.isFinite, 'a finite number').optional(),
});

/** @throws TrainingError for an option of `fit` that is unknown or has a value it may not have. */
export function checkFitShape(options: unknown): void {
  check(fitSchema, options);
  checkNetwork(isObject(options) ? options['network'] : undefined);
}

/** @throws TrainingError for an option of `createTrainer` that is unknown or has a value it may not have. */
export function checkTrainerShape(options: unknown): void {
  check(trainerSchema, options);
  checkNetwork(isObject(options) ? options['network'] : undefined);
}

function check(schema: z.ZodObject, options: unknown, of = 'options'): void {
  const { error } = schema.safeParse(options, { reportInput: true });
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const known = Object.keys(schema.shape).join(', ');
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = name === '' ? `; there are ${known}` : ` in ${name}`;
    throw new TrainingError(`There is no option "${issue.keys.join('", "')}"${where}.`);
  }
  if (name === '') mustBe(`The value of the ${of}`, options, `an object of ${known}`, false);
  const what = of === 'options' ? `The option ${name}` : `The ${name} of the ${of}`;
  mustBe(what, issue.input, issue.message, false);
}

/** @throws TrainingError where there are not as many weights as parameters, or one is no finite number. */
export function checkWeights(weights: Float32Array, { parameters }: NetworkSpec): void {
  if (weights.length !== parameters) {
    throw new TrainingError(
      `The network has ${parameters} parameters, but ${weights.length} weights were given.`,
    );
  }
  checkFinite(weights, 'the weights');
}

/** @param what it is of, as in "the training images". @throws TrainingError naming the first value that is NaN or infinite. */
export function checkFinite(values: Uint8Array | Float32Array, what: string): void {
  if (types.isUint8Array(values)) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // 0 for every finite value, NaN for the others.
    if (value - value !== 0) {
      throw new TrainingError(
        `Value ${i} of ${what} is ${value}; every one must be a finite number.`,
      );
    }
  }
}
