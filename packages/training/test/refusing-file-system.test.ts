// Network shares and buckets refuse the fsync of a folder: the checkpoint is there all the same, and the old ones go.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from './support/checkpoints.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const source = here('../../../../shared/cases/refusing-filesystem.c');
const reason =
  process.platform !== 'linux'
    ? 'LD_PRELOAD needs Linux'
    : !existsSync(source)
      ? 'the cases are not there'
      : spawnSync('gcc', ['--version']).error && 'there is no gcc';

const PROGRAM = `
  import { CheckpointFolder } from ${JSON.stringify(here('../src/checkpoint/folder.ts'))};
  const state = { weights: new Float32Array(3), slots: [], step: 1 };
  const position = { epoch: 1, step: 1, lossSum: 0, correct: 0, seconds: 0 };
  const checkpoint = {
    snapshot: { state, position }, configuration: { seed: 1, trainCount: 3 },
    environment: {}, streams: [], order: null, history: [],
  };
  const folder = new CheckpointFolder(process.env.FOLDER);
  for (let i = 0; i < 5; i++) await folder.save(checkpoint).catch((e) => console.log(e.message));
`;

test.skipIf(reason)(`fsync of a folder refused${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const root = scratchFolder();
  const shim = join(root, 'shim.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-o', shim, source, '-ldl']);
  const run = (name: string, errno: number): { said: string; kept: string[] } => {
    const folder = join(root, name);
    const flags = ['--import', 'tsx', '--conditions', '@fashion-bench/source'];
    const said = execFileSync(process.execPath, [...flags, '--input-type=module', '-e', PROGRAM], {
      cwd: here('..'),
      encoding: 'utf8',
      env: {
        ...process.env,
        ...{ LD_PRELOAD: shim, SHIM_ROOT: root, DIRSYNC_ERRNO: String(errno), FOLDER: folder },
      },
    });
    return { said, kept: readdirSync(folder).sort() };
  };
  for (const name of ['EINVAL', 'ENOTSUP', 'EPERM'] as const) {
    expect(run(name, constants.errno[name])).toEqual({
      said: '',
      kept: ['checkpoint-000004.bin', 'checkpoint-000005.bin'],
    });
  }
  // A disk that fails is not one that refuses.
  expect(run('EIO', constants.errno.EIO).said).toMatch(/No checkpoint could be written to .*EIO/);
});
