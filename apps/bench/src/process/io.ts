/** The outside world of one invocation: streams, environment, signals. Tests hand in their own. */

import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

import { STOP_SIGNALS, type StopSignal } from './errors.ts';

export interface TextSink {
  write(text: string): void;
}

export interface Io {
  /** Results only. */
  readonly stdout: TextSink;
  /** Progress, notes and errors. */
  readonly stderr: TextSink;
  /** Where bars may be drawn: standard error when it is a terminal that can move its cursor, else null. */
  readonly terminal: NodeJS.WritableStream | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls the listener once, at the first signal to stop. Gives back a function that takes the listener away. */
  readonly onStop: (listener: (signal: StopSignal) => void) => () => void;
}

/** The streams of the process, any of which can go away at any time: a full disk, `| head`, a closed terminal. */
export interface ProcessIo extends Io {
  /** What is to be said of results that standard output did not take; null when it took all, or its reader had enough. */
  readonly lostOutput: () => Promise<string | null>;
}

/** npm and pnpm may pass a Ctrl-C on that the terminal has sent to every process already: one press, two signals. */
const ONE_PRESS_MS = 500;

/** The real process. Soon after the first signal Node's default is back: a second one ends the process at once. */
export function processIo(): ProcessIo {
  const { stdout, stderr, env } = process;
  let lost: NodeJS.ErrnoException | null = null;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Nor is it a loss when the terminal is closed.
    if (error.code !== 'EPIPE' && !stdout.isTTY) lost ??= error;
  });
  // A log that goes away takes no measurement with it.
  stderr.on('error', () => undefined);
  forgetLostTerminals();
  return {
    stdout,
    stderr,
    terminal: stderr.isTTY && stderr.hasColors() && !env['CI'] ? stderr : null,
    env,
    onStop,
    lostOutput: async () => {
      // The last write's error, if any, is known when this one's turn comes.
      await new Promise((resolve) => stdout.write('', resolve));
      return lost === null
        ? null
        : `Standard output took no more (${lost.message}): what was printed there is not whole; send it elsewhere.`;
    },
  };
}

/** At its end Node gives each terminal its modes back, and aborts where that fails: it must not know of one that is gone. */
function forgetLostTerminals(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on('exit', () => {
    for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
  });
}

function onStop(listener: (signal: StopSignal) => void): () => void {
  let heard = false;
  const handlers = STOP_SIGNALS.map((signal) => ({
    signal,
    handle: (): void => {
      hear(signal);
    },
  }));
  const remove = (kept?: StopSignal): void => {
    for (const { signal, handle } of handlers) if (signal !== kept) process.off(signal, handle);
  };
  const hear = (signal: StopSignal): void => {
    if (heard) return;
    heard = true;
    // A closed terminal is told of by the system and by the shell, whenever they come to it, and asks for no haste.
    setTimeout(remove, ONE_PRESS_MS, 'SIGHUP').unref();
    listener(signal);
  };
  for (const { signal, handle } of handlers) process.on(signal, handle);
  return remove;
}
