/**
 * `pnpm --filter @fashion-bench/benchmarks kill-test [--kills N] [--seed N] [--out FOLDER]`: the built program is killed while it
 * trains on drawn images. Run `pnpm build` before.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { describeMachine } from '../machine.ts';
import { writeRecord } from '../write-record.ts';
import { killTest } from './kill-test.ts';
import { killTestRecord } from './record.ts';

const EPOCHS = 8;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '42' },
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../../results/kill-test', import.meta.url)),
    },
  },
});
const whole = z.coerce.number<string>().int().nonnegative();
const root = fileURLToPath(new URL('../../../', import.meta.url));
const startedAt = new Date().toISOString();
const folder = await mkdtemp(join(tmpdir(), 'kill-test-'));
try {
  const result = await killTest({
    program: { args: [join(root, 'apps/bench/dist/main.js')], cwd: root },
    folder,
    kills: whole.parse(values.kills),
    seed: whole.parse(values.seed),
    epochs: EPOCHS,
    onKill: ({ moment, delayMilliseconds, unfinished, newest }) => {
      process.stdout.write(
        `Killed: ${moment} + ${delayMilliseconds} ms, newest checkpoint ${newest ?? 'none'}${unfinished ? ', another half written' : ''}\n`,
      );
    },
  });
  const record = killTestRecord.parse({
    schema: 'fashion-bench/kill-test@1',
    ...{ startedAt, machine: describeMachine(), ...result },
  });
  await writeRecord(values.out, record);
  process.stdout.write(
    `${record.kills.length} kills, ${record.killedWhileWriting} of them while a checkpoint was being written; ${record.identical} of ${record.runs.length} resumed runs identical to the uninterrupted one.\n`,
  );
  if (record.identical < record.runs.length) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
