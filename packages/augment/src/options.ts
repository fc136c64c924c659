// The eraser's options: defaults and what is allowed.

import { shown } from '@fashion-bench/random';
import { checkOptions } from './checks.ts';
import { AugmentError } from './errors.ts';

/** How the images lie in memory: row by row, the channels of a pixel together. */
export interface ImageShape {
  readonly rows: number;
  readonly columns: number;
  /** Default 1. */
  readonly channels?: number | undefined;
}

/** Names and defaults are those of the eraser that the study used (see random-erasing.ts). */
export interface RandomErasingOptions {
  /** Chance of each image to be erased, 0..1; default 0.5. */
  readonly p?: number | undefined;
  /** Smallest area as a share of the image, 0..1; default 0.02. */
  readonly sL?: number | undefined;
  /** Largest area as a share of the image, sL..1; default 0.4. */
  readonly sH?: number | undefined;
  /** Smallest ratio of height to width, above 0; default 0.3. */
  readonly r1?: number | undefined;
  /** Largest ratio of height to width, at least r1; default 1 / 0.3. */
  readonly r2?: number | undefined;
  /** Lowest fill value, 0..255; default 0. */
  readonly vL?: number | undefined;
  /** Highest fill value, vL..255, itself never reached unless equal to vL; default 255. */
  readonly vH?: number | undefined;
  /** Fill each pixel and channel with a value of its own instead of one for the rectangle; default false. */
  readonly pixelLevel?: boolean | undefined;
  /** Integer in 0..2^32-1. */
  readonly seed: number;
  /** Another number gives another erasure of the same images; non-negative integer, default 0. */
  readonly epoch?: number | undefined;
}

/** All options, checked. */
export type ErasingPlan = Readonly<
  Record<'p' | 'sL' | 'sH' | 'r1' | 'r2' | 'vL' | 'vH' | 'seed' | 'epoch', number> & {
    pixelLevel: boolean;
  }
>;

/** @throws AugmentError 'option' with the option that is out of range. */
export function planErasing(options: RandomErasingOptions, shape: ImageShape): ErasingPlan {
  checkOptions('options', options, 'option');
  const plan: ErasingPlan = {
    p: options.p ?? 0.5,
    sL: options.sL ?? 0.02,
    sH: options.sH ?? 0.4,
    r1: options.r1 ?? 0.3,
    r2: options.r2 ?? 1 / 0.3,
    vL: options.vL ?? 0,
    vH: options.vH ?? 255,
    pixelLevel: options.pixelLevel ?? false,
    seed: options.seed,
    epoch: options.epoch ?? 0,
  };
  const { p, sL, sH, r1, r2, vL, vH } = plan;
  checkRange('p', p, 0, 1);
  checkRange('sL', sL, 0, 1);
  checkRange('sH', sH, sL, 1);
  checkRange('r1', r1, Number.MIN_VALUE, Number.MAX_VALUE);
  checkRange('r2', r2, r1, Number.MAX_VALUE);
  checkRange('vL', vL, 0, 255);
  checkRange('vH', vH, vL, 255);
  checkFlag(plan.pixelLevel);
  if (!Number.isSafeInteger(plan.epoch) || plan.epoch < 0) {
    throw new AugmentError(
      'option',
      `epoch must be a non-negative integer, not ${shown(plan.epoch)}.`,
    );
  }
  if (p > 0) checkThatSomethingFits(plan, shape);
  return plan;
}

/**
 * The eraser draws until a rectangle fits, so one must be able to. The smallest area S fits with ratio r when
 * floor(sqrt(S / r)) <= columns and floor(sqrt(S * r)) <= rows, which is S / (columns + 1)^2 < r < (rows + 1)^2 / S.
 */
function checkThatSomethingFits({ sL, r1, r2 }: ErasingPlan, { rows, columns }: ImageShape): void {
  const area = sL * rows * columns;
  if (r2 > area / (columns + 1) ** 2 && r1 < (rows + 1) ** 2 / area) return;
  throw new AugmentError(
    'option',
    `No rectangle of at least ${sL} of the area with a ratio from ${r1} to ${r2} fits into ${rows} x ${columns} pixels: lower sL or widen r1..r2.`,
  );
}

function checkFlag(pixelLevel: unknown): void {
  if (typeof pixelLevel === 'boolean') return;
  throw new AugmentError('option', `pixelLevel must be true or false, not ${shown(pixelLevel)}.`);
}

function checkRange(name: string, value: number, low: number, high: number): void {
  if (typeof value === 'number' && value >= low && value <= high) return;
  const range =
    low === Number.MIN_VALUE
      ? 'a finite number above 0'
      : high === Number.MAX_VALUE
        ? `a finite number, at least ${low}`
        : `a number from ${low} to ${high}`;
  throw new AugmentError('option', `${name} must be ${range}, not ${shown(value)}.`);
}
