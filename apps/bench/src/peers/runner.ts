/** One contestant as a child process that waits, answers "go" with a lap, and ends. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';

import { systemCode } from '@fashion-bench/files';
import { z } from 'zod';

import {
  type Answer,
  answerSchema,
  type Job,
  type LapAnswer,
  type ReadyAnswer,
} from './messages.ts';

/** A contestant that cannot take part, or broke off; the message is the reason. */
export class ContestantError extends Error {
  override readonly name = 'ContestantError';
  readonly code = 'contestant';
}

/** A child process with its whole environment. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** They would slow OpenBLAS down, or choose kernels for another processor, in some of the racing libraries only. */
const HINDRANCES = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];

/** The last words of a program that failed. */
const ERROR_TAIL = 2000;

const jsonLine = z.string().transform((line, context) => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});

export class Runner {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  #errors = '';

  private constructor(name: string, { file, args, env }: Command, signal: AbortSignal) {
    this.#name = name;
    this.#child = spawn(file, args, { env, signal, stdio: 'pipe' });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.on('data', (data: Buffer) => {
      this.#errors = `${this.#errors}${data.toString()}`.slice(-ERROR_TAIL);
    });
    // A program that has ended takes no more input; what it was is told by its end.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        // One that runs has been told to end by the signal: its end is waited for.
        if (this.#child.pid !== undefined) return;
        resolve(systemCode(error) === 'ENOENT' ? `there is no ${basename(file)}` : error.message);
      });
      this.#child.once('close', (code, signal) => {
        const last = this.#errors.trim().split('\n').at(-1) ?? '';
        resolve(
          `it ended with ${signal ?? `status ${code ?? ''}`}${last === '' ? '' : `: ${last}`}`,
        );
      });
    });
  }

  /**
   * Starts a contestant, hands it the job, and waits until it is warm. The signal ends it, whatever it is doing.
   *
   * @throws ContestantError with the reason why it cannot take part
   */
  static async start(
    name: string,
    command: Command,
    job: Job,
    signal: AbortSignal,
  ): Promise<{ readonly runner: Runner; readonly ready: ReadyAnswer }> {
    const clean = Object.fromEntries(
      Object.entries(command.env).filter(([key]) => !HINDRANCES.includes(key)),
    );
    const runner = new Runner(name, { ...command, env: clean }, signal);
    try {
      runner.#say(JSON.stringify(job));
      const ready = await runner.#answer();
      if (ready.type === 'ready') return { runner, ready };
      throw new ContestantError(
        ready.type === 'missing' ? ready.reason : 'it answered before it was asked',
      );
    } catch (error) {
      await runner.end();
      throw error;
    }
  }

  /** One lap. @throws ContestantError naming the contestant when it broke off */
  async lap(): Promise<LapAnswer> {
    this.#say('go');
    const answer = await this.#answer().catch((error: unknown) => {
      if (!(error instanceof ContestantError)) throw error;
      throw new ContestantError(`${this.#name} broke off: ${error.message}.`, { cause: error });
    });
    if (answer.type === 'lap') return answer;
    throw new ContestantError(
      `${this.#name} broke off: it said "${answer.type}" instead of a lap.`,
    );
  }

  /** Ends the process, whatever it is doing, and waits until it is gone. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    this.#child.kill();
    await this.#ended;
  }

  #say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async #answer(): Promise<Answer> {
    const next = await this.#lines.next();
    if (next.done === true) throw new ContestantError(await this.#ended);
    const answer = jsonLine.pipe(answerSchema).safeParse(next.value);
    if (answer.success) return answer.data;
    throw new ContestantError(`it said what nobody understands: ${next.value.slice(0, 200)}`);
  }
}
