// Every TypeScript block of every README and page of docs/ is a whole program: all are type-checked strictly, in one go,
// and run, each in an empty folder, against the built packages. What a comment behind a console.log says is what the line
// prints, where … stands for whatever differs between machines.
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, expect, test } from 'vitest';

import { pattern, runProgram } from './run-program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside this package, whose dependencies are all packages of the repository.
const scratch = fileURLToPath(new URL('../.cache/readmes/', import.meta.url));

const FENCE = /^( *)```(?:ts|mts|typescript|js|mjs|javascript)\b[^\n]*\n(.*?)^\1```$/gms;

interface Block {
  /** Such as `packages/knn/README.md, line 10`. */
  readonly place: string;
  readonly page: string;
  readonly code: string;
  /** Of the program made from it. */
  readonly file: string;
}

function subfolders(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
}

/** Pages that are written by hand; those below benchmarks/results are not. */
function pages(): string[] {
  const parents = ['packages', 'apps', 'benchmarks', 'tooling'];
  return ['.', 'docs', 'examples', 'benchmarks', ...parents.flatMap(subfolders)]
    .filter((folder) => !folder.endsWith('node_modules') && folder !== 'benchmarks/results')
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.md'));
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(FENCE)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    const file = join(scratch, `${page.replaceAll(/\W+/g, '-')}-${line}.ts`);
    return { place: `${page}, line ${line}`, page, code: match[2] ?? '', file };
  });
}

const blocks = pages().flatMap(blocksOf);

/** What the comments behind a block's lines of output promise. */
function promisedOutput(code: string): RegExp {
  const lines = [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, text = '']) => text,
  );
  return new RegExp(lines.map((line) => `^${pattern(line)}$`).join('[^]*?'), 'm');
}

const data =
  [process.env['FASHION_MNIST_DIR'], join(root, '../shared/fashion-mnist')].find(
    (folder) => folder !== undefined && existsSync(folder),
  ) ?? '';

/** Why a page's blocks are type-checked only. */
const MISSING: Readonly<Record<string, string | false>> = {
  'packages/dataset/README.md': data === '' && 'Fashion-MNIST is not on this machine',
  'packages/tensorflow/README.md':
    process.env['FASHION_BENCH_TENSORFLOW'] === undefined && 'FASHION_BENCH_TENSORFLOW is not set',
};

/** What a page's text says a reader has. */
const GIVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'packages/report/README.md': {
    'record.json': join(root, 'packages/report/test/fixtures/full.record.json'),
  },
};

beforeAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const { file, code } of blocks) writeFileSync(file, code);
});

test('every package has an example in its README', () => {
  for (const { code } of blocks) expect(code).not.toContain('```');
  const seen = new Set(blocks.map(({ page }) => page));
  expect(subfolders('packages').filter((name) => !seen.has(`${name}/README.md`))).toEqual([]);
});

test('all are type-checked as in a strict project', async () => {
  const configuration = {
    extends: join(root, 'tooling/typescript/base.json'),
    // Without the condition @fashion-bench/source: the declarations that others get.
    compilerOptions: { noEmit: true, customConditions: [] },
    include: ['*.ts'],
  };
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(configuration));
  const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
  const said = await promisify(execFile)(process.execPath, [tsc, '-p', scratch]).catch(
    (error: unknown) => error,
  );
  expect(said).toEqual({ stdout: '', stderr: '' });
});

for (const { place, page, code, file } of blocks) {
  const missing = MISSING[page] ?? false;
  const title = `${place}, runs and prints what it says${missing === false ? '' : ` (${missing})`}`;
  test.skipIf(missing !== false)(title, async () => {
    const cwd = join(scratch, `in-${place.replaceAll(/\W+/g, '-')}`);
    mkdirSync(cwd);
    for (const [name, from] of Object.entries(GIVEN[page] ?? {})) {
      copyFileSync(from, join(cwd, name));
    }
    const env = { FASHION_MNIST_DIR: data };
    const { stdout, left, behindYourBack } = await runProgram(file, { cwd, env });
    expect(stdout).toMatch(promisedOutput(code));
    expect({ left, behindYourBack }).toEqual({ left: [], behindYourBack: [] });
  });
}
