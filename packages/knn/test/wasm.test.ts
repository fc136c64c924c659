import { expect, it } from 'vitest';
import { compileWasm } from '../scripts/compile-wasm.ts';
import { KERNEL_WASM } from '../src/generated/kernel-wasm.ts';

it('the committed kernel is what assembly/kernel.ts compiles to', async () => {
  expect(Buffer.from(await compileWasm()).toString('base64')).toBe(KERNEL_WASM);
}, 60_000);
