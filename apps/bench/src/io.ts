/** The outside world of one invocation: streams, environment, signals. Tests hand in their own. */

import { printableLines } from '@fashion-bench/report';

import type { StopSignal } from './errors.ts';

export interface TextSink {
  write(text: string): void;
}

export interface Io {
  /** Results only. */
  readonly stdout: TextSink;
  /** Progress, notes and errors. */
  readonly stderr: TextSink;
  /** Where bars may be drawn: standard error when it is a terminal, else null. */
  readonly terminal: NodeJS.WritableStream | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls the listener once, at the first signal to stop. Gives back a function that takes the listener away. */
  readonly onStop: (listener: (signal: StopSignal) => void) => () => void;
}

/**
 * The same streams for texts that hold what others wrote: nothing in them steers a terminal. Line ends stay, so a text from
 * outside that must stay on its line goes through `printable` where the line is made. JSON keeps its values.
 */
export function printableIo(io: Io): Io {
  const printing = (sink: TextSink): TextSink => ({
    write: (text) => {
      sink.write(printableLines(text));
    },
  });
  return { ...io, stdout: printing(io.stdout), stderr: printing(io.stderr) };
}

/** npm and pnpm may pass a Ctrl-C on that the terminal has sent to every process already: one press, two signals. */
const ONE_PRESS_MS = 500;

/** The real process. Soon after the first signal Node's default is back: a second one ends the process at once. */
export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    terminal: process.stderr.isTTY ? process.stderr : null,
    env: process.env,
    onStop: (listener) => {
      const remove = (): void => {
        process.off('SIGINT', handle);
        process.off('SIGTERM', handle);
      };
      let heard = false;
      const handle = (signal: NodeJS.Signals): void => {
        if (heard) return;
        heard = true;
        setTimeout(remove, ONE_PRESS_MS).unref();
        listener(signal === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
      };
      process.on('SIGINT', handle);
      process.on('SIGTERM', handle);
      return remove;
    },
  };
}
