/**
 * The real program in a process of its own: streams, exit codes, signals. Nothing here may depend on how fast the machine is,
 * or on who started the tests: the limit of time is that of the lane, and ends what hangs.
 */

import { type ChildProcess, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

import { parseRecord } from '@fashion-bench/report';
import { describe, expect, it, onTestFinished } from 'vitest';

import { temporaryFolder } from './fakes.ts';

/** Runs the sources; `dist` may be old or absent in a test. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const app = join(import.meta.dirname, '..');
const NODE = [process.execPath, '--conditions=@fashion-bench/source', '--import', tsx];
const TINY = ['--synthetic', '--train-limit', '200', '--test-limit', '20'];

/** What whoever runs the tests may have set for a terminal of their own, or for other programs in Node, is not for these. */
const env = Object.fromEntries(
  Object.entries({ ...process.env, SHELL: '/bin/sh' }).filter(
    ([name]) => !/^(?:NO_COLOR|FORCE_COLOR|NODE_|FASHION_BENCH_DEBUG)/.test(name),
  ),
);

function spawned(file: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  // A group of its own, so that what it starts ends with it, however the test ends.
  const child = spawn(file, args, { cwd: app, env, stdio, detached: true });
  const end = exitCode(child);
  onTestFinished(async () => {
    try {
      process.kill(-(child.pid ?? NaN), 'SIGKILL');
    } catch {
      // It has ended, and all that it started.
    }
    // Its folder is removed next: nobody may write there any more.
    await end;
  });
  return child;
}

/** Resolves when the process has said the word on standard error, with all that it has said so far. */
function said(child: ChildProcess, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let err = '';
    child.stderr?.on('data', (data: Buffer) => {
      err += data.toString();
      if (err.includes(word)) resolve(err);
    });
    child.once('close', (code) => {
      reject(new Error(`It ended with exit code ${code} and did not say '${word}', but: ${err}`));
    });
  });
}

function start(...argv: string[]): ChildProcess {
  const [node = '', ...args] = [...NODE, 'src/main.ts', ...argv];
  return spawned(node, args, ['ignore', 'pipe', 'pipe']);
}

/** What a shell makes of `script`, in which `"$@"` is the program with these arguments. */
async function shell(script: string, ...argv: string[]): Promise<Ended> {
  const words = [...NODE, 'src/main.ts', ...argv];
  return ended(spawned('bash', ['-c', script, 'bash', ...words], ['ignore', 'pipe', 'pipe']));
}

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

async function run(...argv: string[]): Promise<Ended> {
  return ended(start(...argv));
}

async function ended(child: ChildProcess): Promise<Ended> {
  if (child.stdout === null || child.stderr === null) throw new Error('no streams');
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exitCode(child),
  ]);
  return { code, out, err };
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('close', resolve);
  });
}

