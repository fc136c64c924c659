import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('a training that is forgotten while it waits for images does not keep the process alive', async () => {
  const program = fileURLToPath(new URL('./support/forgets.ts', import.meta.url));
  const args = ['--conditions=@fashion-bench/source', '--import', 'tsx', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 250_000 });
  expect(stdout).toBe('one event');
});
