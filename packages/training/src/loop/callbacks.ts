/**
 * What watches a training from epoch to epoch, as data, in Keras' vocabulary (keras/src/callbacks, 3.15). Each is a function of the figures of
 * the epochs so far and of nothing else: a training that goes on from a checkpoint tells it the old figures again.
 */
import { z } from 'zod';
import { check, count, isNumber, isObject, mustBe } from '../checks.ts';

/** Figures of an epoch that can be watched: losses for getting smaller, accuracies for getting larger. */
export const monitors = ['loss', 'accuracy', 'testLoss', 'testAccuracy'] as const;
export type Monitor = (typeof monitors)[number];
export type EpochFigures = Readonly<Partial<Record<Monitor, number>>>;

export interface EarlyStoppingConfig {
  readonly name: 'earlyStopping';
  readonly monitor: Monitor;
  /** How much better than the best a figure must be to count, at least 0. */
  readonly minDelta: number;
  /** Ends the training after so many epochs without a better figure. */
  readonly patience: number;
  /** A better figure ends the waiting only where it is better than this, too. */
  readonly baseline?: number;
  /** Whether the training ends with the weights of its best epoch. */
  readonly restoreBestWeights: boolean;
  /** Epochs at the beginning that are not looked at. */
  readonly startFromEpoch: number;
}

export interface ReduceLROnPlateauConfig {
  readonly name: 'reduceLROnPlateau';
  readonly monitor: Monitor;
  readonly minDelta: number;
  /** What the learning rate is multiplied with after `patience` epochs without a better figure, above 0 and below 1. */
  readonly factor: number;
  readonly patience: number;
  /** Epochs after a reduction in which nobody waits. */
  readonly cooldown: number;
  readonly minLearningRate: number;
}

/** Brings the weights after an epoch as an event `model`, for the caller to write. */
export interface ModelCheckpointConfig {
  readonly name: 'modelCheckpoint';
  readonly monitor: Monitor;
  /** Only after an epoch that was better than all before. */
  readonly saveBestOnly: boolean;
  /** What the first one has to be better than. */
  readonly initialValueThreshold?: number;
}

/** Every callback, by name. A new one is a row here; what else it needs does not compile until it is there. */
interface Callbacks {
  readonly earlyStopping: EarlyStoppingConfig;
  readonly reduceLROnPlateau: ReduceLROnPlateauConfig;
  readonly modelCheckpoint: ModelCheckpointConfig;
}
type CallbackName = keyof Callbacks;
export type CallbackConfig<N extends CallbackName = CallbackName> = {
  readonly [P in N]: Callbacks[P] & { readonly name: P };
}[N];

/** What a callback asks for after an epoch. */
export interface Wishes {
  readonly stop?: boolean;
  /** These weights are the ones to end with. */
  readonly best?: boolean;
  /** These weights are to be handed to the caller. */
  readonly save?: boolean;
  readonly learningRate?: number;
}

/** Told the figure that it monitors after each epoch. @param epoch from 0, as Keras counts @param rate the learning rate */
type Watcher = (value: number, epoch: number, rate: number) => Wishes;

/** Whether a figure is better than another by more than `minDelta`; any is better than none. */
function improves(
  { monitor, minDelta = 0 }: { readonly monitor: Monitor; readonly minDelta?: number },
  value: number,
  than: number | undefined,
): boolean {
  if (than === undefined) return true;
  return monitor.toLowerCase().endsWith('loss') ? value + minDelta < than : value - minDelta > than;
}

const WATCHERS: { readonly [N in CallbackName]: (config: CallbackConfig<N>) => Watcher } = {
  earlyStopping: (config) => {
    const { patience, baseline, restoreBestWeights, startFromEpoch } = config;
    let best: number | undefined;
    let wait = 0;
    return (value, epoch) => {
      if (epoch < startFromEpoch) return {};
      wait++;
      if (!improves(config, value, best)) return { stop: wait >= patience && epoch > 0 };
      best = value;
      if (improves(config, value, baseline)) wait = 0;
      return { best: restoreBestWeights };
    };
  },
  reduceLROnPlateau: (config) => {
    const { factor, patience, cooldown, minLearningRate } = config;
    let best: number | undefined;
    let [wait, cooling] = [0, 0];
    return (value, _, rate) => {
      if (cooling > 0) {
        cooling--;
        wait = 0;
      }
      if (improves(config, value, best)) {
        best = value;
        wait = 0;
      } else if (cooling === 0 && ++wait >= patience && rate > minLearningRate) {
        cooling = cooldown;
        wait = 0;
        return { learningRate: Math.max(rate * factor, minLearningRate) };
      }
      return {};
    };
  },
  modelCheckpoint: (config) => {
    let best = config.initialValueThreshold;
    return (value) => {
      const save = !config.saveBestOnly || improves(config, value, best);
      if (save) best = value;
      return { save };
    };
  },
};

