/** The folders of the sources, each of which imports only itself and those before it. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { expect, it } from 'vitest';

const ORDER = [
  ...['process', 'command-line', 'output', 'images', 'data', 'run', 'parts', 'peers'],
  '', // main.ts, cli.ts and services.ts
];

const sources = join(import.meta.dirname, '../src');

function folderOf(file: string): string {
  const [folder = '', ...below] = relative(sources, file).split(/[\\/]/);
  return below.length === 0 ? '' : folder;
}

it('imports, of types as well, go one way through the folders', () => {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  const imports = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const path = join(sources, file);
      const found = readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
      return [...found].map(([, target = '']) => ({ file, to: resolve(dirname(path), target) }));
    });
  expect(imports.length).toBeGreaterThan(100);
  const known = imports.every(({ file, to }) =>
    [folderOf(join(sources, file)), folderOf(to)].every((folder) => ORDER.includes(folder)),
  );
  expect(known).toBe(true);
  const backwards = imports.filter(
    ({ file, to }) => ORDER.indexOf(folderOf(to)) > ORDER.indexOf(folderOf(join(sources, file))),
  );
  expect(backwards).toEqual([]);
});
