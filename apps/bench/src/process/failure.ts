/**
 * How any error becomes an exit code and one sentence. Most messages are sentences already, whichever package they come
 * from, and pass through.
 */

import { systemCode } from '@fashion-bench/files';

import { InterruptedError, UsageError } from './errors.ts';
import type { Io } from './io.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, missedBand: 3 } as const;

function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** The codes of this project's errors are lower-case words; Node's are upper-case (ENOENT, ERR_MODULE_NOT_FOUND). */
function isPlanned(error: unknown): boolean {
  return /^[a-z][a-z0-9-]*$/.test(systemCode(error) ?? '');
}

/** What the system ran out of, whoever met it: libraries have errors of many kinds for that. */
function shortage(error: unknown, text: string): string | null {
  const words = `${systemCode(error) ?? ''} ${text}`;
  if (/\bE[MN]FILE\b/.test(words)) {
    return 'The system lets this process open too few files at once: allow it 256 (ulimit -n 256).';
  }
  if (
    /\bENOMEM\b|WORKER_(OUT_OF_MEMORY|INIT_FAILED)|bad_alloc|allocat|out of memory|failed to map/i.test(
      words,
    )
  ) {
    return `The system gave this process no more memory (${text}): end other programs, raise its limit (ulimit -v), or take fewer --threads.`;
  }
  return null;
}

/** One line for standard error. What nobody wrote a sentence for is marked as unexpected. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/\s*\n\s*/g, ' ').trim() || 'no message';
  const ended = /[.!?]$/.test(line) ? line : `${line}.`;
  if (isPlanned(error)) return ended;
  return shortage(error, line) ?? `Unexpected error: ${ended} (FASHION_BENCH_DEBUG=1 shows where.)`;
}

/** Says what went wrong on standard error. @returns the exit code */
export function failure(error: unknown, { stderr, env }: Pick<Io, 'stderr' | 'env'>): number {
  stderr.write(`${sentenceOf(error)}\n`);
  if (env['FASHION_BENCH_DEBUG'] && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  return exitCodeOf(error);
}
