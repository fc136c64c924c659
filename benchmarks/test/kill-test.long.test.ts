/** The kill test in short, on the sources, and the record of the long one. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, it, onTestFinished } from 'vitest';

import { killTest } from '../src/kill-test/kill-test.ts';
import { killTestRecord } from '../src/kill-test/record.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const app = join(import.meta.dirname, '..', '..', 'apps', 'bench');

describe('a training that is killed', () => {
  it('ends as if it had been left alone, also when killed while a checkpoint is written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kill-test-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const args = ['--conditions=@fashion-bench/source', '--import', tsx, 'src/main.ts'];
    const program = { args, cwd: app };
    const result = await killTest({ program, folder, kills: 2, seed: 7, epochs: 2 });
    expect(result.kills.map(({ moment }) => moment)).toEqual(['writing', 'training']);
    expect(result.identical).toBe(result.runs.length);
    expect(result.runs.every((run) => run.weightsSha256 === result.uninterrupted)).toBe(true);
  });

  it('the record of twenty kills says the same', () => {
    const path = join(import.meta.dirname, '..', 'results', 'kill-test', 'record.json');
    const record = killTestRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(record.kills.length).toBeGreaterThanOrEqual(20);
    expect(record.killedWhileWriting).toBeGreaterThanOrEqual(1);
    expect(record.identical).toBe(record.runs.length);
  });
});
