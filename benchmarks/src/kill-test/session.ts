/** One process that trains, and its end by SIGKILL at a moment of its life. */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

import type { Kill } from './record.ts';

/** Arguments of node up to the program's own, and the folder that it runs in. */
export interface Program {
  readonly args: readonly string[];
  readonly cwd: string;
}

export type Moment = Pick<Kill, 'moment' | 'delayMilliseconds'>;

const POLL_MS = 1;

/** Names in a folder, none where there is no folder. */
function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isUnfinished(name: string): boolean {
  return name.endsWith('.tmp');
}

/**
 * @param run the run's folder; a training that it already holds is resumed
 * @returns null where the process came to its own end before the moment, with exit code 0
 * @throws Error where it ended otherwise
 */
export async function killedAt(
  program: Program,
  options: readonly string[],
  run: string,
  moment: Moment,
): Promise<Kill | null> {
  const folder = join(run, 'checkpoints');
  const before = new Set(namesIn(folder));
  const child = start(program, options, run);
  const isNew = (name: string): boolean => !before.has(name);
  const until = async (condition: () => boolean): Promise<void> => {
    while (child.process.exitCode === null && !condition()) await setTimeout(POLL_MS);
  };
  if (moment.moment !== 'start') {
    await until(() => namesIn(folder).some((name) => isNew(name) && !isUnfinished(name)));
  }
  await Promise.race([setTimeout(moment.delayMilliseconds), child.ended]);
  if (moment.moment === 'writing') {
    await until(() => namesIn(folder).some((name) => isNew(name) && isUnfinished(name)));
  }
  child.process.kill('SIGKILL');
  const { code, stderr } = await child.ended;
  if (code === 0) return null;
  if (code !== null) throw new Error(`The training ended with exit code ${code}: ${stderr}`);
  const after = namesIn(folder);
  const numbers = after.flatMap((name) => /^checkpoint-(\d+)\.bin$/.exec(name)?.[1] ?? []);
  return {
    ...moment,
    unfinished: after.some((name) => isNew(name) && isUnfinished(name)),
    newest: numbers.length === 0 ? null : Math.max(...numbers.map(Number)),
  };
}

/** Lets a training come to its end. @throws Error where it fails */
export async function finished(
  program: Program,
  options: readonly string[],
  run: string,
): Promise<void> {
  const { code, stderr } = await start(program, options, run).ended;
  if (code !== 0) throw new Error(`The training ended with exit code ${code}: ${stderr}`);
}

function start({ args, cwd }: Program, options: readonly string[], run: string) {
  // Killed before its first record, a run has nothing to go on with and begins anew.
  const where = existsSync(join(run, 'record.json'))
    ? ['--resume', run]
    : [...options, '--out', run];
  const child = spawn(process.execPath, [...args, 'cnn', ...where], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = text(child.stderr);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    process: child,
    ended: ended.then(async (code) => ({ code, stderr: await stderr })),
  };
}
