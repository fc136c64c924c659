import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Linter } from 'eslint';
import { expect, onTestFinished, test } from 'vitest';
import tseslint from 'typescript-eslint';

import { circlesConfig } from '../circles.js';

test('a circle is found, also one of type imports and import() alone', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'circles-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const files = {
    'one.ts': "import { x } from './two.ts';\nexport const y = x;\n",
    'two.ts': "export const x = 1;\nexport type { Z } from './three.ts';\n",
    'three.ts': "export const z = () => import('./one.ts');\nexport type Z = 1;\n",
    'user.ts': "import { y } from './one.ts';\nexport const w = y;\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const linter = new Linter({ cwd: folder });
  const config = [{ ...circlesConfig, languageOptions: { parser: tseslint.parser } }] as never;
  const objections = (name: string): string[] => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    return linter.verify(text, config, path.join(folder, name)).map(({ message }) => message);
  };
  const circle = 'These files import each other in a circle:';
  expect(objections('one.ts')).toEqual([`${circle} two.ts, three.ts, one.ts.`]);
  expect(objections('two.ts')).toEqual([`${circle} three.ts, one.ts, two.ts.`]);
  expect(objections('three.ts')).toEqual([`${circle} one.ts, two.ts, three.ts.`]);
  // It is in none itself.
  expect(objections('user.ts')).toEqual([]);
});
