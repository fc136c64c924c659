/**
 * The small schemas that the record's schema is made of (units and ranges, each once), and the
 * function that makes the compiler compare a schema with its hand-written type.
 */

import { z } from 'zod';
import type { ConfusionMatrix, RunStatus } from './results.ts';

export const text: z.ZodString = z.string().min(1);
export const count: z.ZodInt = z.int().nonnegative();
export const positive: z.ZodInt = z.int().positive();
export const bytes: z.ZodInt = z.int().nonnegative();
/** Neither NaN nor infinite: JSON knows no such numbers. */
export const seconds: z.ZodNumber = z.number().nonnegative();
export const fraction: z.ZodNumber = z.number().min(0).max(1);
export const seed: z.ZodInt = z.int().min(0).max(0xffff_ffff);
export const status: z.ZodType<RunStatus, RunStatus> = z.enum(['completed', 'interrupted']);

export function list<Item extends z.ZodType>(item: Item): z.ZodReadonly<z.ZodArray<Item>> {
  return z.array(item).readonly();
}

export const confusion: z.ZodType<ConfusionMatrix | null, ConfusionMatrix | null> = list(
  list(count),
).nullable();

/** Stored fractions come from a division of the same integers: anything farther off is an error. */
const RATIO_TOLERANCE = 1e-9;

export function isRatio(fractionStored: number, correct: number, total: number): boolean {
  return Math.abs(fractionStored - correct / total) <= RATIO_TOLERANCE;
}

/**
 * `exactly<T>()(schema)` compiles only if the schema's values and T are assignable to each other, so
 * that neither can gain or lose a key alone.
 */
export function exactly<T>(): <Schema extends z.ZodType<T>>(
  schema: Schema & (T extends z.input<Schema> ? unknown : never),
) => z.ZodType<T, T>;
export function exactly<T>(): (schema: z.ZodType<T, T>) => z.ZodType<T, T> {
  return (schema) => schema;
}
