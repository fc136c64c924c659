/** Runs a program as a newcomer does, and holds that it does nothing behind their back: no file left, no network. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Calls that reach other machines (look-ups are sent, too), and files of onnxruntime's telemetry, in strace's words. */
const BEHIND_YOUR_BACK =
  /^.*(?:\bsa_family=AF_INET6?\b|mat-debug|onnxruntime\.db|DeveloperTools).*$/gm;

const TRACE = ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg,openat'];

/** Why system calls cannot be traced here; undefined where they can. */
export const noTrace =
  spawnSync('strace', [...TRACE, '-o', '/dev/null', 'true']).status === 0
    ? undefined
    : 'strace is not installed, or may not trace here';

export interface Outcome {
  readonly stdout: string;
  /** Files and folders that it left in the user's home, cache and temporary folders. */
  readonly left: readonly string[];
  /** What it told the network or kept for it; always empty without strace. */
  readonly behindYourBack: readonly string[];
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The text of a regular expression for a promised line, where … stands for anything. */
export function pattern(promise: string): string {
  const parts = promise.split('…');
  return parts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+');
}

/**
 * Without the condition @fashion-bench/source: imports find dist/, as they do after an install from npm.
 * The environment is bare: with `CI` in it onnxruntime would be on its best behaviour.
 */
export async function runProgram(file: string, { cwd, env }: Surroundings = {}): Promise<Outcome> {
  const outside = await mkdtemp(join(tmpdir(), 'program-'));
  const home = await mkdtemp(join(outside, 'home-'));
  const log = join(outside, 'trace.log');
  const program = [process.execPath, '--import', import.meta.resolve('tsx'), file];
  const [command = '', ...args] =
    noTrace === undefined ? ['strace', ...TRACE, '-o', log, ...program] : program;
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: {
        ...{ PATH: process.env['PATH'], ...env },
        ...{ HOME: home, XDG_CACHE_HOME: home, TMPDIR: home, TSX_DISABLE_CACHE: '1' },
      },
    });
    const trace = noTrace === undefined ? await readFile(log, 'utf8') : '';
    return {
      stdout,
      left: await readdir(home),
      behindYourBack: trace.match(BEHIND_YOUR_BACK) ?? [],
    };
  } finally {
    await rm(outside, { recursive: true });
  }
}
