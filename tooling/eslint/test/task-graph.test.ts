/**
 * One changed file re-runs the tasks of what depends on it, and no others: what turbo itself says, asked in a copy of the
 * repository in which the file is changed.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../../..');
const turbo = createRequire(join(root, 'package.json')).resolve('turbo/bin/turbo');
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', '.turbo', '.cache', 'results']);

const dryRun = z.object({
  tasks: z.array(z.object({ taskId: z.string(), hash: z.string(), command: z.string() })),
});

let copy = '';
let before: ReadonlyMap<string, string>;

/** The hash of every task that there is, by `room#task`. */
function hashes(): ReadonlyMap<string, string> {
  const words = ['run', 'build', 'typecheck', 'lint', 'test', 'test:long', '--dry=json'];
  const answer = execFileSync(process.execPath, [turbo, ...words, '--skip-infer'], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Map(
    dryRun
      .parse(JSON.parse(answer))
      .tasks.filter(({ command }) => command !== '<NONEXISTENT>')
      .map(({ taskId, hash }) => [taskId.replace('@fashion-bench/', ''), hash]),
  );
}

/** Every task of these rooms. */
function allOf(...rooms: readonly string[]): string[] {
  return [...before.keys()].filter((id) => rooms.includes(id.split('#')[0] ?? ''));
}

/** These tasks, of every room that has them. */
function everywhere(...tasks: readonly string[]): string[] {
  return [...before.keys()].filter((id) => tasks.includes(id.split('#')[1] ?? ''));
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'task-graph-'));
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  before = hashes();
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
});

const USE_RANDOM = ['random', 'augment', 'dataset', 'training', 'cnn'];
/** Tests of `knn` draw their images from `dataset`. */
const TEST_WITH_RANDOM = ['knn'];

const CASES: [string, () => readonly string[]][] = [
  [
    'packages/random/src/index.ts',
    () => allOf(...USE_RANDOM, ...TEST_WITH_RANDOM, 'bench', 'benchmarks', 'examples'),
  ],
  ['packages/report/src/index.ts', () => allOf('report', 'bench', 'benchmarks', 'examples')],
  ['apps/bench/src/cli.ts', () => allOf('bench')],
  [
    'packages/augment/test/random-erasing.test.ts',
    () => allOf('augment').filter((id) => id !== 'augment#build'),
  ],
  // The examples' tests run the READMEs' code and follow their links.
  ['packages/knn/README.md', () => ['examples#test']],
  ['docs/architecture.md', () => ['examples#test']],
  ['README.md', () => ['benchmarks#test', 'examples#test']],
  ['vitest.config.ts', () => [...everywhere('test', 'test:long'), 'eslint-config#lint']],
  ['tooling/eslint/layers.js', () => [...everywhere('lint'), ...allOf('eslint-config')]],
  ['tooling/typescript/base.json', () => [...before.keys()]],
];

test.each(CASES)('%s', (file, expected) => {
  appendFileSync(join(copy, file), '\n');
  const after = hashes();
  const changed = [...after].filter(([id, hash]) => before.get(id) !== hash).map(([id]) => id);
  before = after;
  expect(changed.sort()).toEqual([...new Set(expected())].sort());
});
