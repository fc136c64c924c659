/** The real program in a process of its own: streams, exit codes, signals. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
const TINY = ['--synthetic', '--train-limit', '200', '--test-limit', '20'];

function start(...argv: string[]): ChildProcess {
  const args = ['--conditions=@fashion-bench/source', '--import', tsx, 'src/main.ts', ...argv];
  const child = spawn(process.execPath, args, { cwd: app, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function run(...argv: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const child = start(...argv);
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

describe('the process', { timeout: 60_000 }, () => {
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

  it('Ctrl-C in a training ends it cleanly and keeps its epochs', async () => {
    const out = join(temporaryFolder(), 'run');
    const child = start('cnn', ...TINY, '--epochs', '10000', '--out', out);
    let err = '';
    child.stderr?.on('data', (data: Buffer) => {
      const before = err;
      err += data.toString();
      if (err.includes('Epoch 1 of') && !before.includes('Epoch 1 of')) child.kill('SIGINT');
    });
    expect(await exitCode(child)).toBe(130);
    expect(err).toContain('Stopping after the current step (SIGINT)');
    const record = parseRecord(readFileSync(join(out, 'record.json'), 'utf8'));
    expect(record.run.status).toBe('interrupted');
    expect(record.cnn[0]?.status).toBe('interrupted');
    expect(record.cnn[0]?.epochs.length).toBeGreaterThanOrEqual(1);
    expect(existsSync(join(out, 'report.md'))).toBe(true);
  });
});
