/** What comes from outside to the functions of checkpoints. */
import { types } from 'node:util';
import { z } from 'zod';
import { check, isFunction, isObject, isWhole, mustBe } from '../checks.ts';
import { isSnapshot } from '../loop/position.ts';

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
