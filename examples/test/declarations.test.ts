// The declarations that are packed, in a strict project that checks libraries, too (`skipLibCheck: false`), and without the
// optional packages.
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = readdirSync(join(root, 'packages'));
const consumer = mkdtempSync(join(tmpdir(), 'declarations-'));
afterAll(() => {
  rmSync(consumer, { recursive: true });
});

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, unknown>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest;
}

function link(name: string, from: string): void {
  const target = join(consumer, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { force: true });
  symlinkSync(realpathSync(join(root, from, 'node_modules', name)), target);
}

writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
link('@types/node', '.');
for (const name of packages) {
  const to = join(consumer, 'node_modules/@fashion-bench', name);
  // Copied, since from a link's target the workspace's node_modules would be found, with all that is optional.
  for (const part of ['package.json', 'dist']) {
    cpSync(join(root, 'packages', name, part), join(to, part), { recursive: true });
  }
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest(name);
  const peers = Object.keys(peerDependencies).filter((peer) => !(peer in peerDependenciesMeta));
  for (const dependency of [...Object.keys(dependencies), ...peers]) {
    if (!dependency.startsWith('@fashion-bench/')) link(dependency, `packages/${name}`);
  }
}

/** What the compiler says of a program that imports these. */
async function check(specifiers: readonly string[]): Promise<readonly string[]> {
  const program = specifiers.map((name, i) => `export * as x${i} from '${name}';\n`);
  writeFileSync(join(consumer, 'index.ts'), program.join(''));
  const compilerOptions = {
    // With the target's own `lib`, so with the DOM's types: onnxruntime's declarations name some.
    ...{ target: 'es2023', module: 'nodenext', types: ['node'] },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
  };
  const files = ['index.ts'];
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
  const run = promisify(execFile)(process.execPath, [tsc, '-p', consumer], { maxBuffer: 1 << 26 });
  const said: unknown = await run.catch((error: unknown) => error);
  const text = typeof said === 'object' && said !== null && 'stdout' in said ? said.stdout : said;
  return String(text).split('\n').filter(Boolean);
}

/** Their declarations name TensorFlow.js' types, whose own declarations (4.22) do not pass such a check. */
const WITH_TFJS = ['cnn', 'model-files', 'training'];

test('packages without TensorFlow.js in their types', async () => {
  const names = packages.filter((name) => !WITH_TFJS.includes(name));
  expect(await check(names.map((name) => `@fashion-bench/${name}`))).toEqual([]);
});

test('all packages and their subpaths: nothing is said of a file of ours', async () => {
  const specifiers = packages.flatMap((name) =>
    Object.keys(manifest(name).exports)
      .filter((path) => path !== './package.json' && path !== './tfjs-node')
      .map((path) => `@fashion-bench/${name}${path.slice(1)}`),
  );
  const said = await check(specifiers);
  expect(said.filter((line) => /^index\.ts|@fashion-bench/.test(line))).toEqual([]);
});
