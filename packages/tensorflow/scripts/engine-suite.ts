/**
 * `pnpm test:tensorflow --from DIR`: builds the binding for a TensorFlow library into a temporary folder and runs on it
 * every suite that knows the engine. Fetches nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { BINDING_VARIABLE, buildBinding } from '../src/index.ts';

/** Folder under packages/, and the files and the titles of its suite. */
const SUITES: readonly (readonly [room: string, ...words: string[]])[] = [
  ['tensorflow'],
  ['engine', 'test/tensorflow.test.ts'],
  ['training', '-t', '^(gradients|pooling|masks|tensorflow)'],
  ['knn', 'test/tensorflow.test.ts'],
];

const root = resolve(import.meta.dirname, '../../..');

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { from: { type: 'string' } } });
  if (values.from === undefined) {
    say('Usage: pnpm test:tensorflow --from DIR, the folder of a TensorFlow library');
    return 2;
  }
  const into = mkdtempSync(join(tmpdir(), 'fashion-bench-tensorflow-'));
  try {
    const { device } = await buildBinding({
      from: resolve(process.env['INIT_CWD'] ?? '.', values.from),
      into,
      onStage: say,
    });
    say(`TensorFlow ${device.tensorflow}, on ${device.gpu?.name ?? 'the CPU'}`);
    const failed = SUITES.filter(([room, ...words]) => {
      const { status } = spawnSync(
        process.execPath,
        [
          join(root, 'node_modules', 'vitest', 'vitest.mjs'),
          ...['run', '--config', '../../vitest.config.ts', '--reporter', 'default', ...words],
        ],
        {
          cwd: join(root, 'packages', room),
          env: { ...process.env, [BINDING_VARIABLE]: into },
          stdio: 'inherit',
        },
      );
      return status !== 0;
    });
    for (const [room] of failed) say(`FAILED: packages/${room}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
