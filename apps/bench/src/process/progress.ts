/**
 * Three ways to show how far a part is: bars with the time left on a terminal, plain lines into a pipe,
 * and nothing. All of it goes to standard error. What others wrote (reasons, paths, names) neither steers the terminal nor adds
 * a line.
 */

import { printable } from '@fashion-bench/report';
import { SingleBar } from 'cli-progress';

import type { Io } from './io.ts';

export interface ProgressTask {
  /** `value` of `total` is done; `note` says what is going on, in a few words. */
  update(value: number, note?: string): void;
  /** A line worth keeping, such as the figures of an epoch. */
  log(line: string): void;
  /** Ends the task, however far it came. */
  finish(): void;
}

export interface Progress {
  task(label: string, total: number, unit: string): ProgressTask;
  /** A line that belongs to no task. */
  note(line: string): void;
}

const nothing = (): void => undefined;

export const silentProgress: Progress = {
  task: () => ({ update: nothing, log: nothing, finish: nothing }),
  note: nothing,
};

/** `75 s`, `12 min`, `3 h 5 min`: as exact as an estimate deserves. */
export function roughTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** No line sooner than this after the last, so that a log of hours stays readable. */
const LINE_EVERY_MS = 10_000;

/** @param now a clock in milliseconds, replaced in tests */
export function lineProgress(
  write: (text: string) => void,
  now: () => number = () => performance.now(),
): Progress {
  const note = (line: string): void => {
    write(`${printable(line)}\n`);
  };
  return {
    task: (label, total, unit) => {
      const start = now();
      let last = start;
      let value = 0;
      const seconds = (): number => (now() - start) / 1000;
      note(`${label}: ${total} ${unit}`);
      return {
        update: (done, text) => {
          value = done;
          if (now() - last < LINE_EVERY_MS) return;
          last = now();
          const left = done === 0 ? Number.NaN : (seconds() / done) * (total - done);
          const noted = text === undefined ? '' : `, ${text}`;
          note(`${label}: ${done} of ${total} ${unit}${noted}, ${roughTime(left)} left`);
        },
        log: (line) => {
          last = now();
          note(line);
        },
        finish: () => {
          const end = value < total ? `stopped at ${value} of ${total} ${unit}` : 'done';
          note(`${label}: ${end} after ${seconds().toFixed(1)} s`);
        },
      };
    },
    note,
  };
}

interface ProgressFields {
  readonly label: string;
  readonly unit: string;
  /** Time left, in words. */
  readonly left: string;
  /** What is going on; empty for nothing. */
  readonly note: string;
}

/** The usual width, where a terminal does not tell its own. */
const USUAL_COLUMNS = 80;

function columnsOf(stream: NodeJS.WritableStream): number {
  return 'columns' in stream && typeof stream.columns === 'number' && stream.columns > 0
    ? stream.columns
    : USUAL_COLUMNS;
}

/** A bar with what is known, as much of it as fits between the edges: the note, which has the loss, goes last. */
export function progressLine(
  columns: number,
  fields: ProgressFields & { readonly value: number; readonly total: number },
): string {
  const { label, unit, left, note, value, total } = fields;
  const done = total === 0 ? 1 : Math.min(1, value / total);
  const percent = `${Math.floor(100 * done)}%`;
  const bar = (size: number): string => '█'.repeat(Math.round(size * done)).padEnd(size, '░');
  const counted = `${Math.round(value)} of ${Math.round(total)} ${unit}`;
  const forms = [
    [`${label} ${bar(24)} ${percent}`, counted, `${left} left`, note],
    [`${label} ${bar(12)} ${percent}`, `${left} left`, note],
    [`${label} ${percent}`, `${left} left`, note],
    [`${label} ${percent}`, note],
    [percent, note],
    [`${label} ${percent}`],
  ].map((parts) => parts.filter((part) => part !== '').join(' | '));
  return forms.find((form) => form.length < columns) ?? percent;
}

/** Bars; lines that are worth keeping, and notes, scroll up above the bar. */
function barProgress(stream: NodeJS.WritableStream): Progress {
  let drawn: ProgressTask | undefined;
  return {
    task: (label, total, unit) => {
      const bar = new SingleBar({
        stream,
        // At each drawing anew: a window can change its width.
        format: (_, { value, total }, fields: ProgressFields) =>
          progressLine(columnsOf(stream), { ...fields, value, total }),
        hideCursor: true,
        clearOnComplete: true,
        // Without this cli-progress handles SIGINT itself, and ends the process.
        gracefulExit: false,
      });
      const start = performance.now();
      let fields: ProgressFields = { label: printable(label), unit, left: '?', note: '' };
      let value = 0;
      bar.start(total, 0, fields);
      const task: ProgressTask = {
        update: (done, note) => {
          value = done;
          const seconds = (performance.now() - start) / 1000;
          const left = done === 0 ? '?' : roughTime((seconds / done) * (total - done));
          fields = { ...fields, left, note: note === undefined ? fields.note : printable(note) };
          bar.update(done, fields);
        },
        log: (line) => {
          bar.stop();
          stream.write(`${printable(line)}\n`);
          bar.start(total, value, fields);
        },
        finish: () => {
          bar.stop();
          drawn = undefined;
        },
      };
      drawn = task;
      return task;
    },
    note: (line) => {
      if (drawn === undefined) stream.write(`${printable(line)}\n`);
      else drawn.log(line);
    },
  };
}

export function chooseProgress(quiet: boolean, io: Io): Progress {
  if (quiet) return silentProgress;
  if (io.terminal !== null) return barProgress(io.terminal);
  return lineProgress((text) => {
    io.stderr.write(text);
  });
}
