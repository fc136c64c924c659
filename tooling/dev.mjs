/** `pnpm dev PACKAGE [TEST…]`: a package's tests in watch mode. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const [name, ...tests] = process.argv.slice(2);
const folder = ['packages', 'apps', 'tooling', '.']
  .map((parent) => `${parent}/${name}`)
  .find((path) => name !== undefined && existsSync(`${path}/package.json`));
if (folder === undefined) {
  console.error('Name a package, as in: pnpm dev knn');
  process.exitCode = 2;
} else {
  const config = '../'.repeat(folder.startsWith('./') ? 1 : 2) + 'vitest.config.ts';
  const args = ['--dir', folder, 'exec', 'vitest', '--config', config, ...tests];
  process.exitCode =
    spawnSync('pnpm', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;
}