/** Why a test is skipped, for its name; empty where the command goes well. */
function reasonAgainst(what: string, file: string, ...args: readonly string[]): string {
  const { status, error, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return status === 0 ? '' : ` (skipped: ${what}: ${(error?.message ?? stderr).trim()})`;
}

describe('the process', () => {
  it('--json: the record alone on standard output, silence with --quiet on the other', async () => {
    const out = join(temporaryFolder(), 'run');
    const result = await run('knn', ...TINY, '--json', '--quiet', '--out', out);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(parseRecord(result.out)).toEqual(
      parseRecord(readFileSync(join(out, 'record.json'), 'utf8')),
    );
  });

  it('wrong usage: exit code 2, standard output empty', async () => {
    const result = await run('knn', '--k', '0');
    expect(result).toEqual({
      ...{ code: 2, out: '' },
      err: "--k must be a whole number of at least 1, not '0'.\n",
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s in a training ends it cleanly and keeps its epochs', async (signal, code) => {
    const out = join(temporaryFolder(), 'run');
    const child = start('cnn', ...TINY, '--epochs', '10000', '--out', out);
    const result = ended(child);
    await said(child, 'Epoch 1 of');
    child.kill(signal);
    expect(await result).toMatchObject({
      code,
      err: expect.stringContaining(`Stopping after the current step (${signal})`) as string,
    });
    expectInterrupted(out);
  });
});

const UNSHARE = ['-pf', '--mount-proc', '--kill-child'];
const namespace = reasonAgainst('no new PID namespace here', 'unshare', ...UNSHARE, 'true');

it.skipIf(namespace !== '')(
  `a run in another PID namespace keeps its folder${namespace}`,
  async () => {
    const out = join(temporaryFolder(), 'run');
    const argv = ['cnn', ...TINY, '--epochs', '10000', '--out', out];
    const inside = spawned(
      'unshare',
      [...UNSHARE, ...NODE, 'src/main.ts', ...argv],
      ['ignore', 'ignore', 'pipe'],
    );
    await said(inside, 'Epoch 1 of');
    const { code, err } = await run('cnn', '--resume', out);
    expect(err).toMatch(
      /^Another run is at work in .* \(process 1\): wait for its end, .*; should it be dead, wait/,
    );
    expect(code).toBe(1);
  },
);

/** A true record, the last checkpoint, a report, and no lock. */
function expectInterrupted(folder: string): void {
  const record = parseRecord(readFileSync(join(folder, 'record.json'), 'utf8'));
  expect(record.run.status).toBe('interrupted');
  expect(record.cnn[0]?.status).toBe('interrupted');
  expect(record.cnn[0]?.epochs.length).toBeGreaterThanOrEqual(1);
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['checkpoints', 'report.html', 'report.md']),
  );
  expect(readdirSync(folder)).not.toContain('.run.lock');
}

describe.skipIf(!existsSync('/dev/full'))('streams that go away', () => {
  const training = ['cnn', ...TINY, '--epochs', '2', '--out'];

  it.each([
    ['a log on a full disk', '"$@" 2>/dev/full', /^CNN, 2 epochs/, 0],
    [
      'a reader that has had enough',
      'set -o pipefail; "$@" 2>&1 | head -1',
      /^CNN: 14 steps\n$/,
      0,
    ],
    ['nothing at all', '"$@" >&- 2>&-', /^$/, 0],
    ['results on a full disk', '"$@" >/dev/full 2>&1', /^$/, 1],
  ])('%s does not end a training', async (_, script, output, code) => {
    const out = join(temporaryFolder(), 'run');
    expect(await shell(script, ...training, out)).toEqual({
      ...{ code, err: '', out: expect.stringMatching(output) as string },
    });
    const record = parseRecord(readFileSync(join(out, 'record.json'), 'utf8'));
    expect(record.run.status).toBe('completed');
    expect(readdirSync(out)).not.toContain('.run.lock');
  });

  it.each(['--version', '--help', 'engines'])('%s that is lost is said to be', async (word) => {
    expect(await shell('"$@" >/dev/full', word)).toEqual({
      ...{ code: 1, out: '' },
      err: 'Standard output took no more (ENOSPC: no space left on device, write): what was printed there is not whole; send it elsewhere.\n',
    });
  });

  it('Ctrl-C that ends the reader of the log, too', async () => {
    const out = join(temporaryFolder(), 'run');
    const child = start('cnn', ...TINY, '--epochs', '10000', '--out', out);
    const code = exitCode(child);
    await said(child, 'Epoch 1 of');
    child.stderr?.destroy();
    child.kill('SIGINT');
    expect(await code).toBe(130);
    expectInterrupted(out);
  });
});

const hasTerminals = spawnSync('script', ['--version']).status === 0;

/** The program on a terminal of its own, `lines` of a shell around it; the terminal is closed when `word` is there. */
async function onTerminal(lines: string, word: string | null, ...argv: string[]): Promise<string> {
  const words = [...NODE, 'src/main.ts', ...argv].map((one) => JSON.stringify(one)).join(' ');
  // `exec`: the bash with the lines leads the session, and it alone is told that the terminal is gone.
  const command = `exec bash -c '${lines.replace('PROGRAM', words)}'`;
  const child = spawned('script', ['-qec', command, '/dev/null'], ['pipe', 'pipe', 'ignore']);
  let shown = '';
  child.stdout?.on('data', (data: Buffer) => {
    shown += data.toString();
    if (word !== null && shown.includes(word)) child.kill('SIGKILL');
  });
  await exitCode(child);
  return shown;
}

describe.skipIf(!hasTerminals)('a terminal', () => {
  it.each([
    ['the shell tells of', 'trap "kill -HUP \\$!" HUP; PROGRAM & wait $!; wait $!', 10_000, 129],
    ['nobody tells of', 'trap "" HUP; PROGRAM', 12, 0],
  ])('that is closed, which %s, loses nothing', async (_, lines, epochs, code) => {
    const folder = temporaryFolder();
    const [out, told] = [join(folder, 'run'), join(folder, 'code')];
    const argv = ['cnn', ...TINY, '--epochs', String(epochs), '--out', out];
    await onTerminal(`${lines}; echo $? >${told}`, 'Epoch 1 of', ...argv);
    const ends = { timeout: 600_000, interval: 200 };
    await expect.poll(() => existsSync(told) && readFileSync(told, 'utf8'), ends).toBe(`${code}\n`);
    if (code === 129) expectInterrupted(out);
    expect(readdirSync(out)).not.toContain('.run.lock');
    expect(readdirSync(out)).toContain('report.md');
  });

  it.each(['TERM=dumb', 'NO_COLOR=1', 'CI=true', 'TERM=xterm'])(
    'with %s gets escape sequences only where it can do with them',
    async (set) => {
      const argv = ['knn', ...TINY, '--out', join(temporaryFolder(), 'run')];
      const shown = await onTerminal(`TERM=xterm CI= ${set} PROGRAM`, null, ...argv);
      expect(shown).toContain('k-NN, k = 1 to 15');
      expect(shown.includes('\u001B')).toBe(set === 'TERM=xterm');
    },
  );
});

/**
 * As a user whom no file names. It may read and write all the same, and access(2) says so: the checkout can be one that nobody
 * else may enter.
 */
const NOBODY =
  'setpriv --reuid 54321 --regid 54321 --clear-groups --securebits +no_setuid_fixup --inh-caps +dac_override --ambient-caps +dac_override env -u HOME';
const nobody = reasonAgainst('no process of another user here', 'sh', '-c', `${NOBODY} true`);

describe.skipIf(process.platform !== 'linux')('a system that gives little', () => {
  it.each([50, 120])('%i open files', async (files) => {
    expect(await shell(`ulimit -n ${files}; "$@"`, 'engines')).toEqual({
      ...{ code: 1, out: '' },
      err: 'The system lets this process open too few files at once: allow it 256 (ulimit -n 256).\n',
    });
  });

  it('little address space', async () => {
    const script = `
      import { execFileSync } from 'node:child_process';
      import { failure } from './src/process/failure.ts';
      import { checkLimits } from './src/process/limits.ts';
      checkLimits();
      execFileSync('prlimit', ['--pid', String(process.pid), '--as=2000000000']);
      try { checkLimits(); } catch (error) { failure(error, { stderr: process.stdout, env: {} }); }`;
    // In one thread: another that asked for memory meanwhile would end the process.
    const [node, ...args] = [...NODE, '--single-threaded', '--input-type=module', '-e', script];
    const result = await ended(spawned(node, args, ['ignore', 'pipe', 'pipe']));
    expect(result).toEqual({
      ...{ code: 0, err: '' },
      out: 'This process may have 1907 MiB of address space (ulimit -v), which is too little for Node: allow it 16 GiB, or set no limit.\n',
    });
  });

  it.skipIf(nobody !== '')(
    `a user without a home and without an entry in the password file${nobody}`,
    async () => {
      expect(await shell(`${NOBODY} "$@"`, '--version')).toEqual({
        code: 0,
        err: '',
        out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
      });
    },
  );

  it('a folder that nobody can make', async () => {
    const result = await run('knn', ...TINY, '--out', '/proc/none/here');
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain('/proc/none/here could not be written');
  });
});
