// Runs every example as a program of its own, against the built packages, and compares what it prints with the comment
// at its end: so the comment stays true, and whoever copies the file knows what to expect.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { noTrace, pattern, runProgram } from './run-program.ts';

const folder = fileURLToPath(new URL('../src/', import.meta.url));
const examples = readdirSync(folder).filter((name) => name.endsWith('.ts'));

/** The comment "Prints:" that every example ends with, where … stands for whatever differs between machines. */
function promisedOutput(name: string): RegExp {
  const match = /\n\/\* Prints:\n(.*)\*\/\n$/s.exec(readFileSync(`${folder}${name}`, 'utf8'));
  if (match?.[1] === undefined)
    throw new Error(`examples/src/${name} does not end with a comment "Prints:".`);
  return new RegExp(`^${pattern(match[1])}$`);
}

test('every package has an example, and every example a package', () => {
  const packages = readdirSync(fileURLToPath(new URL('../../packages/', import.meta.url)));
  expect(examples.sort()).toEqual(packages.map((name) => `${name}.ts`).sort());
});

test.each(examples)('%s prints what its last comment says', async (name) => {
  const { stdout, left, behindYourBack } = await runProgram(`${folder}${name}`);
  expect(stdout).toMatch(promisedOutput(name));
  expect({ left, behindYourBack }).toEqual({ left: [], behindYourBack: [] });
});

test.skipIf(noTrace !== undefined)(
  `the examples were traced${noTrace ? ` (${noTrace})` : ''}`,
  () => {
    expect(noTrace).toBeUndefined();
  },
);
