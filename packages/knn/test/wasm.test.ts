import { expect, it } from 'vitest';
import { compileWasm } from '../scripts/compile-wasm.ts';
import { KERNEL_WASM } from '../src/generated/kernel-wasm.ts';
import { MANHATTAN_WASM } from '../src/generated/manhattan-wasm.ts';

it.each([
  ['kernel', KERNEL_WASM],
  ['manhattan', MANHATTAN_WASM],
] as const)(
  'the committed module is what assembly/%s.ts compiles to',
  async (name, committed) => {
    expect(Buffer.from(await compileWasm(name)).toString('base64')).toBe(committed);
  },
  60_000,
);
