import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileModule, generatedPath, wasmModules } from '../src/modules.ts';

it.each(wasmModules)(
  'package $package: the committed module is what assembly/$name compiles to',
  async (module) => {
    expect(await compileModule(module)).toBe(await readFile(generatedPath(module), 'utf8'));
  },
);
