/** What the program loads before it knows that it needs it. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';
import { z } from 'zod';

import { temporaryFolder } from './fakes.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Prints the address of every module that is asked for, on standard error. */
const HOOK = `export async function resolve(name, context, next) {
  const found = await next(name, context);
  process.stderr.write(found.url + '\\n');
  return found;
}`;
const module = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(module(HOOK))});`;

async function loadedBy(...argv: string[]): Promise<string[]> {
  const { stderr } = await promisify(execFile)(
    process.execPath,
    [
      ...['--conditions=@fashion-bench/source', '--import', tsx],
      ...['--import', module(REGISTER), 'src/main.ts'],
      ...argv,
    ],
    { cwd: join(import.meta.dirname, '..'), maxBuffer: 2 ** 26 },
  );
  return stderr.split('\n');
}

it.each([
  ['--help', /node_modules\/(?:vega|vega-lite|@tensorflow|onnxruntime-[a-z]+|h5wasm)\//],
  ['--version', /node_modules\/(?:vega|vega-lite|@tensorflow|onnxruntime-[a-z]+|h5wasm)\//],
  ['engines', /node_modules\/(?:vega|vega-lite|@tensorflow\/tfjs|h5wasm)\//],
])('%s loads no library that it has no use for', async (word, heavy) => {
  const loaded = await loadedBy(word);
  expect(loaded.filter((url) => url.includes('/apps/bench/src/cli.ts'))).not.toEqual([]);
  expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
});

it('the first build is announced, on standard error, and no other', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8');
  const { bench } = z
    .object({ scripts: z.object({ bench: z.string() }) })
    .parse(JSON.parse(manifest)).scripts;
  const [announce = ''] = bench.split(' && tsc ');
  const cwd = temporaryFolder();
  const say = (): unknown => spawnSync(announce, { cwd, shell: true, encoding: 'utf8' });
  expect(say()).toMatchObject({
    ...{ status: 0, stdout: '' },
    stderr: 'Building for the first time, which takes about 20 seconds.\n',
  });
  mkdirSync(join(cwd, 'apps/bench/dist'), { recursive: true });
  writeFileSync(join(cwd, 'apps/bench/dist/main.js'), '');
  expect(say()).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
