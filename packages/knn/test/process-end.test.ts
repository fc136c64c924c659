/** A forgotten `dispose()` does not keep a process alive: each way in a process of its own, which must end by itself. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each([
  ['fit by Manhattan distance, no search', ''],
  ['more threads than pieces of work', ''],
  ['a search that is still at work is waited for', 'found'],
])('%s', async (way, output) => {
  const program = fileURLToPath(new URL('./support/forgets.ts', import.meta.url));
  const args = ['--conditions=@fashion-bench/source', '--import', 'tsx', program, way];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 250_000 });
  expect(stdout).toBe(output);
});