function watcher<N extends CallbackName>(config: CallbackConfig<N>): Watcher {
  return WATCHERS[config.name](config);
}

/** The callbacks of one training, with what they have seen. */
export class Watch {
  readonly #watchers: readonly (readonly [Monitor, Watcher])[];
  readonly figures: EpochFigures[] = [];
  learningRate: number;
  stopped = false;

  /** @param past the figures of the epochs before, from a checkpoint */
  constructor(
    callbacks: readonly CallbackConfig[],
    learningRate: number,
    past: readonly EpochFigures[] = [],
  ) {
    this.#watchers = callbacks.map((config) => [config.monitor, watcher(config)]);
    this.learningRate = learningRate;
    for (const figures of past) this.after(figures);
  }

  /** What all of them ask for after the next epoch; each sees the learning rate that the one before has left. */
  after(event: EpochFigures): Wishes {
    if (this.#watchers.length === 0) return {};
    const epoch = this.figures.length;
    const seen = monitors.flatMap((name) =>
      event[name] === undefined ? [] : [[name, event[name]]],
    );
    this.figures.push(Object.fromEntries(seen) as EpochFigures);
    let wishes: Wishes = {};
    for (const [monitor, watch] of this.#watchers) {
      const value = event[monitor];
      if (value === undefined) continue;
      const more = watch(value, epoch, this.learningRate);
      this.learningRate = more.learningRate ?? this.learningRate;
      const either = (name: 'stop' | 'best' | 'save'): boolean =>
        wishes[name] === true || more[name] === true;
      wishes = { stop: either('stop'), best: either('best'), save: either('save') };
    }
    this.stopped ||= wishes.stop === true;
    return wishes;
  }
}

const above = (least: number, below: number, words: string): z.ZodType<number> =>
  z.custom<number>((value) => isNumber(value, least, below), words);
const common = { monitor: z.enum(monitors, `one of ${monitors.join(', ')}`) };
const minDelta = above(0, Infinity, 'a number from 0');
const finite = z.exactOptional(z.custom<number>(Number.isFinite, 'a finite number'));
const whole = count(0);

const SCHEMAS: Readonly<Record<CallbackName, z.ZodObject>> = {
  earlyStopping: z.strictObject({
    ...{ ...common, name: z.literal('earlyStopping'), minDelta, patience: whole },
    ...{ baseline: finite, restoreBestWeights: z.boolean(), startFromEpoch: whole },
  } satisfies Record<keyof EarlyStoppingConfig, z.ZodType>),
  reduceLROnPlateau: z.strictObject({
    ...{ ...common, name: z.literal('reduceLROnPlateau'), minDelta, patience: whole },
    factor: above(Number.MIN_VALUE, 1, 'a number above 0 and below 1'),
    ...{ cooldown: whole, minLearningRate: minDelta },
  } satisfies Record<keyof ReduceLROnPlateauConfig, z.ZodType>),
  modelCheckpoint: z.strictObject({
    ...{ ...common, name: z.literal('modelCheckpoint'), saveBestOnly: z.boolean() },
    initialValueThreshold: finite,
  } satisfies Record<keyof ModelCheckpointConfig, z.ZodType>),
};

export function isCallback(value: unknown): boolean {
  return Object.values(SCHEMAS).some((schema) => schema.safeParse(value).success);
}

function checked<T extends CallbackConfig>(options: unknown, config: T): T {
  mustBe('The value of the options', options, 'an object', isObject(options));
  check(SCHEMAS[config.name], config);
  return config;
}

type Options<T> = Partial<Omit<T, 'name'>>;

/** Ends the training when a figure has stopped getting better; Keras' defaults (`patience` 0). @throws TrainingError */
export function earlyStopping(options: Options<EarlyStoppingConfig> = {}): EarlyStoppingConfig {
  const defaults = { minDelta: 0, patience: 0, restoreBestWeights: false, startFromEpoch: 0 };
  return checked(options, { monitor: 'testLoss', ...defaults, ...options, name: 'earlyStopping' });
}

/** Lowers the learning rate when a figure has stopped getting better; Keras' defaults. @throws TrainingError */
export function reduceLROnPlateau(
  options: Options<ReduceLROnPlateauConfig> = {},
): ReduceLROnPlateauConfig {
  const defaults = { factor: 0.1, patience: 10, minDelta: 1e-4, cooldown: 0, minLearningRate: 0 };
  const name = 'reduceLROnPlateau';
  return checked(options, { monitor: 'testLoss', ...defaults, ...options, name });
}

/** An event `model` after every epoch, or after every one that was the best so far. @throws TrainingError */
export function modelCheckpoint(
  options: Options<ModelCheckpointConfig> = {},
): ModelCheckpointConfig {
  const name = 'modelCheckpoint';
  return checked(options, { monitor: 'testLoss', saveBestOnly: false, ...options, name });
}
