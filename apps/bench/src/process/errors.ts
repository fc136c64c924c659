/**
 * What goes wrong in the command line itself, and how any error becomes an exit code and one sentence.
 * The packages below have their own error classes; their messages are sentences already and pass through.
 */

import { constants } from 'node:os';

import type { Io } from './io.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, missedBand: 3 } as const;

/** The user asked for something that cannot be: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

export type OutputErrorCode =
  | 'exists'
  | 'foreign'
  | 'in-use'
  | 'no-space'
  | 'permission'
  | 'unwritable'
  | 'not-found'
  | 'unreadable';

/** What most sentences about a folder advise. */
export const OTHER_FOLDER = 'choose another folder with --out';

/** A record or report could not be written or found. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly code: OutputErrorCode;

  constructor(code: OutputErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The same in a run that is resumed, which must stay in its folder: --out is no advice there. */
  inResumedRun(): OutputError {
    const advice =
      this.code === 'in-use'
        ? 'resume a copy of the folder'
        : "copy the run's folder to another place and resume it there";
    return new OutputError(this.code, this.message.replace(OTHER_FOLDER, advice), { cause: this });
  }
}

/** The system gives this process less than it needs. */
export class ResourceError extends Error {
  override readonly name = 'ResourceError';
  readonly code = 'resource';
}

/** A picture that cannot be read, in one sentence. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code = 'image';
}

/** Ctrl-C, `kill`, a closed terminal, and Ctrl-\\. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** The user, or the system, asked to stop. The reason of the run's AbortSignal. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly code = 'interrupted';
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super(`Stopped by ${signal}.`);
    this.signal = signal;
  }

  /** The shell's convention: 128 + the signal's number. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** The `code` that every error class of this project, and of Node, carries. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** The codes of this project's errors are lower-case words; Node's are upper-case (ENOENT, ERR_MODULE_NOT_FOUND). */
function isPlanned(error: unknown): boolean {
  return /^[a-z][a-z0-9-]*$/.test(codeOf(error) ?? '');
}

/** What the system ran out of, whoever met it: libraries have errors of many kinds for that. */
function shortage(error: unknown, text: string): string | null {
  const words = `${codeOf(error) ?? ''} ${text}`;
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
