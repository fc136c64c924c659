import { expect, it } from 'vitest';
import { compileWasm } from '../scripts/compile-wasm.ts';
import { DROPOUT_WASM } from '../src/generated/dropout-wasm.ts';

it('the committed module is what assembly/dropout.ts compiles to', async () => {
  expect(Buffer.from(await compileWasm()).toString('base64')).toBe(DROPOUT_WASM);
}, 60_000);
