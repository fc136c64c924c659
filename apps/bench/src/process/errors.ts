/** What goes wrong in the command line itself. The packages below have error classes of their own. */

import { constants } from 'node:os';

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
