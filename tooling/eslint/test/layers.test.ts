// The table of layers against what the packages say of themselves: folders, package.json and TypeScript references.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { PACKAGES, allowedImports } from '../layers.js';

const SCOPE = '@fashion-bench/';
const root = new URL('../../../', import.meta.url);

type Part = Record<string, string>;

interface Manifest {
  name: string;
  dependencies: Part;
  devDependencies: Part;
  peerDependencies: Part;
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function stringsOf(value: unknown): Part {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([key, text]) => [key, String(text)]));
}

function manifest(folder: string): Manifest {
  const value = json(`${folder}/package.json`);
  return {
    name: String(field(value, 'name')),
    dependencies: stringsOf(field(value, 'dependencies')),
    devDependencies: stringsOf(field(value, 'devDependencies')),
    peerDependencies: stringsOf(field(value, 'peerDependencies')),
  };
}

/** The packages of this repository among these dependencies, without the scope. */
function ours(dependencies: Part): string[] {
  return Object.keys(dependencies)
    .filter((name) => name.startsWith(SCOPE))
    .map((name) => name.slice(SCOPE.length))
    .sort();
}

/** The folders that a tsconfig refers to, as they are written there. */
function references(path: string): string[] {
  const list = field(json(path), 'references');
  return Array.isArray(list) ? list.map((item: unknown) => String(field(item, 'path'))).sort() : [];
}

test('every folder under packages/ is in the table, and nothing else is', () => {
  const folders = readdirSync(fileURLToPath(new URL('packages/', root)));
  expect(folders.sort()).toEqual([...PACKAGES].sort());
});

test('the table has no circle', () => {
  const seen = new Set<string>();
  const enter = (name: string, from: readonly string[]): void => {
    expect(from, `${[...from, name].join(' -> ')} is a circle`).not.toContain(name);
    seen.add(name);
    for (const next of allowedImports(name, 'src')) enter(next, [...from, name]);
  };
  for (const name of PACKAGES) enter(name, []);
  expect(seen.size).toBe(PACKAGES.length);
});

test('a package that the table does not know is an error', () => {
  expect(() => allowedImports('nowhere', 'src')).toThrow('packages/nowhere is not in the table');
});

describe.each(PACKAGES)('packages/%s', (name) => {
  const {
    name: fullName,
    dependencies,
    devDependencies,
    peerDependencies,
  } = manifest(`packages/${name}`);

  test('is named after its folder', () => {
    expect(fullName).toBe(`${SCOPE}${name}`);
  });

  // The paths in the layer rules count from the root's configuration; below another one none of them would match.
  test('has no ESLint configuration of its own', () => {
    expect(existsSync(new URL(`packages/${name}/eslint.config.js`, root))).toBe(false);
  });

  // The lint rule refuses imports of others, and knip a dependency that nothing imports.
  test('depends on exactly the packages that it may import', () => {
    const dependsOn = ours({ ...dependencies, ...peerDependencies });
    expect(dependsOn).toEqual(allowedImports(name, 'src'));
  });

  test('depends in its tests on nothing that they may not import', () => {
    const allowed = allowedImports(name, 'test');
    expect(ours(devDependencies).filter((other) => !allowed.includes(other))).toEqual([]);
  });

  test('refers in tsconfig.build.json to exactly the packages that it depends on', () => {
    const expected = ours({ ...dependencies, ...peerDependencies }).map(
      (other) => `../${other}/tsconfig.build.json`,
    );
    expect(references(`packages/${name}/tsconfig.build.json`)).toEqual(expected);
  });
});

test('apps/bench refers to exactly the packages that it depends on', () => {
  const expected = ours(manifest('apps/bench').dependencies).map(
    (other) => `../../packages/${other}/tsconfig.build.json`,
  );
  expect(references('apps/bench/tsconfig.build.json')).toEqual(expected);
});

test('`tsc -b` at the root builds every package and the app', () => {
  const expected = [...PACKAGES.map((name) => `packages/${name}`), 'apps/bench'].map(
    (folder) => `${folder}/tsconfig.build.json`,
  );
  expect(references('tsconfig.json')).toEqual(expected.sort());
});
