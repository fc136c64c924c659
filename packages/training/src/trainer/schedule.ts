/**
 * Learning rates that change with the step, as data: what a schedule gives is a factor of the optimizer's `learningRate`. They depend on
 * the number of steps taken and on nothing else, so that a training that goes on where it stopped needs no state for them.
 */
import { z } from 'zod';
import { check, holds, isNumber, isWhole } from '../checks.ts';

/** Each schedule's settings, by the name of Keras' class, or of PyTorch's where Keras has none. */
interface Schedules {
  /** `values[i]` up to step `boundaries[i]`, the last value from then on (Keras' PiecewiseConstantDecay). */
  readonly piecewiseConstantDecay: {
    readonly boundaries: readonly number[];
    readonly values: readonly number[];
  };
  /** decayRate^(step / decaySteps), the exponent rounded down where it is a staircase (Keras' ExponentialDecay). */
  readonly exponentialDecay: {
    readonly decaySteps: number;
    readonly decayRate: number;
    readonly staircase: boolean;
  };
  /** From 1 to `end` by (1 - step / decaySteps)^power, and `end` from then on (Keras' PolynomialDecay; power 1 is a line). */
  readonly polynomialDecay: {
    readonly decaySteps: number;
    readonly end: number;
    readonly power: number;
  };
  /**
   * A line from `start` to 1 over `warmupSteps`, then half a cosine down to `alpha` over `decaySteps` (Keras' CosineDecay, where
   * 1 is the warm-up's target; Loshchilov and Hutter 2017, "SGDR", equation 5).
   */
  readonly cosineDecay: {
    readonly decaySteps: number;
    readonly alpha: number;
    readonly warmupSteps: number;
    readonly start: number;
  };
  /**
   * Half a cosine from 1 / divFactor up to 1 within the first `pctStart` of `totalSteps`, then one down to
   * 1 / (divFactor finalDivFactor) (Smith and Topin 2018, "Super-Convergence", as PyTorch's OneCycleLR has it).
   */
  readonly oneCycle: {
    readonly totalSteps: number;
    readonly pctStart: number;
    readonly divFactor: number;
    readonly finalDivFactor: number;
  };
}
type ScheduleName = keyof Schedules;
type ScheduleOf<N extends ScheduleName> = {
  readonly [P in N]: Schedules[P] & { readonly name: P };
}[N];
export type LearningRateSchedule = ScheduleOf<ScheduleName>;

