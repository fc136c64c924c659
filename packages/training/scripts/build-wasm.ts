/** Writes src/generated/dropout-wasm.ts. Run it after every change in assembly/. */
import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compileWasm } from './compile-wasm.ts';

const target = fileURLToPath(new URL('../src/generated/dropout-wasm.ts', import.meta.url));
const temporary = `${target}.${process.pid}.tmp`;
const base64 = Buffer.from(await compileWasm()).toString('base64');
await writeFile(
  temporary,
  `// Compiled from assembly/dropout.ts by \`pnpm wasm\`; test/wasm.test.ts compares the two.\n` +
    `export const DROPOUT_WASM: string =\n  '${base64}';\n`,
);
await rename(temporary, target);