/** Half a cosine from `from` to `to`. @param part 0 to 1 */
const cosine = (from: number, to: number, part: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;

const FACTORS: {
  readonly [N in ScheduleName]: (schedule: ScheduleOf<N>, step: number) => number;
} = {
  piecewiseConstantDecay: ({ boundaries, values }, step) => {
    const at = boundaries.findIndex((boundary) => step <= boundary);
    return values[at < 0 ? boundaries.length : at] ?? 1;
  },
  exponentialDecay: ({ decaySteps, decayRate, staircase }, step) => {
    const power = step / decaySteps;
    return decayRate ** (staircase ? Math.floor(power) : power);
  },
  polynomialDecay: ({ decaySteps, end, power }, step) =>
    end + (1 - end) * (1 - Math.min(step, decaySteps) / decaySteps) ** power,
  cosineDecay: ({ decaySteps, alpha, warmupSteps, start }, step) =>
    step < warmupSteps
      ? start + ((1 - start) * step) / warmupSteps
      : cosine(1, alpha, Math.min(step - warmupSteps, decaySteps) / decaySteps),
  oneCycle: ({ totalSteps, pctStart, divFactor, finalDivFactor }, step) => {
    // PyTorch's ends of the two halves, counted from 0.
    const top = pctStart * totalSteps - 1;
    const end = totalSteps - 1;
    const first = 1 / divFactor;
    return step <= top
      ? cosine(first, 1, step / top)
      : cosine(1, first / finalDivFactor, Math.min(1, (step - top) / (end - top)));
  },
};

/** What the learning rate is multiplied with in the step after `step` others. */
export function scheduleFactor<N extends ScheduleName>(
  schedule: ScheduleOf<N> | undefined,
  step: number,
): number {
  return schedule === undefined ? 1 : FACTORS[schedule.name](schedule, step);
}

const steps = z.custom<number>((value) => isWhole(value, 1), 'a whole number from 1');
const anySteps = z.custom<number>((value) => isWhole(value, 0), 'a whole number from 0');
const factor = z.custom<number>((value) => isNumber(value, 0, Infinity), 'a number from 0');
const above = z.custom<number>(
  (value) => isNumber(value, Number.MIN_VALUE, Infinity),
  'a number above 0',
);
const part = z.custom<number>((value) => isNumber(value, Number.MIN_VALUE, 1), 'between 0 and 1');
const list = (entry: z.ZodType<number>) => z.array(entry).readonly();

const SCHEMAS: { readonly [N in ScheduleName]: z.ZodObject & z.ZodType<ScheduleOf<N>> } = {
  piecewiseConstantDecay: z
    .strictObject({
      name: z.literal('piecewiseConstantDecay'),
      boundaries: list(anySteps),
      values: list(factor),
    })
    .check(
      holds('values', 'one value more than there are boundaries', (schedule) => {
        const { boundaries, values } = schedule;
        return values.length === boundaries.length + 1;
      }),
    ),
  exponentialDecay: z.strictObject({
    ...{ name: z.literal('exponentialDecay'), decaySteps: steps, decayRate: above },
    staircase: z.boolean(),
  }),
  polynomialDecay: z.strictObject({
    ...{ name: z.literal('polynomialDecay'), decaySteps: steps, end: factor, power: above },
  }),
  cosineDecay: z.strictObject({
    ...{ name: z.literal('cosineDecay'), decaySteps: steps, alpha: factor },
    ...{ warmupSteps: anySteps, start: factor },
  }),
  oneCycle: z
    .strictObject({
      ...{ name: z.literal('oneCycle'), totalSteps: steps, pctStart: part },
      ...{ divFactor: above, finalDivFactor: above },
    })
    .check(
      holds('totalSteps', 'so many that the rise takes more than one', (schedule) => {
        return schedule.pctStart * schedule.totalSteps > 1;
      }),
    ),
};

export function isSchedule(value: unknown): boolean {
  return Object.values(SCHEMAS).some((schema) => schema.safeParse(value).success);
}

function checked<T extends LearningRateSchedule>(schedule: T): T {
  check(SCHEMAS[schedule.name], schedule);
  return schedule;
}

type Options<N extends ScheduleName, Defaults extends keyof Schedules[N] = never> = Omit<
  Schedules[N],
  Defaults
> &
  Partial<Pick<Schedules[N], Defaults>>;

/** Factors that change at given steps: `values[0]` up to and with step `boundaries[0]`. @throws TrainingError */
export function piecewiseConstantDecay(
  options: Options<'piecewiseConstantDecay'>,
): LearningRateSchedule {
  return checked({ ...options, name: 'piecewiseConstantDecay' });
}

/** decayRate^(step / decaySteps). @throws TrainingError */
export function exponentialDecay(
  options: Options<'exponentialDecay', 'staircase'>,
): LearningRateSchedule {
  return checked({ staircase: false, ...options, name: 'exponentialDecay' });
}

/** Down to `end` (0.01 by default, as Keras' ratio of its two rates) by a power, 1 by default. @throws TrainingError */
export function polynomialDecay(
  options: Options<'polynomialDecay', 'end' | 'power'>,
): LearningRateSchedule {
  return checked({ end: 0.01, power: 1, ...options, name: 'polynomialDecay' });
}

/** Half a cosine down to `alpha` (0 by default), after a warm-up where `warmupSteps` is given. @throws TrainingError */
export function cosineDecay(
  options: Options<'cosineDecay', 'alpha' | 'warmupSteps' | 'start'>,
): LearningRateSchedule {
  return checked({ alpha: 0, warmupSteps: 0, start: 0, ...options, name: 'cosineDecay' });
}

/** Up to the optimizer's rate and far down again within `totalSteps`; PyTorch's defaults. @throws TrainingError */
export function oneCycle(
  options: Options<'oneCycle', 'pctStart' | 'divFactor' | 'finalDivFactor'>,
): LearningRateSchedule {
  const defaults = { pctStart: 0.3, divFactor: 25, finalDivFactor: 1e4 };
  return checked({ ...defaults, ...options, name: 'oneCycle' });
}
